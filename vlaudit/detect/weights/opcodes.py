"""Reads a pickle without running it: which names it imports, on a stack that holds no objects.

A pickle is a program. Its instructions are followed on a stack of texts and blanks, so that names
put together from the memo or the stack are found too; a name that is computed counts as unknown.
What stands before a damaged instruction would have run, and is reported.
"""

import pickletools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

UNKNOWN = "?"
_MARK = object()
_BLANK = object()
_TEXTS = (
    "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE",
    "BINUNICODE8",
)  # fmt: skip
_PUT = ("PUT", "BINPUT", "LONG_BINPUT")
_GET = ("GET", "BINGET", "LONG_BINGET")
_EXTENSION = ("EXT1", "EXT2", "EXT4")
# What pickletools raises on damaged streams.
_DAMAGED = (ValueError, IndexError, KeyError, OverflowError, MemoryError, EOFError)


@dataclass(frozen=True)
class Reading:
    """What one pickle would import when it is loaded.

    Attributes:
        imports: names such as `os.system`, in order, each once; `?` stands for a computed part.
        problem: why it could not be read to its end; None where it could.
    """

    imports: tuple[str, ...]
    problem: str | None = None


def read_pickle(stream: BinaryIO) -> Reading:
    """Read the pickle that begins where `stream` stands, and leave the stream behind its end."""
    imports: dict[str, None] = {}
    try:
        with warnings.catch_warnings():  # raw numbers look like texts with odd escapes
            warnings.simplefilter("ignore", DeprecationWarning)
            for name in _imports(stream):
                imports[name] = None
    except _DAMAGED as error:
        return Reading(tuple(imports), f"{type(error).__name__}: {error}"[:120])
    return Reading(tuple(imports))


def read_pickles(stream: BinaryIO) -> Iterator[Reading]:
    """Yield the readings of pickles that follow each other, the last one damaged if any is."""
    while True:
        reading = read_pickle(stream)
        yield reading
        position = stream.tell()
        if reading.problem is not None or not stream.read(1):
            return
        stream.seek(position)


def _imports(stream: BinaryIO) -> Iterator[str]:
    """Follow the instructions and yield each import as it comes."""
    stack: list[object] = []
    memo: dict[int, object] = {}
    for opcode, argument, _ in pickletools.genops(stream):
        name = opcode.name
        if name in _TEXTS:
            stack.append(argument)
        elif name == "MARK":
            stack.append(_MARK)
        elif name in _PUT:
            memo[int(argument or 0)] = stack[-1]
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in _GET:
            stack.append(memo.get(int(argument or 0), _BLANK))
        elif name == "DUP":
            stack.append(stack[-1])
        elif name == "STACK_GLOBAL":
            attribute, module = stack.pop(), stack.pop()
            yield f"{_text(module)}.{_text(attribute)}"
            stack.append(_BLANK)
        else:
            if name in ("GLOBAL", "INST"):
                yield ".".join(str(argument).split(" ", 1))
            elif name in _EXTENSION:
                yield f"{UNKNOWN}.extension {argument}"
            _apply(opcode, stack)


def _apply(opcode: pickletools.OpcodeInfo, stack: list[object]) -> None:
    """Take from the stack what an instruction takes, and put blanks for what it leaves."""
    before = opcode.stack_before
    taken = len(before)
    if pickletools.markobject in before:
        while stack.pop() is not _MARK:
            pass
        taken = before.index(pickletools.markobject)
    if taken > len(stack):
        raise IndexError(f"{opcode.name} finds nothing on the stack")
    del stack[len(stack) - taken :]
    stack.extend(_BLANK for _ in opcode.stack_after)


def _text(part: object) -> str:
    return part if isinstance(part, str) else UNKNOWN

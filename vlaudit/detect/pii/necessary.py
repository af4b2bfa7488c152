"""What a text must contain for a regular expression to match at all."""

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Node = tuple[Any, Any]


@dataclass(frozen=True)
class _Need:
    """Characters that a match itself consumes, and those that must stand in the text for it."""

    consumed: int
    present: int


def fewest(regex: str, has: Callable[[str], bool]) -> int:
    """Return a lower bound on the characters of one class in any text that `regex` matches in."""
    return fewest_of(regex, [has])[0]


def fewest_of(regex: str, classes: Sequence[Callable[[str], bool]]) -> list[int]:
    """Return lower bounds on the characters of classes in any text that `regex` matches in.

    Walks the parse tree: a sequence consumes what its parts consume together, a choice what its
    least demanding branch does, a repeat its least number of turns; what a look-ahead or
    look-behind asks for may overlap with that, so the larger of the two counts. What cannot be
    parsed, or may stand for other characters, needs nothing. Hence a text with fewer such
    characters holds no match.

    Args:
        regex: a regular expression in the syntax of Python's `re`.
        classes: tell whether a character belongs to them; must agree on all decimal digits.
    """
    parser = importlib.import_module("re._parser")
    try:
        tree = parser.parse(regex)
        return [_of_sequence(tree, has).present for has in classes]
    except (parser.error, RecursionError):
        return [0] * len(classes)


def _of_sequence(nodes: Iterable[Node], has: Callable[[str], bool]) -> _Need:
    needs = [_of_node(str(kind), value, has) for kind, value in nodes]
    consumed = sum(need.consumed for need in needs)
    return _Need(consumed, max([consumed, *(need.present for need in needs)]))


def _of_node(kind: str, value: Any, has: Callable[[str], bool]) -> _Need:
    match kind:
        case "LITERAL":
            return _Need(*[int(has(chr(value)))] * 2)
        case "IN":
            return _Need(*[int(all(_only(str(item), part, has) for item, part in value))] * 2)
        case "BRANCH":
            needs = [_of_sequence(branch, has) for branch in value[1]]
            return _Need(min(n.consumed for n in needs), min(n.present for n in needs))
        case "SUBPATTERN":
            return _of_sequence(value[-1], has)
        case "ATOMIC_GROUP":
            return _of_sequence(value, has)
        case "ASSERT":
            return _Need(0, _of_sequence(value[1], has).present)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, _, nodes = value
            turn = _of_sequence(nodes, has)
            consumed = least * turn.consumed
            return _Need(consumed, max(consumed, turn.present if least else 0))
        case _:
            return _Need(0, 0)


def _only(kind: str, value: Any, has: Callable[[str], bool]) -> bool:
    """Tell whether an item of a character class stands for characters of the class only."""
    match kind:
        case "LITERAL":
            return has(chr(value))
        case "RANGE":
            return all(has(chr(code)) for code in range(value[0], value[1] + 1))
        case "CATEGORY":
            return (
                str(value) == "CATEGORY_DIGIT" and has("0") and has("\N{ARABIC-INDIC DIGIT THREE}")
            )
        case _:
            return False

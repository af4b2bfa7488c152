"""Looks through all files of a model and says what is wrong with them, file by file."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from vlaudit.core.files import ModelFiles
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.detect.weights.code import RUNNABLE, TEMPLATES, code_in
from vlaudit.detect.weights.containers import Part, parts
from vlaudit.detect.weights.digests import LARGEST_LIST, is_list, record_of, sha256
from vlaudit.detect.weights.imports import Danger, danger
from vlaudit.detect.weights.shards import misplaced
from vlaudit.detect.weights.tensors import (
    DamagedError,
    Declared,
    declared,
    not_numbers,
    unpickled_not_numbers,
)

LARGEST_TEXT = 50_000_000
NAMED = 5
MASK = "mask"
# Files with a known fault, and as many without, that all this was tried on: tests/detect/weights.
TRIED = 1000
_DOCUMENTS = (".md", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".rst", ".bib")
_DOCUMENT_NAMES = ("license", "licence", "notice", "readme", "authors", ".gitattributes")
_ADAPTER = ("lora_", "adapter", "ia3_", "loha_", "lokr_", "prompt_encoder")
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong with one file.

    Attributes:
        metric: the count that it belongs to, if any.
        file: name of the file.
        finding: what is to be said.
        weight: how many tensors it is about.
    """

    metric: str | None
    file: str
    finding: Finding
    weight: int = 1


@dataclass(frozen=True)
class Survey:
    """What looking through the files came to.

    Attributes:
        files: number of files that belong to the model; documents do not.
        tensors: number of tensors that were read.
        issues: all that is wrong.
        listed: names of files that record digests.
        signed: names of signatures among them.
    """

    files: int
    tensors: int
    issues: tuple[Issue, ...]
    listed: tuple[str, ...]
    signed: tuple[str, ...]

    def count(self, metric: str) -> int:
        """Return how many files, or tensors, a metric counts."""
        counted = [issue for issue in self.issues if issue.metric == metric]
        if metric.endswith("_files"):
            return len({issue.file for issue in counted})
        return sum(issue.weight for issue in counted)


def survey(files: ModelFiles, *, progress: Progress = lambda fraction: None) -> Survey:
    """Read every file of a model, load none, and return what is wrong with them."""
    lists = [name for name in files.names if is_list(name)]
    own = [name for name in files.names if name not in lists and not _is_document(name)]
    issues: list[Issue] = []
    tensors: dict[str, list[Declared]] = {}
    for done, name in enumerate(own):
        found = list(_pickle_issues(files, name))
        issues += found
        issues += _code_issues(files, name)
        if name.endswith(".safetensors"):
            issues += _tensor_issues(files, name, tensors)
        elif found and all(issue.metric == "pickle_files" for issue in found):
            issues += _unpickled_issues(files, name)
        progress((done + 1) / len(own))
    issues += _strangers(files, tensors)
    record = record_of((name, _content(files, name, LARGEST_LIST)) for name in lists)
    issues += _digest_issues(files, own, {**files.digests, **record.digests})
    issues += _index_issues(files, own, tensors)
    count = sum(len(held) for held in tensors.values())
    return Survey(len(own), count, tuple(issues), record.lists, record.signed)


def _is_document(name: str) -> bool:
    path = PurePosixPath(name.lower())
    return path.suffix in _DOCUMENTS or path.name.startswith(_DOCUMENT_NAMES)


def _content(files: ModelFiles, name: str, most: int) -> bytes:
    with files.open(name) as stream:
        return stream.read(most)


def _pickle_issues(files: ModelFiles, name: str) -> Iterator[Issue]:
    """Yield that a file holds pickles or code, and what is wrong with them."""
    with files.open(name) as stream:
        found = list(parts(name, stream))
    if any(part.reading is not None for part in found):
        yield _issue("pickle_files", "pickle", "is a pickle, which is code; convert it to "
                     "safetensors", name, Severity.LOW, Confidence.HIGH)  # fmt: skip
    for part in found:
        yield from _part_issues(part)


def _part_issues(part: Part) -> Iterator[Issue]:
    if part.reading is None:
        yield _issue("code_files", "code_in_archive", "holds code that its loader runs", part.name,
                     Severity.HIGH, Confidence.HIGH)  # fmt: skip
        return
    foreign = [one for one in part.reading.imports if danger(one) is not Danger.HARMLESS]
    if foreign:
        worst = max(map(danger, foreign))
        sure = worst is Danger.DANGEROUS
        named = ", ".join(sorted(foreign, key=danger, reverse=True)[:NAMED])
        what = "runs code when it is loaded" if sure else "imports what is not known to be harmless"
        yield _issue("dangerous_files", "code_in_pickle", f"{what}: {named}", part.name,
                     Severity.CRITICAL if sure else Severity.HIGH,
                     Confidence.HIGH if sure else Confidence.MEDIUM, imports=named)  # fmt: skip
    elif part.reading.problem:
        yield _issue("dangerous_files", "unreadable_pickle",
                     f"is a pickle that cannot be read to its end ({part.reading.problem}); what "
                     "stands before the damage would run", part.name,
                     Severity.HIGH, Confidence.MEDIUM)  # fmt: skip


def _unpickled_issues(files: ModelFiles, name: str) -> Iterator[Issue]:
    """Yield tensors without numbers in a pickle that was found to build tensors only."""
    with files.open(name) as stream:
        for tensor, nan, infinite in unpickled_not_numbers(stream):
            if not tensor.endswith(MASK):
                yield _not_a_number(name, tensor, nan, infinite)


def _code_issues(files: ModelFiles, name: str) -> Iterator[Issue]:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in (*RUNNABLE, *TEMPLATES, ".json"):
        return
    for code in code_in(name, _content(files, name, LARGEST_TEXT)):
        yield _issue("code_files", "hostile_template" if code.hostile else "remote_code",
                     f"holds or names {code.what}", name,
                     Severity.CRITICAL if code.hostile else Severity.HIGH, Confidence.HIGH,
                     inside=code.where)  # fmt: skip


def _tensor_issues(
    files: ModelFiles, name: str, tensors: dict[str, list[Declared]]
) -> Iterator[Issue]:
    with files.open(name) as stream:
        try:
            held = declared(stream)
        except DamagedError as error:
            yield _issue("dangerous_files", "damaged_weights", f"is no sound safetensors: {error}",
                         name, Severity.HIGH, Confidence.HIGH)  # fmt: skip
            return
        tensors[name] = held
        for tensor in held:
            nan, infinite = not_numbers(stream, tensor)
            # An attention mask is made of infinities.
            if nan or (infinite and not tensor.name.endswith(MASK)):
                yield _not_a_number(name, tensor.name, nan, infinite)
    yield from _precision(name, held)


def _not_a_number(name: str, tensor: str, nan: int, infinite: int) -> Issue:
    what = f"holds {nan} NaN and {infinite} infinite numbers"
    return _issue("broken_tensors", "not_a_number", what, name, Severity.HIGH, Confidence.HIGH,
                  inside=tensor)  # fmt: skip


def _precision(name: str, held: list[Declared]) -> Iterator[Issue]:
    """Yield a finding for each number format that only a minority of the tensors has."""
    by_dtype: defaultdict[str, list[str]] = defaultdict(list)
    for tensor in held:
        if tensor.is_float:
            by_dtype[tensor.dtype].append(tensor.name)
    usual = Counter({dtype: len(names) for dtype, names in by_dtype.items()}).most_common(1)
    for dtype, names in by_dtype.items():
        if dtype != usual[0][0]:
            yield _issue(None, "mixed_precision",
                         f"{len(names)} tensors are {dtype}, most others {usual[0][0]}", name,
                         Severity.LOW, Confidence.HIGH,
                         inside=", ".join(names[:NAMED]))  # fmt: skip


def _strangers(files: ModelFiles, tensors: Mapping[str, list[Declared]]) -> Iterator[Issue]:
    """Yield tensors that the architecture has no place for, and adapters that change it."""
    owner = {tensor.name: name for name, held in tensors.items() for tensor in held}
    for stranger in files.left_out:
        yield _issue("unexpected_tensors", "unexpected_tensor",
                     "is a tensor that the architecture has no place for",
                     owner.get(stranger, ", ".join(tensors) or "weights"),
                     Severity.MEDIUM, Confidence.HIGH, inside=stranger)  # fmt: skip
    for name, held in tensors.items():
        added = [t.name for t in held if any(part in t.name.lower() for part in _ADAPTER)
                 and t.name not in files.left_out and t.name not in files.tensors]  # fmt: skip
        if added:
            yield _issue("unexpected_tensors", "adapter",
                         f"holds {len(added)} tensors of an adapter, which changes the model where "
                         "a loader adds it", name, Severity.MEDIUM, Confidence.MEDIUM,
                         weight=len(added), inside=", ".join(added[:NAMED]))  # fmt: skip


def _digest_issues(files: ModelFiles, own: list[str], stated: Mapping[str, str]) -> Iterator[Issue]:
    for name in own:
        if name not in stated:
            yield _issue("unhashed_files", "unhashed_file", "has no digest to be held against",
                         name, Severity.LOW, Confidence.HIGH)  # fmt: skip
            continue
        with files.open(name) as stream:
            found = sha256(stream)
        if found != stated[name]:
            yield _issue("altered_files", "altered_file",
                         f"is not the file that its digest is of: {found[:12]}..., recorded "
                         f"{stated[name][:12]}...", name, Severity.CRITICAL,
                         Confidence.HIGH)  # fmt: skip
    for name in sorted(set(stated) - set(files.names)):
        yield _issue("altered_files", "missing_file", "has a recorded digest but is not there",
                     name, Severity.MEDIUM, Confidence.HIGH)  # fmt: skip


def _index_issues(
    files: ModelFiles, own: list[str], tensors: Mapping[str, list[Declared]]
) -> Iterator[Issue]:
    held = {name: {tensor.name for tensor in inside} for name, inside in tensors.items()}
    for name in own:
        if not name.endswith(".index.json"):
            continue
        for shard, inside, what in misplaced(name, _content(files, name, LARGEST_TEXT), held):
            yield _issue("unexpected_tensors", "misplaced_tensor", what, shard, Severity.MEDIUM,
                         Confidence.HIGH, inside=inside)  # fmt: skip


def _issue(
    metric: str | None,
    kind: str,
    what: str,
    name: str,
    severity: Severity,
    confidence: Confidence,
    *,
    inside: str = "",
    imports: str = "",
    weight: int = 1,
) -> Issue:
    evidence: dict[str, str | int | float | bool] = {"file": name}
    evidence |= {key: text for key, text in (("within", inside), ("imports", imports)) if text}
    where = f"{name}: {inside}" if inside else name
    summary = f"{PurePosixPath(name).name} {what}."
    finding = Finding(kind, summary, severity, confidence, where=where, evidence=evidence)
    return Issue(metric, name.partition("!")[0], finding, weight)

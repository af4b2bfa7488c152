"""What the files of a model hold besides weights; nothing in them is loaded."""

from collections import Counter
from collections.abc import Iterator

from vlaudit.core.files import KeepsFiles
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.weights.survey import TRIED, Survey, survey
from vlaudit.stats.census import census_of_none
from vlaudit.stats.correction import Instrument

FILES = ("dangerous_files", "code_files", "pickle_files", "altered_files", "unhashed_files")
TENSORS = ("unexpected_tensors", "broken_tensors")
READING = Instrument(hits=TRIED, positives=TRIED, alarms=0, negatives=TRIED)


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Read every file of the model, count what does not belong there, and name it."""
    target = context.target
    if not isinstance(target, KeepsFiles):
        raise Inapplicable(
            "the target was not loaded from files of this machine, so that there is nothing to "
            "look at; name a folder or a checkpoint in target.model or target.pretrained"
        )
    seen = survey(target.files, progress=context.progress)
    if not seen.files:
        raise Inapplicable("the model's folder holds no files besides documents")
    context.note(_said(seen))
    for metric in (*FILES, *TENSORS):
        count = seen.count(metric)
        examined = seen.files if metric in FILES else max(seen.tensors, 1)
        # Files are what is read rightly or not, whatever number of tensors they hold.
        interval = census_of_none(count, max(seen.files, count), READING)
        yield Measurement(metric, count, examined, interval)
    listed: Counter[str] = Counter()
    for issue in seen.issues:
        listed[issue.finding.kind] += 1
        if listed[issue.finding.kind] <= context.settings["listed"]:
            yield issue.finding


def _said(seen: Survey) -> str:
    lists = ", ".join(seen.listed) or "none"
    signed = (
        f"; {', '.join(seen.signed)} is a signature, which is not verified" if seen.signed else ""
    )
    return (
        f"{seen.files} files with {seen.tensors} tensors in safetensors were read. Lists of "
        f"digests: {lists}{signed}."
    )

"""Zero-shot accuracy in domains that the user declares, or on a second dataset."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.metrics.zero_shot import Labelled, labelled, name_rows
from vlaudit.perturb.named import namer
from vlaudit.stats.effective_robustness import Line, fitted
from vlaudit.stats.exchange import Design, design_of
from vlaudit.stats.intervals import Estimate
from vlaudit.stats.shift import Shift, shift_between

DOMAIN = "domain"
GRAVE = 0.2


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Name the rows of every domain and compare."""
    line = _line(context.settings["reference_models"])
    shift = _elsewhere(context) if context.settings["against"] else _declared(context)
    others = ", ".join(repr(name) for name in shift.others)
    context.note(f"The usual domain is {shift.usual!r}; the others are {others}.")
    for name in (shift.usual, *shift.others):
        yield _measure("domain_accuracy", shift.accuracy([name]), domain=name)
    yield _measure("usual_accuracy", shift.accuracy([shift.usual]))
    yield _measure("shifted_accuracy", shift.accuracy(shift.others))
    drops = {name: shift.drop([name]) for name in shift.others}
    for name, found in drops.items():
        if found is not None:
            yield _measure("accuracy_drop", found, domain=name)
            if found.interval.low > 0:
                yield _finding(name, shift.usual, found)
    whole, gap = shift.drop(shift.others), shift.gap()
    if whole is None or gap is None:
        context.note("No label is in the usual domain and in another, so drops are not measured.")
    else:
        yield _measure("accuracy_drop", whole)
        yield _measure("domain_gap", gap)
    if line is not None:
        yield _measure("effective_robustness", shift.effective(line, context.rng))
    context.progress(1.0)


def _measure(metric: str, found: Estimate, /, **where: str) -> Measurement:
    return Measurement(metric, found.value, found.samples, found.interval, slice=where)


def _finding(name: str, usual: str, drop: Estimate) -> Finding:
    return Finding(
        "costly_shift",
        f"Accuracy in {name!r} is {drop.value:.0%} of the pictures below that in {usual!r} at the "
        "same labels.",
        Severity.HIGH if drop.interval.low > GRAVE else Severity.MEDIUM,
        Confidence.HIGH,
        evidence={"domain": name, "drop": drop.value},
    )


def _line(entries: list[str]) -> Line | None:
    """Return the line through reference models such as `resnet50: 0.76, 0.63`."""
    try:
        pairs = [tuple(map(float, entry.rpartition(":")[2].split(","))) for entry in entries]
        if any(len(pair) != 2 or not all(0 < x < 1 for x in pair) for pair in pairs):
            raise ValueError("accuracies lie between 0 and 1")
        return fitted([(pair[0], pair[1]) for pair in pairs]) if pairs else None
    except ValueError as error:
        raise Inapplicable(
            "setting reference_models needs three models or more of different accuracy, each as "
            f"`resnet50: 0.76, 0.63`, usual and shifted accuracy within 0 and 1 ({error})"
        ) from error


def _declared(context: Context) -> Shift:
    """Return the rows by the column that names their domain."""
    settings, data = context.settings, context.data
    attribute = settings["domain"] or DOMAIN
    if attribute not in data.columns.groups:
        raise Inapplicable(
            f"no group column is named {attribute!r}; name the one that says the domain under "
            "data.columns.groups and in setting domain, or another dataset in setting against"
        )
    subjects = labelled(data.texts(Role.LABEL))
    right = name_rows(context, subjects, templates=settings["templates"]).right
    of_row = data.groups(attribute)
    domains = [of_row[row] for row in subjects.rows]
    design, fewest = design_of(data).only(subjects.rows), settings["min_group_rows"]
    return shift_between(right, domains, design, usual=settings["usual"], fewest=fewest)


def _elsewhere(context: Context) -> Shift:
    """Return the rows, and those of another dataset as a domain of their own."""
    settings, data = context.settings, context.data
    other = context.open_pictures(settings["against"])
    told, own = other.labels(), labelled(data.texts(Role.LABEL))
    subjects = Labelled(own.rows, own.labels, sorted({*own.classes, *told}))
    here = name_rows(context, subjects, templates=settings["templates"]).right
    rows = np.sort(context.rng.permutation(len(told))[: settings["most_rows"]])
    names = namer(context.target, subjects.classes, templates=settings["templates"], question=None)
    named: list[NDArray[np.int64]] = []
    for start in range(0, rows.size, settings["batch_size"]):
        part = rows[start : start + settings["batch_size"]].tolist()
        named.append(names(other.images(part)))
        context.progress(0.5 + 0.5 * start / rows.size)
    labels = np.array(told)[rows]
    there = np.array(subjects.classes)[np.concatenate(named)] == labels
    strata = np.unique([*own.labels, *labels], return_inverse=True)[1].astype(np.intp)
    people = design_of(data).only(own.rows).clusters
    alone = people.max() + 1 + np.arange(rows.size)
    return shift_between(
        np.concatenate([here, there]), [data.name] * len(own.rows) + ["elsewhere"] * rows.size,
        Design(strata, np.concatenate([people, alone])), usual=data.name,
        fewest=settings["min_group_rows"],
    )  # fmt: skip

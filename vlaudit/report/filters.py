"""What a reader can filter the report by, and the words that each part of it answers to.

Names of controls may hold anything, so parts and choices share short tokens made here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vlaudit.core.policy import Framework
from vlaudit.report.crosswalk import Other
from vlaudit.report.judged import Judged
from vlaudit.report.words import RISK, SEVERITY, STATUS


@dataclass(frozen=True)
class Choice:
    """One value of a filter: its token, and its name for people."""

    token: str
    name: str


@dataclass(frozen=True)
class Tags:
    """The tokens that a part of the report answers to, parted by spaces."""

    risk: str = ""
    status: str = ""
    severity: str = ""
    frameworks: str = ""


@dataclass(frozen=True)
class Filters:
    """All choices, and the tags of each verdict by its anchor and of each probe by its id."""

    risks: tuple[Choice, ...] = ()
    statuses: tuple[Choice, ...] = ()
    severities: tuple[Choice, ...] = ()
    frameworks: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    verdicts: Mapping[str, Tags] = field(default_factory=dict[str, Tags])
    probes: Mapping[str, Tags] = field(default_factory=dict[str, Tags])

    def verdict(self, anchor: str) -> Tags:
        """Return the tags of a verdict."""
        return self.verdicts.get(anchor, Tags())

    def probe(self, probe: str) -> Tags:
        """Return the tags of a probe; it answers to all that its rules answer to."""
        return self.probes.get(probe, Tags())


def filters(
    verdicts: Sequence[Judged],
    framework: Framework,
    others: Sequence[Other],
    risks: Mapping[str, str],
) -> Filters:
    """Return the filters of a report.

    Args:
        verdicts: the rules, as they are printed.
        framework: the framework of the policy.
        others: other frameworks that the rules can be read by.
        risks: the risk of every planned probe, by its id.
    """
    groups, tokens = _frameworks(verdicts, framework, others)
    tags: dict[str, Tags] = {}
    by_probe: dict[str, list[Tags]] = {probe: [] for probe in risks}
    for item in verdicts:
        probe = item.verdict.metric.rpartition(".")[0]
        tag = Tags(
            risk=risks.get(probe, ""),
            status=item.verdict.status,
            severity=item.verdict.severity,
            frameworks=" ".join(tokens.get(item.verdict.rule, ())),
        )
        tags[item.anchor] = tag
        by_probe.setdefault(probe, []).append(tag)
    return Filters(
        risks=tuple(Choice(key, name) for key, name in RISK.items() if key in risks.values()),
        statuses=_present(
            {str(key): label.name for key, label in STATUS.items()},
            [tag.status for tag in tags.values()],
        ),
        severities=_present(
            {str(key): name for key, name in SEVERITY.items()},
            [tag.severity for tag in tags.values()],
        ),
        frameworks=groups,
        verdicts=tags,
        probes={probe: _joined(risks.get(probe, ""), items) for probe, items in by_probe.items()},
    )


def _present(names: Mapping[str, str], seen: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(str(key), name) for key, name in names.items() if key in seen)


def _joined(risk: str, tags: Sequence[Tags]) -> Tags:
    """Return the tags that any of several rules answers to."""
    parts = zip(*((tag.status, tag.severity, tag.frameworks) for tag in tags), strict=True)
    return Tags(risk, *(" ".join(dict.fromkeys(" ".join(words).split())) for words in parts))


def _frameworks(
    verdicts: Sequence[Judged], framework: Framework, others: Sequence[Other]
) -> tuple[tuple[tuple[str, tuple[Choice, ...]], ...], dict[str, list[str]]]:
    """Return the ids that any rule bears on by framework, and the tokens of each rule."""
    bearing: dict[str, list[str]] = {}
    for item in verdicts:
        for control in item.verdict.controls:
            bearing.setdefault(control, []).append(item.verdict.rule)
    own = [(control.id, tuple(bearing.get(control.id, ()))) for control in framework.controls]
    listed = [(framework.title, own)]
    listed += [(o.framework.name, [(line.id, line.rules) for line in o.lines]) for o in others]
    tokens: dict[str, list[str]] = {}
    groups: list[tuple[str, tuple[Choice, ...]]] = []
    for number, (title, entries) in enumerate(listed):
        choices = [Choice(f"f{number}", f"{title}: any part")]
        for index, (name, rules) in enumerate(entry for entry in entries if entry[1]):
            choices.append(Choice(f"f{number}-{index}", name))
            for rule in rules:
                tokens.setdefault(rule, [f"f{number}"]).append(f"f{number}-{index}")
                if f"f{number}" not in tokens[rule]:
                    tokens[rule].append(f"f{number}")
        if len(choices) > 1:
            groups.append((title, tuple(choices)))
    return tuple(groups), tokens

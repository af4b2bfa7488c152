"""`vlaudit.yaml`, the environment and the command line, read into one `Config`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vlaudit.core.config import Config
from vlaudit.core.errors import InputError
from vlaudit.core.probe import Card
from vlaudit.reading.document import Document, Problem, read_document
from vlaudit.reading.listed import read_lists
from vlaudit.reading.override import Value, from_environment, from_flags, overlay
from vlaudit.reading.record import check_record
from vlaudit.reading.setting import setting_problem
from vlaudit.reading.suggest import did_you_mean

NOTHING = Document("configuration", {})


def read_config(
    path: Path | None,
    *,
    overrides: Mapping[str, Value] | None = None,
    environ: Mapping[str, str] | None = None,
    cards: Mapping[str, Card] | None = None,
) -> Config:
    """Return the configuration; flags come before the environment, and that before the file.

    Args:
        path: the YAML file; None when flags and environment say everything.
        overrides: values of flags by dotted key, such as `target.model`.
        environ: the environment; `VLAUDIT_TARGET__MODEL` sets `target.model`.
        cards: installed probes; when given, names of probes and settings are checked too.

    Raises:
        InputError: the values are no configuration; lists every problem and where it stands.
    """
    document = read_document(path) if path is not None else NOTHING
    flags = from_flags(overrides or {}, Config)
    document = overlay(document, [*from_environment(environ or {}, Config), *flags])
    base = path.parent if path is not None else Path()
    document, unread = read_lists(document, base=base)
    config, problems = check_record(document, Config)
    problems = [
        *unread,
        *(_probe_problems(document, cards) if cards is not None else []),
        *problems,
    ]
    if config is None or problems:
        raise InputError(document.lines(problems))
    return config


def check_probes(config: Config, cards: Mapping[str, Card]) -> None:
    """Check that the probes and settings which a configuration names exist.

    Raises:
        InputError: an unknown probe, risk, tag or setting, or a setting of the wrong type.
    """
    document = Document("configuration", config.model_dump(mode="json", exclude_unset=True))
    problems = _probe_problems(document, cards)
    if problems:
        raise InputError(document.lines(problems))


def _probe_problems(document: Document, cards: Mapping[str, Card]) -> list[Problem]:
    probes = document.value.get("probes")
    if not isinstance(probes, dict):
        return []
    return [
        *_selection_problems(probes, cards),
        *_settings_problems(probes, cards),
    ]


def _selection_problems(probes: Mapping[str, Any], cards: Mapping[str, Card]) -> list[Problem]:
    known = {*cards, *(str(card.risk) for card in cards.values())}
    known |= {tag for card in cards.values() for tag in card.tags}
    problems: list[Problem] = []
    for key in ("select", "skip"):
        words = probes.get(key)
        for place, word in enumerate(words if isinstance(words, list) else []):
            if isinstance(word, str) and word not in known:
                text = f"no probe, risk or tag '{word}'{did_you_mean(word, known)}"
                problems.append(Problem(("probes", key, place), text))
    return problems


def _settings_problems(probes: Mapping[str, Any], cards: Mapping[str, Card]) -> list[Problem]:
    problems: list[Problem] = []
    by_probe = probes.get("settings")
    for probe, settings in (by_probe if isinstance(by_probe, dict) else {}).items():
        keys = ("probes", "settings", probe)
        if probe not in cards:
            problems.append(Problem(keys, f"no such probe{did_you_mean(probe, cards)}"))
            continue
        for name, value in (settings if isinstance(settings, dict) else {}).items():
            problem = setting_problem(cards[probe], name, value)
            if problem is not None:
                problems.append(Problem((*keys, name), problem))
    return problems

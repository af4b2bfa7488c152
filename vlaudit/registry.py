"""The only door to the probes: those of this package and those of installed plug-ins."""

import importlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable

from vlaudit.core.errors import InputError, ProbeError
from vlaudit.core.probe import Card, Probe
from vlaudit.reading.card import read_card
from vlaudit.reading.suggest import did_you_mean

PACKAGE = "vlaudit.probes"


@cache
def cards() -> dict[str, Card]:
    """Return the card of every installed probe, by id, in order.

    Raises:
        InputError: a card cannot be used, or two probes share an id.
    """
    found: dict[str, Card] = {}
    for package, folder in _packages():
        text = (folder / "probe.yaml").read_text(encoding="utf-8")
        card = read_card(text, where=f"{package.replace('.', '/')}/probe.yaml")
        if card.id in found:
            raise InputError(f"two installed probes share the id {card.id}; the other: {package}")
        found[card.id] = card
    return dict(sorted(found.items()))


def load(probe_id: str) -> Probe:
    """Return the probe of this id, ready to run.

    Raises:
        InputError: no installed probe has this id.
        ProbeError: the probe's module cannot be imported or has no function `run`.
    """
    card = cards().get(probe_id)
    if card is None:
        raise InputError(f"no probe has the id {probe_id!r}{did_you_mean(probe_id, cards())}")
    name = f"{_package_of(probe_id)}.probe"
    try:
        return Probe(card, importlib.import_module(name).run)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise ProbeError(f"probe {probe_id} cannot be loaded from {name}: {error}") from error


def cases(probe_id: str) -> tuple[str, str]:
    """Return the text of the probe's cases.yaml and where it stands."""
    package = _package_of(probe_id)
    text = (files(package) / "cases.yaml").read_text(encoding="utf-8")
    return text, f"{package.replace('.', '/')}/cases.yaml"


def _package_of(probe_id: str) -> str:
    for package, folder in _packages():
        text = (folder / "probe.yaml").read_text(encoding="utf-8")
        if read_card(text, where=package).id == probe_id:
            return package
    raise InputError(f"no probe has the id {probe_id!r}{did_you_mean(probe_id, cards())}")


def _packages() -> Iterator[tuple[str, Traversable]]:
    """Yield the package and folder of each probe: bundled ones first, then plug-ins."""
    for risk in _folders(files(PACKAGE)):
        for folder in _folders(risk):
            if (folder / "probe.yaml").is_file():
                yield f"{PACKAGE}.{risk.name}.{folder.name}", folder
    for entry in entry_points(group=PACKAGE):
        yield entry.value, files(entry.value)


def _folders(parent: Traversable) -> list[Traversable]:
    return sorted((item for item in parent.iterdir() if item.is_dir()), key=lambda item: item.name)

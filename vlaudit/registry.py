"""The only door to the probes: those of this package and those of installed plug-ins."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable

from vlaudit.core.errors import InputError, ProbeError
from vlaudit.core.probe import Card, Probe
from vlaudit.reading.card import read_card
from vlaudit.reading.suggest import did_you_mean

PACKAGE = "vlaudit.probes"


@dataclass(frozen=True)
class Installed:
    """A probe that has not been imported yet: its card, and the package that holds its files."""

    card: Card
    package: str

    def load(self) -> Probe:
        """Import the probe.

        Raises:
            ProbeError: its module cannot be imported or has no function `run`.
        """
        name = f"{self.package}.probe"
        try:
            return Probe(self.card, importlib.import_module(name).run)
        except (ImportError, AttributeError, SyntaxError) as error:
            raise ProbeError(f"{self.card.id} cannot be loaded from {name}: {error}") from error

    def cases(self) -> tuple[str, str]:
        """Return the text of cases.yaml and where it stands.

        Raises:
            ProbeError: there is no such file.
        """
        where = f"{self.package.replace('.', '/')}/cases.yaml"
        try:
            return (files(self.package) / "cases.yaml").read_text(encoding="utf-8"), where
        except OSError as error:
            raise ProbeError(
                f"{self.card.id} has no {where}; describe there what it must find and what it must "
                "leave alone"
            ) from error


def installed() -> dict[str, Installed]:
    """Return every installed probe by id, in order.

    Raises:
        InputError: a card cannot be used, or two probes share an id.
    """
    found: dict[str, Installed] = {}
    for package, folder in _packages():
        text = (folder / "probe.yaml").read_text(encoding="utf-8")
        card = read_card(text, where=f"{package.replace('.', '/')}/probe.yaml")
        if card.id in found:
            other = found[card.id].package
            raise InputError(f"probes {other} and {package} share the id {card.id}; rename one")
        found[card.id] = Installed(card, package)
    return dict(sorted(found.items()))


def cards() -> dict[str, Card]:
    """Return the card of every installed probe, by id, in order."""
    return {probe_id: probe.card for probe_id, probe in installed().items()}


def load(probe_id: str) -> Probe:
    """Return the probe of this id, ready to run.

    Raises:
        InputError: no installed probe has this id.
        ProbeError: the probe's module cannot be imported or has no function `run`.
    """
    probes = installed()
    if probe_id not in probes:
        raise InputError(f"no probe has the id {probe_id!r}{did_you_mean(probe_id, probes)}")
    return probes[probe_id].load()


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

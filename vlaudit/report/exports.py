"""Every exchange format by name: those of this package and those of installed plug-ins."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points

from vlaudit.core.errors import InputError
from vlaudit.reading.suggest import did_you_mean
from vlaudit.report import avid, brief, croissant, cyclonedx, intoto, junit, oscal, sarif, tables
from vlaudit.report.exchange import JudgedRun

GROUP = "vlaudit.exporters"


@dataclass(frozen=True)
class Exporter:
    """A format: the name of its file, and the function that returns what the file holds."""

    file: str
    export: Callable[[JudgedRun], str]


BUNDLED = {
    "sarif": Exporter("report.sarif", sarif.export),
    "junit": Exporter("junit.xml", junit.export),
    "cyclonedx": Exporter("bom.cdx.json", cyclonedx.export),
    "cyclonedx-1.6": Exporter("bom-1.6.cdx.json", cyclonedx.export_1_6),
    "oscal": Exporter("oscal.json", oscal.export),
    "oscal-catalog": Exporter("oscal-catalog.json", oscal.catalogue),
    "croissant": Exporter("croissant.json", croissant.export),
    "avid": Exporter("avid.json", avid.export),
    "in-toto": Exporter("statement.intoto.json", intoto.export),
    "markdown": Exporter("summary.md", brief.export),
    "csv": Exporter("measurements.csv", tables.as_csv),
    "json": Exporter("audit.json", tables.as_one),
}


def exporter(name: str) -> Exporter:
    """Return the format of this name; an entry point of a plug-in names an `Exporter`.

    Raises:
        InputError: there is no such format, or a plug-in's cannot be loaded.
    """
    if name in BUNDLED:
        return BUNDLED[name]
    others = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in others:
        raise InputError(f"no format is called {name!r}{did_you_mean(name, {*BUNDLED, *others})}")
    try:
        loaded = others[name].load()
    except (ImportError, AttributeError) as error:
        raise InputError(f"format {name!r} cannot be loaded: {error}") from error
    if not isinstance(loaded, Exporter):
        raise InputError(f"format {name!r}: {others[name].value} is no Exporter; see {__name__}")
    return loaded

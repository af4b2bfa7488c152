"""The run folder: written ahead while probes run, read by everything that comes after."""

from vlaudit.evidence.manifest import write_manifest
from vlaudit.evidence.read import load_judgements, load_run
from vlaudit.evidence.rows import read_rows
from vlaudit.evidence.run_folder import RunFolder

__all__ = ["RunFolder", "load_judgements", "load_run", "read_rows", "write_manifest"]

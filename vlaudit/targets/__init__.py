"""Models come in here."""

from vlaudit.targets.load import load
from vlaudit.targets.loaded import LoadedTarget

__all__ = ["LoadedTarget", "load"]

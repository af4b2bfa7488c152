"""Models come in here."""

from vlaudit.targets.load import LoadedTarget, load

__all__ = ["LoadedTarget", "load"]

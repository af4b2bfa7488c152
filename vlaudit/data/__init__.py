"""Data in: rows of pictures with captions, labels and groups, read once and mapped to roles."""

from vlaudit.data.dataset import ArrowDataset
from vlaudit.data.facts import facts
from vlaudit.data.images import Limits
from vlaudit.data.load import load

__all__ = ["ArrowDataset", "Limits", "facts", "load"]

"""Embeddings of the audited model: each picture is decoded and encoded once per audit."""

from vlaudit.features.embeddings import Embeddings
from vlaudit.features.encode import Encoded, encode
from vlaudit.features.neighbours import Neighbours, nearest
from vlaudit.features.serve import TargetFeatures
from vlaudit.features.store import Store

__all__ = [
    "Embeddings",
    "Encoded",
    "Neighbours",
    "Store",
    "TargetFeatures",
    "encode",
    "nearest",
]

"""Embeddings of the audited model: each picture is decoded and encoded once per audit."""

from vlaudit.features.encode import Encoded, encode
from vlaudit.features.serve import TargetFeatures
from vlaudit.features.store import Store

__all__ = ["Encoded", "Store", "TargetFeatures", "encode"]

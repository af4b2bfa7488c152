"""Tells whether the content credentials (C2PA) of a picture's file hold."""

import importlib
import io
from typing import Any

from PIL import Image

MARK = b"jumdc2pa"
OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}


def carried(encoded: bytes) -> bool:
    """Tell whether a file carries a C2PA manifest."""
    return MARK in encoded


def installed() -> bool:
    """Tell whether the library that checks manifests is there (`vlaudit[credentials]`)."""
    return importlib.import_module("importlib.util").find_spec("c2pa") is not None


def holds(encoded: bytes) -> bool:
    """Tell whether a file's manifest is whole, well signed, and about this very picture.

    By the reader of the C2PA project, without the network; whom a signature is of is not asked.

    Args:
        encoded: a file that carries a manifest.

    Raises:
        ImportError: the library is not installed.
    """
    c2pa: Any = importlib.import_module("c2pa")
    try:
        with Image.open(io.BytesIO(encoded)) as opened:
            mime = Image.MIME.get(opened.format or "", "application/octet-stream")
        context = c2pa.Context(c2pa.Settings.from_dict(OFFLINE))
        with c2pa.Reader(mime, io.BytesIO(encoded), context=context) as read:
            return read.get_validation_state() in ("Valid", "Trusted")
    except (c2pa.C2paError, OSError):
        return False

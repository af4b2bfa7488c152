"""Pictures that probes kept, made small and carried inside the document."""

import base64
import io
from pathlib import Path

LARGEST_SIDE = 192
LARGEST_FILE = 8 * 1024 * 1024


def inlined(folder: Path, path: str) -> str | None:
    """Return a kept picture as a `data:` URI, at most 192 pixels a side.

    The path comes from a finding and is not trusted: only a picture inside the run folder is
    read. Returns None where there is none.
    """
    from PIL import Image

    place = (folder / path).resolve()
    if not place.is_relative_to(folder.resolve()) or not place.is_file():
        return None
    if place.stat().st_size > LARGEST_FILE:
        return None
    try:
        with Image.open(place, formats=("PNG", "JPEG", "WEBP")) as picture:
            small = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    small.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    stream = io.BytesIO()
    small.save(stream, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"

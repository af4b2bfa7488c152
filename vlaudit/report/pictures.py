"""Pictures that probes kept, made small and carried inside the document."""

import base64
import io
from pathlib import Path

LARGEST_SIDE = 192
MOST_PIXELS = 16_000_000


def inlined(folder: Path, path: str) -> str | None:
    """Return a kept picture as a `data:` URI, at most 192 pixels a side.

    The path comes from a finding and is not trusted: only a picture inside the run folder is
    read. Returns None where there is none.
    """
    from PIL import Image

    try:
        place = (folder / path).resolve()
        if not place.is_relative_to(folder.resolve()):
            return None
        with Image.open(place, formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            small = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    small.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    stream = io.BytesIO()
    small.save(stream, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"

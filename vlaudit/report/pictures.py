"""Pictures that probes kept, made small and carried inside the document."""

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_SIDE = 192
MOST_PIXELS = 16_000_000


def inlined(folder: Path, path: str, *, side: int = LARGEST_SIDE) -> str | None:
    """Return a kept picture as a `data:` URI, at most `side` pixels a side.

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
    small.thumbnail((side, side))
    kind, raw = min((_encoded(small, "PNG"), _encoded(small, "JPEG")), key=lambda one: len(one[1]))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(raw).decode('ascii')}"


def _encoded(picture: "Image", kind: str) -> tuple[str, bytes]:
    stream = io.BytesIO()
    picture.save(stream, format=kind, optimize=True)
    return kind, stream.getvalue()

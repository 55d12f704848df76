"""Turns what somebody uploaded into a clean picture: known by its first bytes, bounded, drawn anew without EXIF."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
"""A 25 megapixel photo decodes to about 75 MB; beyond it a small file can eat the machine."""

LONGEST_SIDE = 2560
"""Enough to read a parcel label; a phone's 4000 pixels only slow the agent's screen."""

FIRST_BYTES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"RIFF": "WEBP",
}


class NotAPicture(Exception):
    """The bytes are no JPEG, PNG, GIF or WebP of bearable size."""


@dataclass(frozen=True)
class Picture:
    """A picture that is safe to show."""

    content: bytes
    content_type: str
    width: int
    height: int


def redrawn(content: bytes) -> Picture:
    """Decode and encode again, upright, without any metadata. Raises NotAPicture. Slow: call it in a thread."""
    format_name = next((name for mark, name in FIRST_BYTES.items() if content.startswith(mark)), None)
    if format_name is None or len(content) > MOST_BYTES:
        raise NotAPicture
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; the size is checked right below
            with Image.open(io.BytesIO(content), formats=[format_name]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise NotAPicture
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                return _encoded(upright)
    except NotAPicture:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as trouble:
        raise NotAPicture from trouble


def _encoded(image: Image.Image) -> Picture:
    has_transparency = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    clean = image.convert("RGBA" if has_transparency else "RGB")
    clean.info.clear()
    out = io.BytesIO()
    if has_transparency:
        clean.save(out, "PNG", optimize=False)
        return Picture(out.getvalue(), "image/png", clean.width, clean.height)
    clean.save(out, "JPEG", quality=85)
    return Picture(out.getvalue(), "image/jpeg", clean.width, clean.height)

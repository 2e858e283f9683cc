"""Pictures made harmless: decoded, made small and written anew, so that nothing but the picture itself is left.

What a file calls itself is not asked. Its size in pixels is read before anything is decoded.
"""

from __future__ import annotations

import struct
import warnings
from io import BytesIO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 1600
QUALITY = 82


class Unusable(ValueError):
    """Not a picture that we read, damaged, or with more than MOST_PIXELS."""


def rewritten(raw: bytes, longest: int = LONGEST_SIDE) -> bytes:
    """The picture as a JPEG of at most `longest` pixels a side, upright, on white, without metadata. Raises Unusable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _rewritten(raw, longest)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Warning, Image.DecompressionBombError):
        raise Unusable from None


def _rewritten(raw: bytes, longest: int) -> bytes:
    with Image.open(BytesIO(raw), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Unusable
        opened.draft("RGB", (longest, longest))  # a JPEG is decoded no larger than needed
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((longest, longest))
        shown = upright.convert("RGBA")
    clean = Image.new("RGB", shown.size, "white")
    clean.paste(shown, mask=shown.getchannel("A"))
    out = BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()

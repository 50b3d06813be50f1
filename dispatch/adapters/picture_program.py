"""What does a photo look like drawn anew, without anything else that its file held?

A program of its own with little memory and time, so that a hostile file harms nothing but itself.
It reads the file from the standard input; its arguments are the format, the longest edges of
picture and thumbnail, the most pixels, and the rectangles that are covered, as JSON. It writes the
length of a line of JSON in four bytes, that line, the picture and the thumbnail. It ends with 3 for
too many pixels and 4 for a file it cannot draw.
"""

from __future__ import annotations

import io
import json
import math
import resource
import struct
import sys
import zlib
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    Boxes = Sequence[Sequence[float]]

MOST_MEMORY = 1536 * 1024 * 1024
MOST_SECONDS = 20
TOO_MANY_PIXELS, UNREADABLE = 3, 4
QUALITY = 85
FAULTS = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, EOFError, TypeError,
    struct.error, zlib.error, LookupError, ArithmeticError, AttributeError,
)  # fmt: skip
"""What Pillow's readers raise for files that were made wrong."""
_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _OFFSET = 36867, 36881
_ACCURACY = 31


def limit() -> None:
    """Give back the right to more memory, time and files than a photo needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def drawn(image: Image.Image, longest: int) -> Image.Image:
    """Return a picture no longer than that, upright, on white where it was transparent."""
    image.draft("RGB", (longest, longest))
    image.thumbnail((2 * longest, 2 * longest), Image.Resampling.BOX)
    upright = ImageOps.exif_transpose(image)
    clear = upright.convert("RGBA")
    ground = Image.new("RGB", upright.size, "white")
    ground.paste(clear, mask=clear.getchannel("A"))
    ground.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return ground


def covered(image: Image.Image, boxes: Boxes) -> Image.Image:
    """Return a picture with black rectangles, given as shares of its width and height."""
    pen = ImageDraw.Draw(image)
    for left, top, width, height in boxes:
        begin = math.floor(left * image.width), math.floor(top * image.height)
        end = (left + width) * image.width, (top + height) * image.height
        pen.rectangle((*begin, math.ceil(end[0]) - 1, math.ceil(end[1]) - 1), fill="black")
    return image


def encoded(image: Image.Image) -> bytes:
    """Return a picture as a JPEG file that holds its pixels and nothing else."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return file.getvalue()


def camera_words(image: Image.Image) -> dict[str, Any]:
    """Return the time and place that the camera wrote; nothing where they cannot be read."""
    try:
        exif = image.getexif()
        lens, gps = exif.get_ifd(_EXIF), exif.get_ifd(_GPS)
        taken, offset = str(lens.get(_TAKEN, "")), str(lens.get(_OFFSET, ""))
        told: dict[str, Any] = {"taken": taken[:19], "offset": offset[:6]}
        if {1, 2, 3, 4} <= set(gps):
            told["lat"] = degrees(gps[2], gps[1], "S")
            told["lon"] = degrees(gps[4], gps[3], "W")
        if _ACCURACY in gps:
            told["accuracy"] = float(gps[_ACCURACY])
    except Exception:  # noqa: BLE001  the words of a camera are no reason to refuse its picture
        return {}
    return told


def degrees(parts: Any, side: str, negative: str) -> float:
    """Return degrees, minutes and seconds as one number."""
    whole, minutes, seconds = (float(each) for each in parts)
    found = whole + minutes / 60 + seconds / 3600
    return -found if str(side).strip("\0 ").upper() == negative else found


def answer(
    content: bytes, kind: str, longest: int, small: int, most: int, boxes: Boxes = ()
) -> bytes | int:
    """Return what the program writes about a file, or the number with which it ends."""
    try:
        image = Image.open(io.BytesIO(content), formats=(kind,))
        if image.width * image.height > most:
            return TOO_MANY_PIXELS
        told = camera_words(image)
        picture = covered(drawn(image, longest), boxes)
        thumbnail = picture.copy()
        thumbnail.thumbnail((small, small), Image.Resampling.LANCZOS)
        files = encoded(picture), encoded(thumbnail)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_MANY_PIXELS
    except FAULTS:
        return UNREADABLE
    size = {"width": picture.width, "height": picture.height}
    head = json.dumps(size | {"length": len(files[0]), "told": told}).encode()
    return b"".join((len(head).to_bytes(4, "big"), head, *files))


def main(arguments: list[str]) -> int:
    """Draw the photo of the standard input."""
    longest, small, most = map(int, arguments[1:4])
    Image.MAX_IMAGE_PIXELS = most
    found = answer(
        sys.stdin.buffer.read(), arguments[0], longest, small, most, json.loads(arguments[4])
    )
    if isinstance(found, int):
        return found
    sys.stdout.buffer.write(found)
    return 0


if __name__ == "__main__":
    limit()
    sys.exit(main(sys.argv[1:]))

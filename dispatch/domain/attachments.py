"""Which photos may a ticket hold, who may see them, and what is wrong with a refused one?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.errors import Invalid
from dispatch.domain.place import check_point
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from datetime import tzinfo

    from dispatch.domain.place import Point

MEGABYTE = 1024 * 1024
PICTURE_PIXELS, THUMBNAIL_PIXELS = 2048, 320
"""The longest edge of the picture that is kept, and of its thumbnail."""
MOST_PIXELS = 64_000_000
"""More than a telephone takes; a small file that unfolds to more is an attack."""
RESIDENT_PHOTOS = 5
MOST_WITHOUT_REPORT = 200
"""What crews and the desk may add to one ticket; a photo of work is evidence, so hardly a limit."""
LONGEST_NAME = 80
AHEAD, OLDEST = timedelta(minutes=5), timedelta(days=366)
"""So far after its receipt it is one of then; beyond that, or so long before, no clock is right."""
_UNPRINTABLE = re.compile(r"[^\w .()+-]")


class AttachmentKind(StrEnum):
    """What a photo shows."""

    BEFORE = "before"
    AFTER = "after"
    REPORT = "report"
    SIGNATURE = "signature"
    OTHER = "other"


KIND_NAMES: dict[AttachmentKind, Sentence] = {
    AttachmentKind.BEFORE: say("Before the work"),
    AttachmentKind.AFTER: say("After the work"),
    AttachmentKind.REPORT: say("From the reporter"),
    AttachmentKind.SIGNATURE: say("Signature"),
    AttachmentKind.OTHER: say("Other photo"),
}
PERSONAL = frozenset({AttachmentKind.REPORT, AttachmentKind.SIGNATURE})
"""Kinds that show a resident's home or hand: only those who may see reporters see them."""


class PictureSize(StrEnum):
    """In which of its two sizes a photo is sent."""

    PICTURE = "picture"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True)
class Exif:
    """What the camera wrote into a photo, each None where it wrote nothing that can be used."""

    taken_at: datetime | None = None
    point: Point | None = None
    accuracy_metres: float | None = None


def may_see(kind: str, *, personal: bool) -> bool:
    """Tell whether a reader may look at a photo; `personal` is the right to see reporters."""
    return personal or kind not in PERSONAL


def plain_name(name: str | None) -> str:
    """Return the name of a sent file, short and without anything but letters and digits."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return _UNPRINTABLE.sub("_", last).strip()[-LONGEST_NAME:].strip() or "photo"


def check_file(name: str, content: bytes, most_megabytes: int) -> str:
    """Return the format of a sent photo by its first bytes: JPEG, PNG or WEBP.

    Raises:
        Invalid: naming the file and why it is refused.
    """
    if not content:
        raise refusal(say("%(file)s is empty. Choose the photo again.", file=name))
    if len(content) > most_megabytes * MEGABYTE:
        raise refusal(
            say(
                "%(file)s has %(size)s MB; a photo may have at most %(most)s MB.",
                file=name,
                size=round(len(content) / MEGABYTE, 1),
                most=most_megabytes,
            )
        )
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        raise refusal(
            say(
                "%(file)s is in Apple's HEIC format or a video. Send it as JPEG: in the settings "
                "of the camera choose “Most compatible”.",
                file=name,
            )
        )
    raise refusal(say("%(file)s is no photo. Send JPEG, PNG or WebP.", file=name))


def refusal(sentence: Sentence) -> Invalid:
    """Return the refusal of a sent file."""
    return Invalid(sentence, fields={"file": sentence})


def too_many_pixels(name: str) -> Invalid:
    """Return the refusal of a photo that unfolds to more than is sane."""
    most = MOST_PIXELS // 1_000_000
    return refusal(
        say("%(file)s has more than %(most)s megapixels. Send a smaller one.", file=name, most=most)
    )


def damaged(name: str) -> Invalid:
    """Return the refusal of a file that begins like a photo and cannot be drawn."""
    return refusal(say("%(file)s is damaged and cannot be shown. Take it again.", file=name))


def taken_by_then(taken_at: datetime | None, received_at: datetime) -> datetime | None:
    """Return when a photo was taken, None where the clock that says so cannot be right."""
    if taken_at is None or not received_at - OLDEST <= taken_at <= received_at + AHEAD:
        return None
    return min(taken_at, received_at)


def check_room(kept: int, most: int) -> None:
    """Refuse one photo more than a report or a ticket may hold.

    Raises:
        Invalid: saying how many it may hold.
    """
    if kept >= most:
        raise refusal(say("There are %(most)s photos already, and no more are taken.", most=most))


def read_exif(told: dict[str, object], zone: tzinfo) -> Exif:
    """Read the camera's time and place; what is nonsense was not told.

    `told` may hold ``taken`` as ``2026:03:02 09:30:00``, ``offset`` as ``+08:00``, ``lat``, ``lon``
    in degrees (WGS-84) and ``accuracy`` in metres. A time without an offset is one of `zone`.
    """
    accuracy = told.get("accuracy")
    is_usable = isinstance(accuracy, float) and 0 < accuracy < MOST_PIXELS
    point = _point(told.get("lat"), told.get("lon"))
    return Exif(
        taken_at=_instant(str(told.get("taken") or ""), str(told.get("offset") or ""), zone),
        point=point,
        accuracy_metres=accuracy if point and is_usable and isinstance(accuracy, float) else None,
    )


def _instant(taken: str, offset: str, zone: tzinfo) -> datetime | None:
    try:
        if offset:
            return datetime.strptime(f"{taken} {offset}", "%Y:%m:%d %H:%M:%S %z").astimezone(UTC)
        found = datetime.strptime(taken, "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _point(lat: object, lon: object) -> Point | None:
    if not (isinstance(lat, float) and isinstance(lon, float)) or (lat, lon) == (0.0, 0.0):
        return None
    try:
        return check_point(lat, lon)
    except Invalid:
        return None

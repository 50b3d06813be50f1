"""How does a sent file become a photo of a ticket, and how is one sent back?"""

from __future__ import annotations

import hashlib
import logging
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Response, request

from dispatch.actions.attachments import NewPhoto
from dispatch.adapters.photo_store import FolderStore
from dispatch.adapters.pictures import draw
from dispatch.domain.attachments import (
    MEGABYTE,
    RESIDENT_PHOTOS,
    AttachmentKind,
    PictureSize,
    plain_name,
    read_exif,
    refusal,
)
from dispatch.domain.covering import Box, check_boxes
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.sentences import say
from dispatch.queries.attachments import names_needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from werkzeug.datastructures import FileStorage
    from werkzeug.wrappers import Response as AnyResponse

    from dispatch.adapters.photo_store import PhotoStore
    from dispatch.adapters.pictures import Picture
    from dispatch.config import Settings
    from dispatch.models.attachments import Attachment

log = logging.getLogger(__name__)

FORM_ROOM = 2
"""Megabytes for everything of a form but its photos."""
NAMED_ROOM = 25
"""Megabytes above the limit of one photo in which a refusal still names the file."""
_KEYS = uuid.UUID("7b1f5c0e-6a53-4a0e-9d55-0f3b8f5f1c1d")
_GONE = say("There is no such photo, or it was removed.")
_LOST = say("The file of this photo is lost. Tell the administrator.")
MOST_KEPT = 50
"""Megabytes that a photo may have which is drawn from our own file."""
_FOR_GOOD = "private, max-age=31536000, immutable"
_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
PHOTOS_TAKEN = {
    "attachments.add": 1,
    "crew_photos.add": 1,
    "resident.send": RESIDENT_PHOTOS,
    "resident_photos.add": RESIDENT_PHOTOS,
}
"""The routes that take photos, and how many each in one request."""


@dataclass(frozen=True)
class Prepared:
    """A photo that was drawn anew and waits for its file and its row."""

    drawn: Picture
    new: NewPhoto


@dataclass(frozen=True)
class Covered:
    """A copy with rectangles over it, and the copy that it takes the place of."""

    drawn: Picture
    boxes: list[Box]
    before: str | None


def body_room(endpoint: str | None, settings: Settings) -> int | None:
    """Return how many bytes the body of a request may have there; None is the usual limit."""
    count = PHOTOS_TAKEN.get(endpoint or "")
    if count is None:
        return None
    room = settings.photo_megabytes + NAMED_ROOM if count == 1 else count * settings.photo_megabytes
    return (room + FORM_ROOM) * MEGABYTE


def photo_store(settings: Settings) -> PhotoStore:
    """Return where the files of photos are kept."""
    return FolderStore(settings.data_dir / "photos")


def key_of(sender: object, header: str | None) -> str | None:
    """Return the name of a photo that came with an Idempotency-Key, None without one."""
    return str(uuid.uuid5(_KEYS, f"{sender}/{header}")) if header else None


def photo_key(given: str | None) -> str | None:
    """Return the sender's own name of a photo, None where there is none.

    Raises:
        Invalid: when it is no UUID.
    """
    if not given:
        return None
    try:
        return str(uuid.UUID(given))
    except ValueError:
        fault = say("The name of a photo must be a UUID.")
        raise Invalid(fault, fields={"uuid": fault}) from None


def sent_hash(sent: FileStorage | None) -> str:
    """Return the SHA-256 of a file as it was sent, empty without one; it can be read once more."""
    if sent is None:
        return ""
    found = hashlib.sha256(sent.stream.read()).hexdigest()
    sent.stream.seek(0)
    return found


def prepare(
    sent: FileStorage | None, kind: AttachmentKind, settings: Settings, **told: Any
) -> Prepared:
    """Draw a sent file anew; `told` are further fields of the new photo, over those of the camera.

    Raises:
        Invalid: naming the file and why it is refused.
    """
    if sent is None:
        raise refusal(say("Send the photo as the field “file”."))
    name, content = plain_name(sent.filename), sent.stream.read()
    drawn = draw(name, content, settings.photo_megabytes)
    exif = read_exif(drawn.told, settings.zone)
    new = NewPhoto(
        kind=kind,
        name=name,
        sha256=hashlib.sha256(drawn.picture).hexdigest(),
        sent_sha256=hashlib.sha256(content).hexdigest(),
        width=drawn.width,
        height=drawn.height,
        bytes=len(drawn.picture),
        taken_at=exif.taken_at,
        place=exif.point,
        accuracy_metres=exif.accuracy_metres,
    )
    given = {field: value for field, value in told.items() if value is not None}
    if "place" in given:
        given.setdefault("accuracy_metres", None)
    return Prepared(drawn, replace(new, **given))


@contextmanager
def kept_files(photos: Sequence[Prepared], settings: Settings) -> Iterator[None]:
    """Keep the files for good, and let none be removed until the caller's rows are committed.

    Where the caller fails, what no row names is removed again.
    """
    if not photos:
        yield
        return
    store = photo_store(settings)
    try:
        with store.writing():
            for each in photos:
                store.keep(each.drawn.picture, each.drawn.thumbnail)
            yield
    except Exception:
        for each in photos:
            remove_unneeded(each.new.sha256, settings)
        raise


def covered_copy(photo: Attachment, added: Sequence[Box], settings: Settings) -> Covered:
    """Draw a photo anew with its rectangles and those that are added covered.

    Raises:
        Invalid: when a rectangle cannot be meant.
        NotFound: when the file of the photo is lost.
    """
    boxes = [*(Box(*each) for each in photo.covered_boxes or ()), *added]
    check_boxes(boxes)
    content = photo_store(settings).read(photo.sha256, PictureSize.PICTURE)
    if content is None:
        raise NotFound(_LOST)
    return Covered(draw(photo.name, content, MOST_KEPT, boxes), boxes, photo.covered_sha256)


@contextmanager
def kept_copy(copy: Covered, settings: Settings) -> Iterator[str]:
    """Keep the files of a covered copy and give its name; none is removed until the commit."""
    store = photo_store(settings)
    with store.writing():
        yield store.keep(copy.drawn.picture, copy.drawn.thumbnail)


def remove_unneeded(name: str, settings: Settings) -> None:
    """Remove the file of a photo that was taken away, unless another photo is the same file."""
    store = photo_store(settings)
    with store.clearing():
        if name not in names_needed([name]):
            store.remove(name)


def original_answer(photo: Attachment, settings: Settings) -> AnyResponse:
    """Send a photo as it was taken; nobody keeps it, so that each look is a question.

    Raises:
        NotFound: when nothing of it is covered, it was removed, or its file is lost.
    """
    if photo.covered_sha256 is None:
        raise NotFound(say("Nothing of this photo is covered."))
    answer = _file_of(photo, photo.sha256, PictureSize.PICTURE, settings)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def picture_answer(photo: Attachment, size: str, settings: Settings) -> AnyResponse:
    """Send one size of a photo, of its covered copy where there is one.

    A browser may keep it for good under an address that names its hash in `v`.

    Raises:
        NotFound: when it was removed, its file is lost, or there is no such size.
    """
    if size not in set(PictureSize):
        raise NotFound(_GONE)
    name = photo.covered_sha256 or photo.sha256
    answer = _file_of(photo, name, PictureSize(size), settings)
    lasts = request.args.get("v") == name
    answer.headers["Cache-Control"] = _FOR_GOOD if lasts else "private, no-cache"
    answer.set_etag(f"{name}-{size}")
    return answer.make_conditional(request)


def held_answer(name: str, size: str, settings: Settings) -> AnyResponse:
    """Send one size of a photo that is held for the desk; nobody keeps it.

    Raises:
        NotFound: when its file is lost, or there is no such size.
    """
    if size not in set(PictureSize):
        raise NotFound(_GONE)
    answer = _sent(name, PictureSize(size), "held", settings)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _file_of(photo: Attachment, name: str, size: PictureSize, settings: Settings) -> AnyResponse:
    if photo.deleted_at is not None:
        raise NotFound(_GONE)
    return _sent(name, size, photo.public_id, settings)


def _sent(name: str, size: PictureSize, called: str, settings: Settings) -> AnyResponse:
    content = photo_store(settings).read(name, size)
    if content is None:
        log.error("the file of photo %s is lost", called)
        raise NotFound(_LOST)
    answer = Response(content, mimetype="image/jpeg")
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Content-Disposition"] = f'inline; filename="{called}.jpg"'
    return answer

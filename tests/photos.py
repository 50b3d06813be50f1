"""How do tests make the photos that they send?"""

from __future__ import annotations

import io
import uuid
from typing import TYPE_CHECKING, Any

from PIL import Image

from dispatch.actions.attachments import NewPhoto
from dispatch.domain.attachments import AttachmentKind

if TYPE_CHECKING:
    from datetime import datetime

_EXIF, _GPS = 0x8769, 0x8825


def photo_file(
    width: int = 40, height: int = 30, kind: str = "JPEG", colour: str = "blue", **saved: Any
) -> bytes:
    """Return the bytes of a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind, **saved)
    return file.getvalue()


def camera_exif(
    *, orientation: int = 1, gps: bool = True, taken: str = "2026:03:02 17:00:00"
) -> Image.Exif:
    """Return what a camera writes: its turn, the time with its offset, the place in Changsha."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(_EXIF).update({36867: taken, 36881: "+08:00"})
    if gps:
        exif.get_ifd(_GPS).update(
            {1: "N", 2: (28.0, 9.0, 0.0), 3: "E", 4: (112.0, 57.0, 0.0), 31: 8.0}
        )
    return exif


def new_photo(name: str = "a.jpg", **columns: Any) -> NewPhoto:
    """Return a photo whose files are said to be kept."""
    values: dict[str, Any] = {
        "kind": AttachmentKind.BEFORE, "sha256": "a" * 64, "sent_sha256": "b" * 64,
        "width": 40, "height": 30, "bytes": 900, "uuid": str(uuid.uuid4()),
    }  # fmt: skip
    return NewPhoto(name=name, **(values | columns))


def sent(
    visitor: Any, path: str, content: bytes | None = None, name: str = "a.jpg", **form: Any
) -> Any:
    """Send a photo as a form does."""
    body = {"file": (io.BytesIO(photo_file() if content is None else content), name)} | form
    return visitor.post(path, data=body, content_type="multipart/form-data")


def taken(at: datetime) -> str:
    """Word an instant as a telephone sends it."""
    return at.isoformat()

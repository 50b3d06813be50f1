"""What do the photos of the demo's tickets show?"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from dispatch.actions.attachments import NewPhoto, add_photo
from dispatch.adapters.pictures import draw
from dispatch.cli.demo_steps import any_ticket, crew_actor
from dispatch.domain.attachments import RESIDENT_PHOTOS, AttachmentKind
from dispatch.domain.permissions import RESIDENT
from dispatch.photos import photo_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dispatch.actions.intake import Opened
    from dispatch.config import Settings
    from dispatch.queries.under_way import Trip

SIZE = (1200, 900)
LAZY_CREW = 5
PHOTO_EVERY = 6
"""Of so many visits of that crew one gets its photo."""
LARGEST = 15
"""Megabytes; ours are far smaller."""


def _leak(pen: ImageDraw.ImageDraw) -> None:
    """Draw a riser on a wall with water that runs from its joint."""
    pen.rectangle((0, 0, 1200, 640), fill="#cfc6b8")
    for row in range(0, 640, 80):
        pen.line((0, row, 1200, row), fill="#b9ae9d", width=4)
        for at in range(row % 160, 1200, 160):
            pen.line((at, row, at, row + 80), fill="#b9ae9d", width=4)
    pen.rectangle((0, 640, 1200, 900), fill="#8c8f91")
    pen.ellipse((330, 690, 1010, 850), fill="#6f93ad")
    pen.rectangle((540, 0, 640, 720), fill="#7b8790", outline="#4e585f", width=6)
    pen.rectangle((515, 330, 665, 420), fill="#59646b", outline="#3c454b", width=6)
    pen.polygon(((650, 390), (760, 470), (830, 700), (700, 710), (640, 430)), fill="#9fc3da")
    for drop in ((790, 500), (850, 590), (720, 560), (880, 690), (760, 640)):
        pen.ellipse((*drop, drop[0] + 26, drop[1] + 38), fill="#bcd8e8")


def _puddle(pen: ImageDraw.ImageDraw) -> None:
    """Draw a pavement under water with a passer-by and a parked car, whom somebody should cover."""
    pen.rectangle((0, 0, 1200, 420), fill="#a9b7a4")
    pen.rectangle((0, 420, 1200, 900), fill="#85888b")
    pen.polygon(((0, 620), (1200, 520), (1200, 900), (0, 900)), fill="#6f93ad")
    for at in range(40, 1160, 170):
        pen.arc((at, 640, at + 150, 700), 200, 340, fill="#a9c6d8", width=6)
    pen.rounded_rectangle((690, 330, 1130, 560), 50, fill="#8f3b35")
    pen.polygon(((760, 330), (830, 230), (1010, 230), (1080, 330)), fill="#5b7484")
    for wheel in (770, 1000):
        pen.ellipse((wheel, 500, wheel + 100, 600), fill="#2b2b2b")
    pen.rectangle((850, 470, 990, 510), fill="#f2f0e6", outline="#444444", width=3)
    pen.text((868, 474), "DEMO 15", fill="#222222", font_size=28)
    pen.ellipse((240, 170, 330, 280), fill="#d9a986")
    pen.rounded_rectangle((215, 280, 355, 560), 40, fill="#3e5c76")


def _dry_tap(pen: ImageDraw.ImageDraw) -> None:
    """Draw a tap over a sink, with nothing coming out."""
    pen.rectangle((0, 0, 1200, 560), fill="#e4e9ea")
    for at in range(0, 1200, 150):
        pen.line((at, 0, at, 560), fill="#cfd7d9", width=4)
        pen.line((0, at, 1200, at), fill="#cfd7d9", width=4)
    pen.rectangle((0, 560, 1200, 900), fill="#f7f7f5")
    pen.ellipse((260, 590, 940, 870), fill="#dfe3e3", outline="#b5bcbd", width=8)
    pen.ellipse((570, 720, 630, 760), fill="#70787b")
    pen.rounded_rectangle((560, 260, 640, 600), 30, fill="#9aa4a8", outline="#6b7478", width=6)
    pen.rounded_rectangle((400, 250, 640, 330), 30, fill="#9aa4a8", outline="#6b7478", width=6)
    pen.rectangle((400, 300, 460, 420), fill="#9aa4a8", outline="#6b7478", width=6)
    pen.rounded_rectangle((520, 180, 690, 240), 24, fill="#6b7478")


def _mended(pen: ImageDraw.ImageDraw) -> None:
    """Draw a trench with a new clamp on the pipe."""
    pen.rectangle((0, 0, 1200, 900), fill="#8d7b62")
    pen.polygon(((120, 160), (1080, 120), (1180, 900), (20, 900)), fill="#5c4c3a")
    pen.rectangle((0, 430, 1200, 560), fill="#4f5a61", outline="#343c41", width=8)
    pen.rounded_rectangle((470, 390, 730, 600), 24, fill="#b4bcc1", outline="#6b7478", width=8)
    for at in (520, 600, 680):
        pen.ellipse((at - 18, 470, at + 18, 506), fill="#4e585f")


SCENES: tuple[tuple[int, str, Callable[[ImageDraw.ImageDraw], None]], ...] = (
    (0, "riser.jpg", _leak),
    (0, "pavement.jpg", _puddle),
    (1, "tap.jpg", _dry_tap),
)
"""To which of the visitor's tickets a photo belongs, its name, and what it shows."""


def scene(paint: Callable[[ImageDraw.ImageDraw], None]) -> bytes:
    """Return a picture as a telephone would send it."""
    image = Image.new("RGB", SIZE)
    paint(ImageDraw.Draw(image))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def add_photos(tickets: Sequence[Opened], settings: Settings, now: datetime) -> None:
    """Let the reporters of these tickets send what they saw; without tickets nobody does."""
    for index, name, paint in SCENES if tickets else ():
        ticket, report = tickets[index]
        new = _taken(name, paint, AttachmentKind.REPORT, settings, now)
        add_photo(ticket, new, actor=RESIDENT, now=now, most=RESIDENT_PHOTOS, report=report)


def _taken(
    name: str,
    paint: Callable[[ImageDraw.ImageDraw], None],
    kind: AttachmentKind,
    settings: Settings,
    now: datetime,
) -> NewPhoto:
    content = scene(paint)
    drawn = draw(name, content, LARGEST)
    return NewPhoto(
        kind=kind,
        name=name,
        sha256=photo_store(settings).keep(drawn.picture, drawn.thumbnail),
        sent_sha256=hashlib.sha256(content).hexdigest(),
        width=drawn.width,
        height=drawn.height,
        bytes=len(drawn.picture),
        taken_at=now,
    )


@dataclass
class CrewCamera:
    """The phone of a crew that shows a repair once and sends the same picture with later ones."""

    settings: Settings
    lazy_crew: int = LAZY_CREW
    kept: NewPhoto | None = None

    def take(self, trip: Trip, now: datetime) -> None:
        """Add the photo of a visit that is about to be completed, where this crew has one."""
        if trip.crew_id != self.lazy_crew or trip.visit_id % PHOTO_EVERY:
            return
        self.kept = self.kept or _taken(
            "repair.jpg", _mended, AttachmentKind.AFTER, self.settings, now
        )
        ticket, actor = any_ticket(trip.ticket_id), crew_actor(trip.crew_id, trip.crew)
        add_photo(ticket, self.kept, actor=actor, now=now, most=RESIDENT_PHOTOS)

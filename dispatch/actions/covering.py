"""How are faces and plates on a photo covered, and who saw the photo as it was taken?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.reasons import check_reason
from dispatch.actions.settings_log import record_setting
from dispatch.actions.ticket_log import Told, record_aside
from dispatch.domain.errors import Forbidden, Stale
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind, ticket_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.covering import Box
    from dispatch.domain.permissions import Actor
    from dispatch.models.attachments import Attachment
    from dispatch.models.tickets import Ticket


def cover_photo(
    ticket: Ticket,
    photo: Attachment,
    boxes: Sequence[Box],
    covered: str,
    *,
    seen: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Show a covered copy, whose file is kept as `covered`, in place of a photo.

    `boxes` are all its rectangles, `seen` is the copy that they were added to.

    Raises:
        Forbidden: when the photo was removed.
        Stale: when somebody covered it in between.
    """
    if photo.deleted_at is not None:
        raise Forbidden(say("This photo was removed before."))
    if photo.covered_sha256 != seen:
        raise Stale(say("Somebody covered more of this photo meanwhile. Look at it again."))
    photo.covered_sha256, photo.covered_at, photo.covered_by = covered, now, actor.name
    photo.covered_boxes = [list(box) for box in boxes]
    facts = {"photo": photo.public_id, "kind": photo.kind, "boxes": len(boxes), "sha256": covered}
    told = Told(facts=facts)
    record_aside(ticket, EventKind.PHOTO_COVERED, actor=actor, now=now, told=told)


def uncover_photo(
    ticket: Ticket, photo: Attachment, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Show a photo again as it was taken.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when nothing of it is covered, or it was removed.
    """
    said = check_reason(reason)
    if photo.covered_sha256 is None or photo.deleted_at is not None:
        raise Forbidden(say("Nothing of this photo is covered."))
    photo.covered_sha256 = photo.covered_at = photo.covered_by = photo.covered_boxes = None
    told = Told(note=said, facts={"photo": photo.public_id, "kind": photo.kind})
    record_aside(ticket, EventKind.PHOTO_UNCOVERED, actor=actor, now=now, told=told)


def log_original_look(ticket: Ticket, photo: Attachment, *, actor: Actor, now: datetime) -> None:
    """Write down who looked at a covered photo as it was taken."""
    seen = {"photo": photo.public_id}
    record_setting("original", ticket_number(ticket.id), None, seen, actor=actor, now=now)

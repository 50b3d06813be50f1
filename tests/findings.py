"""How do tests let a crew do what a leader is asked about?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.actions.attachments import add_photo
from dispatch.actions.corrections import correct_time
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive
from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.visits import active_visit_of
from tests.factories import make_account
from tests.photos import new_photo
from tests.trips import another_ticket, open_burst, send, step

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.place import Point

MINUTE = timedelta(minutes=1)
SCRIPT = (("acknowledge", 1), ("set-off", 2))


def visited(
    crew: Actor,
    begin: datetime,
    *,
    tap: Point | None = None,
    photo: str | None = None,
    taken_at: datetime | None = None,
    on_site: timedelta = 30 * MINUTE,
    crew_id: int = 1,
) -> int:
    """Open a ticket and let a crew be there ten minutes later; return the ticket's row.

    `photo` is the content of a photo, told by one character.
    """
    number = another_ticket(begin, level=2).ticket.id
    send(number, crew_id, begin)
    for name, minutes in SCRIPT:
        step(number, name, crew, begin + minutes * MINUTE)
    arrived = begin + 10 * MINUTE
    with transaction():
        ticket = db.session.get_one(Ticket, number)
        visit = active_visit_of(number, crew_id)
        told = Told(position=tap, accuracy_metres=None if tap is None else 10.0)
        arrive(ticket, visit, actor=crew, now=arrived, told=told)
        if photo:
            new = new_photo(kind=AttachmentKind.AFTER, sha256=photo * 64, taken_at=taken_at)
            add_photo(ticket, new, actor=crew, now=arrived, most=9)
    step(number, "start", crew, arrived)
    step(number, "complete", crew, arrived + on_site)
    return number


def leave_one(now: datetime) -> None:
    """Add the city, and let a crew's visit there rest on nothing but its tap."""
    open_burst(now)
    crew = make_account(Role.CREW, now, name="Wang", crew_id=1)
    db.session.commit()
    visited(crew, now)


def correct_often(actor: Actor, ticket_id: int, times: int, now: datetime) -> None:
    """Let a person correct the end of a repair several times, a second later each time."""
    with transaction():
        ticket = db.session.get_one(Ticket, ticket_id)
        end = ticket.completed_at
        assert end is not None
        for each in range(times):
            at = end - timedelta(seconds=each + 1)
            correct_time(ticket, "completed", at, reason="was earlier", actor=actor, now=now)

"""What does a crew carry on paper, and how does it get from there to its page?"""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, current_app, render_template
from markupsafe import Markup

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.domain.permissions import Permission
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import ACTIVE
from dispatch.queries.attachments import photos_of
from dispatch.queries.crew_kit import crew_kit
from dispatch.queries.crew_ticket import crew_ticket
from dispatch.queries.tickets import ticket_row, ticket_seen

blueprint = Blueprint("work_order", __name__)

MOST_PHOTOS = 4
"""What a sheet has room for; the crew's page has them all."""


@blueprint.get("/desk/tickets/<number>/work-order")
@requires(Permission.SEE_DESK)
def page(number: str) -> str:
    """Show the work order of a ticket for a sheet of A4.

    It names no reporter and no telephone number: paper is lost, and the page that the code opens
    gives them to the crew that is sent. What was said and noted is there for who may see it.
    """
    scope, now = current_scope(), current_time()
    # The page is written for paper; the row also checks that the ticket is the asker's to see.
    own = ticket_number(ticket_seen(number, scope).id)
    base = current_app.config["SETTINGS"].base_url.rstrip("/")
    address = f"{base}/crew/{own}"
    ticket = crew_ticket(own, scope, now)
    return render_template(
        "work_order.html",
        order=ticket_row(own, scope),
        ticket=ticket,
        earlier=[visit for visit in ticket.visits if visit.state not in ACTIVE],
        kit=crew_kit(own, scope, now),
        photos=_photos(own),
        may_personal=current_actor().can(Permission.SEE_PERSONAL),
        address=address,
        code=code_of(address),
        printed_at=now,
    )


def _photos(number: str) -> list[dict[str, Any]]:
    personal = current_actor().can(Permission.SEE_PERSONAL)
    rows = photos_of(ticket_seen(number, current_scope()), personal=personal)
    shown = [row for row in rows if not row["hidden"] and row["deleted_at"] is None]
    return shown[:MOST_PHOTOS]


def code_of(address: str) -> Markup:
    """Return a QR code as an inline drawing; it can lose a seventh of itself and is still read."""
    drawn = segno.make(address, error="m", micro=False)
    # It holds numbers and the address as black squares, none of it as text.
    return Markup(drawn.svg_inline(omitsize=True, border=2, svgclass="code"))  # noqa: S704

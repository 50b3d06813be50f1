"""What did the desk write about an interruption, and what does the form begin with?"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import current_app

from dispatch.actions.notices import NoticeWish
from dispatch.domain.errors import Invalid
from dispatch.domain.grid_outline import read_area
from dispatch.domain.notices import NoticeKind
from dispatch.domain.sentences import say
from dispatch.schemas.fields import loaded
from dispatch.schemas.notices import NoticeShape

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from dispatch.models.notices import NoticeRow
    from dispatch.models.tickets import Ticket

TEXTS = ("kind", "area", "area_zh", "text", "text_zh", "ticket")
LISTS = ("categories", "grids")
USUAL_LENGTH = timedelta(hours=4)
FROM_A_BURST = ("no_water", "low_pressure", "discoloured_water")


def wish_from(form: MultiDict[str, str]) -> NoticeWish:
    """Read a notice from its form.

    Raises:
        Invalid: naming each wrong field.
    """
    given: dict[str, Any] = {name: form.get(name, "") for name in TEXTS}
    given |= {name: form.getlist(name) for name in LISTS}
    given |= {name: moment_in(form, name).isoformat() for name in ("begins_at", "ends_at")}
    asked = loaded(NoticeShape, given)
    drawn = form.get("outline", "").strip()
    lists = {name: tuple(asked[name]) for name in LISTS}
    return NoticeWish(**asked | lists | {"outline": read_area(drawn) if drawn else None})


def moment_in(form: MultiDict[str, str], name: str) -> datetime:
    """Read a local time of the form, in the utility's zone unless it names its own.

    Raises:
        Invalid: naming the field.
    """
    try:
        wanted = datetime.fromisoformat(form.get(name, ""))
        wanted.timestamp()
    except (ValueError, OverflowError):
        fault = say("This is no date with a time of day.")
        raise Invalid(fault, fields={name: fault}) from None
    zone = current_app.config["SETTINGS"].zone
    return wanted if wanted.tzinfo else wanted.replace(tzinfo=zone)


def typed_again(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return the form as it came in, to be shown again."""
    typed: dict[str, Any] = form.to_dict()
    return typed | {name: form.getlist(name) for name in LISTS}


def fresh(now: datetime, ticket: Ticket | None, number: str) -> dict[str, Any]:
    """Return the form of a new notice; one for a burst begins with its receipt."""
    begins = ticket.received_at if ticket else now
    return {
        "kind": str(NoticeKind.BURST if ticket else NoticeKind.PLANNED),
        "categories": list(FROM_A_BURST),
        "grids": [],
        "ticket": number,
        "begins_at": local(begins),
        "ends_at": local(max(begins, now) + USUAL_LENGTH),
    }


def stored(row: NoticeRow, number: str) -> dict[str, Any]:
    """Return the form of a notice that is there."""
    return {
        **{name: getattr(row, name) for name in ("kind", "area", "area_zh", "text", "text_zh")},
        "categories": row.categories,
        "grids": row.grids,
        "outline": json.dumps(row.outline) if row.outline else "",
        "ticket": number,
        "begins_at": local(row.begins_at),
        "ends_at": local(row.ends_at),
    }


def local(at: datetime) -> str:
    """Write an instant as a field for a local date and time holds it."""
    zone = current_app.config["SETTINGS"].zone
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")

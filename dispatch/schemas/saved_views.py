"""How do the saved views of the desk and the circle look on the wire?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.domain.ticket_state import TicketState
from dispatch.schemas.fields import Choice, Choices, Flag, Part, Shape, Whole, Words

LONGEST_NAME = 60
SHOWN = ("all", "over", "crew", "place", "way", "site", "done")
"""The groups of the queue, as the desk's chips name them."""


class FiltersShape(Shape):
    """What a view lets through, as in the desk's address; what is left out lets all through."""

    show = Choice(SHOWN)
    q = Words(100)
    level = Choices(("1", "2", "3", "4"))
    grid = Words(200)
    team = Words(200)
    crew = Words(200)
    state = Choice([str(state) for state in TicketState])
    category = Choice([rule.key for rule in CATEGORIES])
    due = Choice(("over", "soon"))
    unread = Choice(("1",))
    phone = Choice(("1", "0"))
    place = Choice(("1", "0"))


class SavedViewShape(Shape):
    """A view as somebody wants it."""

    name = Words(LONGEST_NAME, shortest=1, required=True)
    shared = Flag(load_default=False)
    filters = Part(FiltersShape, required=True)


class ViewForm(Shape):
    """The form that keeps a view of the circle; the view itself is the address."""

    name = Words(LONGEST_NAME, shortest=1, required=True)
    shared = Flag(load_default=False)


class SeenView(Shape):
    """The version of a view that somebody saw before changing it."""

    version = Whole(1, LARGEST_ROW_ID, required=True)


class ViewName(SeenView):
    """Another name for a view."""

    name = Words(LONGEST_NAME, shortest=1, required=True)


class SavedViewReply(Schema):
    """One view; `owner` names the person who shares it, null when it is the asker's own."""

    id = fields.Integer()
    version = fields.Integer()
    name = fields.String()
    shared = fields.Boolean()
    mine = fields.Boolean()
    owner = fields.String(allow_none=True)
    filters = fields.Dict(keys=fields.String(), values=fields.String())
    deleted = fields.Boolean()


class OneSavedViewReply(Schema):
    """One view."""

    view = fields.Nested(SavedViewReply)


class SavedViewsReply(Schema):
    """The views that the asker may use, by name."""

    views = fields.List(fields.Nested(SavedViewReply))

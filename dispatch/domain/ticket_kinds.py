"""What does somebody want of us: a repair, a visit, or something that takes steps of its own?"""

from __future__ import annotations

from enum import StrEnum

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.task_state import TaskKind


class TicketKind(StrEnum):
    """What a ticket is about; a closed list."""

    REPAIR = "repair"
    PLANNED = "planned"
    INSPECTION = "inspection"
    INSTALLATION = "installation"
    WATER_QUALITY = "water_quality"
    ENQUIRY = "enquiry"


KIND_NAMES: dict[TicketKind, Sentence] = {
    TicketKind.REPAIR: say("Fault"),
    TicketKind.PLANNED: say("Planned visit"),
    TicketKind.INSPECTION: say("Inspection"),
    TicketKind.INSTALLATION: say("Installation request"),
    TicketKind.WATER_QUALITY: say("Water quality check"),
    TicketKind.ENQUIRY: say("Enquiry"),
}

PLANNED_KINDS = frozenset({TicketKind.PLANNED, TicketKind.INSPECTION})
"""Tickets that nobody waits for: they fill quiet time, give way to every repair, and take no part
in any figure of time after the call."""

PROCEDURES: dict[TicketKind, tuple[TaskKind, ...]] = {
    TicketKind.INSTALLATION: (
        TaskKind.ACCEPTANCE,
        TaskKind.SURVEY,
        TaskKind.QUOTE,
        TaskKind.PAYMENT,
        TaskKind.CONSTRUCTION,
        TaskKind.METER_OPENING,
    ),
    TicketKind.WATER_QUALITY: (TaskKind.SAMPLING, TaskKind.ANALYSIS, TaskKind.REPLY),
    TicketKind.ENQUIRY: (TaskKind.REPLY,),
}
"""The steps of a kind, one after the other. Times and owners are a part of the promises."""

STEP_KINDS = frozenset(PROCEDURES)
"""Tickets that steps carry to their end: each step has its clock in working days, the ticket has
none, and no crew is sent for the ticket itself."""

CATEGORIES_OF_KIND: dict[TicketKind, tuple[str, ...]] = {
    TicketKind.INSTALLATION: ("installation",),
    TicketKind.WATER_QUALITY: ("water_quality",),
    TicketKind.ENQUIRY: ("advice", "bill", "other"),
}
"""What a ticket of the kind can be about, first what it is where nobody says otherwise."""


def check_kind(kind: str, category: str) -> None:
    """Raise Invalid, naming the field, unless a kind is on the list and can be about a category.

    No crew is sent for a request, so a fault that is called one would be left alone.
    """
    if kind not in set(TicketKind):
        fault = say("There is no kind of ticket “%(kind)s”.", kind=kind)
        raise Invalid(fault, fields={"kind": fault})
    possible = CATEGORIES_OF_KIND.get(TicketKind(kind))
    if possible is not None and category not in possible:
        fault = say(
            "“%(kind)s” is no kind for this category: no crew would be sent. Choose “Fault”.",
            kind=KIND_NAMES[TicketKind(kind)],
        )
        raise Invalid(fault, fields={"kind": fault})


def has_steps(kind: str) -> bool:
    """Tell whether steps carry tickets of a kind to their end."""
    return kind in STEP_KINDS

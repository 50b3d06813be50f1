"""What does a steward's tap on a round do, whether it comes at once or hours later?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.actions.intake import NewReport
from dispatch.actions.placing import GivenPlace
from dispatch.actions.rounds import add_late_words, end_stop, find_fault, undo_end
from dispatch.actions.ticket_log import JUST_NOW, Told, record_aside
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Scope
from dispatch.domain.rounds import LONGEST_NOTE, StopState, stop_named
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_kinds import CATEGORIES_OF_KIND, TicketKind
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.queries.households import household_id_of
from dispatch.queries.rounds import stop_for_change, stop_view
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.visits import crew_for_change

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.place import Point
    from dispatch.models.rounds import RoundStop
    from dispatch.models.tickets import Ticket
    from dispatch.queries.rounds import StopView

CHANNEL = "crew"
LONGEST_ADDRESS = 300
OUTCOMES = {"round-done": StopState.DONE, "round-nobody-home": StopState.NOBODY_HOME}
_LENGTHS = {
    "note": LONGEST_NOTE,
    "category": 64,
    "description": LONGEST_NOTE,
    "address": LONGEST_ADDRESS,
}
_REQUESTS = {each for kind in TicketKind for each in CATEGORIES_OF_KIND.get(kind, ())} - {"other"}
FAULTS = tuple(
    each for each in CATEGORIES if each.level < Level.ENQUIRY and each.key not in _REQUESTS
)
"""What a steward may find; the rest is asked for by residents."""


def take_round_step(
    kind: str, args: Mapping[str, Any], *, actor: Actor, now: datetime, told: Told = JUST_NOW
) -> Ticket | None:
    """Take one of `ROUND_STEPS`; return the ticket that a find became.

    `args` are `stop`, which a find on the way has none of; `note` of a stop that is ended;
    `category`, `description` and, without a stop, `address` of a find.

    Raises:
        NotFound: when it is no stop of the asker's crews, or the asker goes with no crew.
        Invalid: naming what is wrong with a find.
        Forbidden: when the stop has ended another way, or cannot be undone.
    """
    said = {name: _text(args, name, longest) for name, longest in _LENGTHS.items()}
    by: dict[str, Any] = {"actor": actor, "now": now, "told": told}
    stop_id = stop_named(args)
    if kind == "round-fault":
        return _find(stop_id, said, told, by)
    row, crew = stop_for_change(stop_id or 0, actor.scope)
    if kind == "round-undo":
        undo_end(row, crew, **by)
    else:
        end_stop(row, crew, OUTCOMES[kind], note=said["note"], **by)
    return None


def keep_late_words(args: Mapping[str, Any], kept: Told, *, actor: Actor, now: datetime) -> None:
    """Keep what a tap said that came too late: at its stop, and in the story of its ticket."""
    row, _crew = stop_for_change(stop_named(args) or 0, actor.scope)
    words = [_text(args, name, longest) for name, longest in _LENGTHS.items()]
    add_late_words(row, " ".join(each for each in words if each))
    tied_to = row.ticket_id or row.found_ticket_id
    if tied_to is not None:
        ticket = ticket_for_change(ticket_number(tied_to), Scope(everything=True))
        record_aside(ticket, EventKind.FOR_REVIEW, actor=actor, now=now, told=kept)


def _text(args: Mapping[str, Any], name: str, longest: int) -> str:
    return str(args.get(name) or "").replace("\0", "").strip()[:longest]


def _find(stop_id: int | None, said: dict[str, str], told: Told, by: dict[str, Any]) -> Ticket:
    actor: Actor = by["actor"]
    if said["category"] not in {each.key for each in FAULTS}:
        fault = say("Choose what you found.")
        raise Invalid(fault, fields={"category": fault})
    stop: StopView | None = None
    row: RoundStop | None = None
    if stop_id is None:
        crew = crew_for_change(actor.crew_id or 0, actor.scope)
    else:
        row, crew = stop_for_change(stop_id, actor.scope)
        stop = stop_view(stop_id, actor.scope)
    if told.event_uuid and not said["address"]:
        # A phone that kept it asks nobody any more where it was: the desk asks the crew.
        said["address"] = crew.name
    return find_fault(row, crew, _report(stop, said, told), **by)


def _report(stop: StopView | None, said: dict[str, str], told: Told) -> NewReport:
    """Word the find as a report; at a stop the place of the household counts, else the phone's."""
    return NewReport(
        category=said["category"],
        description=said["description"],
        address=stop.address if stop else said["address"],
        place=_place(stop.point if stop else None, told),
        channel=CHANNEL,
        household_id=household_id_of(stop.account) if stop and stop.account else None,
    )


def _place(known: Point | None, told: Told) -> GivenPlace | None:
    if known is not None:
        return GivenPlace(known.lat, known.lon, source="account")
    if told.position is None:
        return None
    here = told.position
    return GivenPlace(here.lat, here.lon, source="gps", accuracy_metres=told.accuracy_metres)

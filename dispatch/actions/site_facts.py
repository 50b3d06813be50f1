"""How is what a crew found, used and saw to on site written into the story of its ticket?

Each is a fact: it is added whatever has become of the ticket meanwhile, and changes nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dispatch.actions.merged_news import record_told
from dispatch.actions.ticket_log import JUST_NOW, Told, record_aside
from dispatch.actions.told_visits import visit_told
from dispatch.domain.checklists import TickList, check_list, no_such_item
from dispatch.domain.errors import Invalid
from dispatch.domain.next_visit import check_needs
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.domain.site_kit import KIT, check_part
from dispatch.domain.site_readings import check_reading
from dispatch.domain.site_record import as_arguments
from dispatch.domain.ticket_state import EventKind
from dispatch.domain.time_left import check_minutes
from dispatch.queries.checklists import list_item
from dispatch.queries.site_work import other_value, unticked_items
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket, Visit

Found = tuple[EventKind, dict[str, Any]]


def _reading(args: dict[str, Any]) -> Found:
    texts = [str(args.get(name) or "").strip() for name in ("reading", "unit", "when")]
    kind, unit, when = texts
    value = args.get("value")
    reading = check_reading(kind, "" if value is None else value, unit, when or "before")
    return EventKind.READING_TAKEN, reading.as_facts()


def _parts(args: dict[str, Any]) -> Found:
    item, count = check_part(str(args.get("item") or ""), args.get("count", 1))
    return EventKind.PARTS_USED, {"item": item, "count": count}


def _tick(args: dict[str, Any]) -> Found:
    tick_list, item = check_list(str(args.get("list") or "")), str(args.get("item") or "")
    done = args.get("done", True)
    if done not in (True, False, "yes", "no"):
        fault = say("Say yes or no.")
        raise Invalid(fault, fields={"done": fault})
    return EventKind.TICKED, {"list": str(tick_list), "item": item, "done": done in (True, "yes")}


def _needs(args: dict[str, Any]) -> Found:
    wanted = check_needs(args.get("parts"), args.get("needs"))
    if not wanted:
        fault = say("Choose what is needed next from the list.")
        raise Invalid(fault, fields={"needs": fault})
    return EventKind.NEXT_VISIT_NEEDS, dict(wanted)


def _time_left(args: dict[str, Any]) -> Found:
    return EventKind.TIME_LEFT, {"minutes": check_minutes(args.get("minutes"))}


OF_THE_VISIT_ALONE = frozenset({EventKind.TICKED, EventKind.TIME_LEFT})
"""What says nothing to whoever repairs the fault on another ticket."""

SITE_FACTS: dict[str, Callable[[dict[str, Any]], Found]] = {
    "reading": _reading,
    "parts": _parts,
    "tick": _tick,
    "needs": _needs,
    "time-left": _time_left,
}
"""The facts by the name of their command."""


def add_fact(
    ticket: Ticket,
    kind: str,
    args: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    for_crew_id: int | None = None,
    visit_id: int | None = None,
) -> None:
    """Add one of `SITE_FACTS`, on the visit that is named, else the crew's of the time it is told.

    The desk names the crew that told it. Where another person wrote something else into the same
    field meanwhile, the fact says who, when and what; the later one counts until somebody chooses.

    Raises:
        Invalid: naming the field that is wrong.
    """
    event, facts = SITE_FACTS[kind](args)
    crew_id = actor.crew_id or for_crew_id
    visit = _visit_named(ticket, crew_id, visit_id, told)
    if event is EventKind.TICKED:
        facts |= _own_words(ticket, visit, facts, now)
    facts = told.facts | facts | _other(ticket, visit, (event, facts), actor, told)
    told = replace(told, facts=facts)
    if visit is not None and actor.crew_id is None:
        told = replace(told, acting_for_crew_id=visit.crew_id)
    record = record_aside if event in OF_THE_VISIT_ALONE else record_told
    record(ticket, event, actor=actor, now=now, told=told, visit=visit)


def _visit_named(
    ticket: Ticket, crew_id: int | None, visit_id: int | None, told: Told
) -> Visit | None:
    if visit_id is None:
        return visit_told(ticket, crew_id, told) if crew_id else None
    for visit in visits_of(ticket.id):
        if visit.id == visit_id and crew_id in {None, visit.crew_id}:
            return visit
    fault = say("This ticket has no such visit of this crew.")
    raise Invalid(fault, fields={"visit_id": fault})


def _other(
    ticket: Ticket, visit: Visit | None, found: Found, actor: Actor, told: Told
) -> dict[str, Any]:
    # What is told as it happens was typed with the last word in sight.
    if told.effective_at is None:
        return {}
    event, facts = found
    since = told.effective_at if told.seen is None else told.seen
    row = other_value(ticket.id, visit.id if visit else None, event, facts, since)
    if row is None or (row.user_id, row.actor) == (actor.user_id, actor.name):
        return {}
    told_by = {"by": row.actor, "at": row.effective_at.isoformat()}
    return {"other": told_by | {"args": as_arguments(event, row.facts)}}


def add_needs(
    ticket: Ticket,
    args: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
) -> None:
    """Add what the next visit needs where a visit that ended says so, as an event of its own.

    Raises:
        Invalid: naming the field that is wrong.
    """
    if check_needs(args.get("parts"), args.get("needs")):
        told = Told(effective_at=told.effective_at, time_quality=told.time_quality)
        add_fact(ticket, "needs", args, actor=actor, now=now, told=told)


def _own_words(
    ticket: Ticket, visit: Visit | None, facts: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """Return the words that an item has of an administrator, as the crew saw them.

    Raises:
        Invalid: when the list has never had such an item.
    """
    tick_list, key = TickList(facts["list"]), facts["item"]
    if tick_list is TickList.BRING:
        if key not in KIT:
            raise no_such_item()
        return {}
    seen_at = visit.dispatched_at if visit else now
    found = list_item(ticket.category, tick_list, key, seen_at)
    if found is None:
        raise no_such_item()
    return found.facts


def with_unticked(
    ticket: Ticket, visit: Visit, told: Told, actor: Actor, tick_list: TickList
) -> Told:
    """Return what was told of a step with the items that should be ticked by then and are not.

    They are named and stop nobody. Only a crew's own tap says so: a dispatcher has no list.
    """
    left = unticked_items(ticket, visit, tick_list) if actor.role is Role.CREW else []
    if not left:
        return told
    own = {each.key: each.facts["words"] for each in left if each.words}
    facts = {"unticked": [each.key for each in left]} | ({"unticked_words": own} if own else {})
    return replace(told, facts=told.facts | facts)

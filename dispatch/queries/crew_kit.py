"""What does a crew load, see to, read and use for one ticket, and what has it written down?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.checklists import TickList
from dispatch.domain.resident_code import MOST_TRIES
from dispatch.domain.site_kit import KIT, item_name
from dispatch.domain.site_readings import (
    READINGS,
    WHEN_NAMES,
    When,
    readings_of,
    went_back,
)
from dispatch.domain.site_record import NOTHING
from dispatch.domain.site_words import reading_words
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import VisitState
from dispatch.queries.bring_list import bring_lists
from dispatch.queries.checklists import checklists_for
from dispatch.queries.field_sync import last_visit_of
from dispatch.queries.site_work import site_records
from dispatch.queries.tickets import ticket_seen
from dispatch.queries.time_left import times_left

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.bring_list import BringLine
    from dispatch.domain.checklists import ListItem
    from dispatch.domain.permissions import Scope
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.site_record import SiteRecord
    from dispatch.domain.time_left import TimeLeft
    from dispatch.models.tickets import Visit
    from dispatch.queries.crew_day import CrewDay

_BEFORE_LEAVING = frozenset({VisitState.DISPATCHED, VisitState.ACKNOWLEDGED})


class TickRow(NamedTuple):
    """One item of a list: its key, its words, why it stands there, and whether it is ticked.

    `is_required` says that whoever goes on without the tick is named for it.
    """

    list: str
    item: str
    name: Sentence
    reason: Sentence | None
    is_urgent: bool
    is_ticked: bool
    is_required: bool


class ReadingForm(NamedTuple):
    """One quantity that may be read: its key, name, and what was read before and after.

    `units` names each unit that may be typed with the most that it can be.
    """

    kind: str
    name: Sentence
    units: tuple[tuple[str, str], ...]
    before: str | None
    after: str | None
    went_back: bool


class DayBring(NamedTuple):
    """What to load for one ticket of the day, and how much of it is ticked."""

    lines: tuple[BringLine, ...]
    loaded: int


class Written(NamedTuple):
    """Something that was written down on site, in words, and when it happened."""

    words: Sentence
    at: datetime


@dataclass(frozen=True)
class CrewKit:
    """The lists and forms of one ticket, as its crew sees them on its last visit.

    `skipped` are the safety steps that were open when work began. `stage` says what the crew
    is at: ``load`` before it sets off, ``road``, ``work`` once it is there, ``over`` afterwards.
    `code` says whether a resident's code was ``right``, ``wrong``, or wrong too often: ``locked``.
    `time_left` is what the crew said last of how much longer it needs.
    """

    stage: str
    bring: tuple[TickRow, ...]
    needs: tuple[Sentence, ...]
    safety: tuple[TickRow, ...]
    skipped: tuple[Sentence, ...]
    checks: tuple[TickRow, ...]
    readings: tuple[ReadingForm, ...]
    read: tuple[Written, ...]
    used: tuple[tuple[Sentence, int], ...]
    parts: tuple[tuple[str, Sentence], ...]
    missing: tuple[tuple[str, Sentence], ...]
    whens: tuple[tuple[str, Sentence], ...]
    code: str
    time_left: TimeLeft | None


def crew_kit(number: str, scope: Scope, now: datetime) -> CrewKit:
    """Return the lists and forms of a ticket for the asker's crew.

    Raises:
        NotFound: when there is no such ticket in the asker's scope.
    """
    ticket = ticket_seen(number, scope)
    visit = last_visit_of(ticket.id, scope.crew_id) if scope.crew_id else None
    record = site_records([ticket.id]).get(ticket.id, NOTHING)
    bring = bring_lists([ticket], now)[ticket.id]
    lists = checklists_for(ticket.category, visit.dispatched_at if visit else now)
    safety = _rows(TickList.SAFETY, lists.safety, record, visit)
    # Those of the bring list are the likely ones, so they come first.
    likely = dict.fromkeys([*(line.item for line in bring.lines), *KIT])
    choices = [(key, KIT[key].name) for key in likely]
    began = visit is not None and visit.working_at is not None
    return CrewKit(
        stage=_stage(visit),
        bring=tuple(_bring_row(line, record, visit) for line in bring.lines),
        needs=bring.needs,
        safety=safety,
        skipped=tuple(
            row.name for row in safety if began and row.is_required and not row.is_ticked
        ),
        checks=_rows(TickList.CHECK, lists.checks, record, visit),
        readings=tuple(_reading_form(kind, record, visit) for kind in readings_of(ticket.category)),
        read=tuple(Written(reading_words(each.facts), each.at) for each in record.readings),
        used=tuple((item_name(part.item), part.number) for part in record.parts),
        parts=tuple(each for each in choices if KIT[each[0]].is_part),
        missing=tuple(choices),
        code=_code_standing(record, visit),
        time_left=times_left([ticket.id]).get(visit.id) if visit else None,
        whens=tuple((str(when), name) for when, name in WHEN_NAMES.items()),
    )


def _code_standing(record: SiteRecord, visit: Visit | None) -> str:
    own = visit.id if visit else None
    if record.has_code(own):
        return "right"
    wrong = record.wrong_codes(own)
    return "locked" if wrong >= MOST_TRIES else "wrong" if wrong else ""


def _stage(visit: Visit | None) -> str:
    if visit is None:
        return "over"
    state = VisitState(visit.state)
    if state in _BEFORE_LEAVING:
        return "load"
    if state is VisitState.EN_ROUTE:
        return "road"
    return "work" if state in {VisitState.ARRIVED, VisitState.WORKING} else "over"


def _bring_row(line: BringLine, record: SiteRecord, visit: Visit | None) -> TickRow:
    is_ticked = _is_ticked(record, visit, TickList.BRING, line.item)
    listed = str(TickList.BRING)
    return TickRow(
        listed, line.item, line.name, line.reason, line.is_urgent, is_ticked, is_required=True
    )


def _rows(
    tick_list: TickList, items: tuple[ListItem, ...], record: SiteRecord, visit: Visit | None
) -> tuple[TickRow, ...]:
    return tuple(
        TickRow(
            str(tick_list),
            item.key,
            item.name,
            None,
            is_urgent=False,
            is_ticked=_is_ticked(record, visit, tick_list, item.key),
            is_required=item.is_required,
        )
        for item in items
    )


def _is_ticked(record: SiteRecord, visit: Visit | None, tick_list: TickList, item: str) -> bool:
    return record.is_ticked(visit.id if visit else None, str(tick_list), item)


def _reading_form(kind: str, record: SiteRecord, visit: Visit | None) -> ReadingForm:
    rule = READINGS[kind]
    values = {
        each.facts["when"]: each.facts["value"]
        for each in record.readings
        if each.facts["reading"] == kind and each.visit == (visit.id if visit else None)
    }
    before, after = values.get(When.BEFORE), values.get(When.AFTER)
    back = kind == "meter" and went_back(before, after)
    units = tuple((unit, f"{rule.most / size:f}") for unit, size in rule.units.items())
    return ReadingForm(kind, rule.name, units, before, after, back)


def brings_of_day(day: CrewDay, scope: Scope, now: datetime) -> dict[str, DayBring]:
    """Return what to load for the tickets that the crew has not set off for, by number."""
    waiting = [each.number for each in day.tickets if each.visit_state in _BEFORE_LEAVING]
    tickets = [ticket_seen(number, scope) for number in waiting]
    records = site_records(ticket.id for ticket in tickets)
    found = {}
    for ticket_id, bring in bring_lists(tickets, now, with_place=False).items():
        visit = last_visit_of(ticket_id, scope.crew_id or 0)
        record = records.get(ticket_id, NOTHING)
        loaded = sum(_is_ticked(record, visit, TickList.BRING, each.item) for each in bring.lines)
        found[ticket_number(ticket_id)] = DayBring(bring.lines, loaded)
    return found

"""Does a later word about a past ticket change the figures it should, no others, and is it told?"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.actions.corrections import correct_time
from dispatch.actions.details import change_details
from dispatch.actions.endings import cancel_ticket, close_ticket, reopen_ticket
from dispatch.actions.holds import hold_ticket
from dispatch.actions.intake import change_level
from dispatch.actions.merging import merge_ticket
from dispatch.actions.placing import place_ticket
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive
from dispatch.domain.figure_looks import Watched, changes
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.figure_looks import (
    Look,
    LookedAt,
    causes_since,
    last_event,
    look_of,
    readings_of,
)
from dispatch.queries.figures import circle_figures, facts_of_view
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from dispatch.queries.visits import visits_of
from tests.cases import Case
from tests.factories import DESK, IN_EAST, make_ticket
from tests.invariants import stored

EVERYTHING = Scope(everything=True)
ZONE = ZoneInfo("Asia/Shanghai")
ON_TIME, LATE, OPEN = "on time", "late", "open"
DAY = 24 * 60.0
LOOKED, TOLD, ASKED = 4 * DAY, 4 * DAY + 60, 4 * DAY + 120
ARRIVALS = {Watched.CIRCLE, Watched.CIRCLE_ADJUSTED, Watched.RESPONSE_P90}
KEPT = {Watched.CIRCLE, Watched.CIRCLE_ADJUSTED}
CLOSED = {Watched.FIRST_TIME_FIX, Watched.REPEAT_7, Watched.REPEAT_30, Watched.REPEAT_90}


class Past:
    """A day with one ticket in the state that is asked for, one that stays, and what was seen."""

    def __init__(self, now, kind) -> None:
        self.case = case = Case(now)
        today = now.astimezone(ZONE).date()
        self.period = Period(today, today + timedelta(days=1), ZONE)
        with transaction():
            self.other = make_ticket(now, category="leak", address="Far away 1").ticket.id
        visit = case.send(at=1)
        case.go(visit, "acknowledge", "set_off", at=2)
        if kind != OPEN:
            case.go(visit, "arrive", at=10 if kind == ON_TIME else 40)
            case.go(visit, "complete", at=60)
            case.do(close_ticket, at=70)

    def other_ticket(self):
        return stored(self.other)

    def read(self, at, period=None, filters=ALL_TICKETS):
        period, now = period or self.period, self.case.minute(at)
        facts = facts_of_view(period, EVERYTHING, filters, compare=False, now=now)
        figures = circle_figures(period, EVERYTHING, filters, compare=False, facts=facts, now=now)
        return facts, readings_of(figures)

    def looked(self, filters=ALL_TICKETS):
        event = last_event()
        _, readings = self.read(LOOKED, filters=filters)
        seen = {str(name): reading.as_json() for name, reading in readings.items()}
        return Look(seen, self.case.minute(LOOKED), event)

    def told(self, look, filters=ALL_TICKETS):
        """Return what changed, and for each figure which tickets and words are said to be why."""
        facts, readings = self.read(ASKED, filters=filters)
        changed = changes(look.seen, readings)
        view = LookedAt(
            period=self.period,
            scope=EVERYTHING,
            filters=filters,
            facts=facts,
            as_of=self.case.minute(ASKED),
        )
        causes = causes_since(look, tuple(Watched), view)
        return set(changed), {
            figure: [(one.number, str(one.what)) for one in found]
            for figure, found in causes.items()
            if found
        }


def corrected(step, minute):
    def do(past):
        past.case.do(correct_time, step, past.case.minute(minute), reason="wrong button", at=TOLD)

    return do


def late_from_the_phone(past):
    """Tell days later, from a phone that had no network, of an arrival in time."""
    told = Told(effective_at=past.case.minute(20), time_quality="estimated")
    with transaction():
        ticket = past.case.reload()
        [visit] = visits_of(ticket.id)
        arrive(ticket, visit, actor=DESK, now=past.case.minute(TOLD), told=told)


def merged(past):
    past.case.do(merge_ticket, past.other_ticket(), at=TOLD)


def reopened(past):
    past.case.do(reopen_ticket, reason="it leaks again", at=TOLD)


def cancelled(past):
    past.case.do(cancel_ticket, reason="never was", at=TOLD)


def lowered(past):
    past.case.do(change_level, 3, reason="not urgent", at=TOLD)


def recategorised(past):
    past.case.do(change_details, {"category": "leak"}, at=TOLD)


def moved_east(past):
    past.case.do(place_ticket, IN_EAST, at=TOLD)


def held(past):
    past.case.do(hold_ticket, reason="waiting_for_part", at=TOLD)


@pytest.mark.parametrize(
    ("kind", "do", "word", "expected"),
    [
        (LATE, corrected("arrived", 25), "A time was corrected", ARRIVALS),
        (ON_TIME, corrected("arrived", 12), "A time was corrected", {Watched.RESPONSE_P90}),
        (ON_TIME, corrected("completed", 61), "A time was corrected", set()),
        (ON_TIME, reopened, "Reopened", CLOSED | {Watched.REPAIR}),
        (OPEN, late_from_the_phone, "Crew arrived", ARRIVALS),
        (OPEN, merged, "Marked as a duplicate", KEPT | {Watched.REPAIR}),
        (OPEN, cancelled, "Cancelled", KEPT | {Watched.REPAIR}),
        (OPEN, lowered, "Level changed", KEPT),
        (OPEN, held, "Put on hold", set()),
    ],
)
def test_a_later_word_changes_the_figures_it_should_and_says_so(
    session, now, kind, do, word, expected
):
    past = Past(now, kind)
    look = past.looked()
    tomorrow = Period(past.period.until, past.period.until + timedelta(days=1), ZONE)
    _, next_day = past.read(ASKED, tomorrow)
    do(past)
    changed, causes = past.told(look)
    assert changed == expected
    for figure in changed:
        assert (ticket_number(past.case.id), word) in causes[figure], figure
    assert past.read(ASKED, tomorrow)[1] == next_day


@pytest.mark.parametrize(
    ("filters", "do", "word"),
    [
        (FigureFilters(level=1), lowered, "Level changed"),
        (FigureFilters(category="burst"), recategorised, "Details changed"),
        (FigureFilters(grid="West"), moved_east, "Placed in a grid"),
        (FigureFilters(team="West Team"), moved_east, "Placed in a grid"),
        (ALL_TICKETS, corrected("received", -DAY), "A time was corrected"),
    ],
)
def test_a_ticket_that_left_the_view_is_named_as_well(session, now, filters, do, word):
    past = Past(now, OPEN)
    look = past.looked(filters)
    do(past)
    changed, causes = past.told(look, filters)
    assert changed >= KEPT
    for figure in changed:
        assert (ticket_number(past.case.id), word) in causes[figure], figure


def test_a_ticket_that_was_never_in_the_view_is_not_named(session, now):
    past = Past(now, OPEN)
    for filters in (FigureFilters(level=2), FigureFilters(grid="East")):
        look = past.looked(filters)
        lowered(past)
        assert past.told(look, filters) == (set(), {})
        past.case.do(change_level, 1, reason="urgent after all", at=TOLD)


def test_time_alone_is_told_as_what_it_is(session, now):
    past = Past(now, OPEN)
    look = past.looked()
    before = Look(look.seen, past.case.minute(20), look.event)
    assert past.told(before)[1][Watched.CIRCLE] == [
        (ticket_number(past.other), "Its promise fell due"),
        (ticket_number(past.case.id), "Its promise fell due"),
    ]


def test_another_ticket_at_the_same_place_is_told_of_the_one_it_follows(session, now):
    past = Past(now, ON_TIME)
    look = past.looked()
    with transaction():
        make_ticket(past.case.minute(TOLD))
    changed, causes = past.told(look)
    assert changed == CLOSED
    for figure in changed:
        assert causes[figure] == [(ticket_number(past.case.id), "Another ticket came to its place")]


def test_a_view_that_was_never_looked_at_has_no_look(session):
    assert look_of(1, "from=2026-03-02") is None
    assert last_event() == 0

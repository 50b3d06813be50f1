"""Is every second of a ticket in exactly one pair of hands, and in the right one?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.responsibility import (
    DESK,
    HOLDER_NAMES,
    NOBODY,
    Correction,
    Happened,
    Holder,
    HolderKind,
    held_by,
    holder_at,
    spans_of,
)
from dispatch.domain.task_state import TaskKind, TaskState
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState

BEGIN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WEST = Holder(HolderKind.TEAM, "1")
ONE, TWO = Holder(HolderKind.CREW, "11"), Holder(HolderKind.CREW, "12")


def at(minute):
    return BEGIN + timedelta(minutes=minute)


def event(minute, kind, to_state=None, **known: object):
    return Happened(at(minute), str(kind), to_state, **known)


def visit(minute, kind, to_state, crew=11, number=1):
    return event(minute, kind, to_state, visit_id=number, crew_id=crew)


def placed(owner="1"):
    return [event(0, "report_received", "received"), event(1, "accepted", "accepted", owner=owner)]


def task(minute, kind, state, number=7, department=""):
    return event(
        minute, kind, task_id=number, task_kind="valve_closing", task_state=state,
        department=department,
    )  # fmt: skip


def shown(events, now=60, **known: object):
    spans = spans_of(events, received_at=BEGIN, now=at(now), **known)
    return [
        ((span.from_at - BEGIN) / timedelta(minutes=1), span.holder)
        for span in spans
    ]  # fmt: skip


def test_a_ticket_goes_from_desk_to_team_to_crew_and_back_to_the_desk():
    events = [
        *placed(),
        visit(5, "dispatched", "dispatched"),
        visit(6, "acknowledged", "acknowledged"),
        visit(30, "completed", "completed"),
        event(50, "closed", "closed"),
        event(55, "note_added"),
    ]
    assert shown(events) == [(0, DESK), (1, WEST), (5, ONE), (30, DESK)]
    spans = spans_of(events, received_at=BEGIN, now=at(60))
    assert spans[-1].to_at == at(50)
    assert [(each.holder, each.seconds) for each in held_by(spans)] == [
        (DESK, 21 * 60), (WEST, 4 * 60), (ONE, 25 * 60),
    ]  # fmt: skip


def test_a_ticket_outside_every_grid_stays_at_the_desk():
    assert shown(placed(owner="")) == [(0, DESK)]


def test_a_moved_ticket_is_the_new_teams():
    events = [*placed(), event(9, "placed", owner="2")]
    assert shown(events)[-1] == (9, Holder(HolderKind.TEAM, "2"))


def test_a_returned_ticket_is_at_the_desk_and_a_declined_one_at_its_team():
    sent = [*placed(), visit(5, "dispatched", "dispatched")]
    assert shown([*sent, visit(7, "declined", "accepted")])[-1] == (7, WEST)
    back = [visit(7, "withdrawn", None), event(7, "returned", "returned")]
    assert shown([*sent, *back])[-1] == (7, DESK)


def test_the_crew_that_is_furthest_speaks_for_the_ticket():
    events = [
        *placed(),
        visit(5, "dispatched", "dispatched"),
        visit(6, "dispatched", None, crew=12, number=2),
        visit(8, "set_off", "en_route", crew=12, number=2),
        visit(9, "set_off", None),
        visit(20, "cannot_complete", "en_route"),
    ]
    assert shown(events)[2:] == [(5, ONE), (8, TWO), (9, ONE), (20, TWO)]


def test_a_pause_is_a_hold_with_its_reason_and_gives_the_ticket_back():
    events = [
        *placed(),
        event(10, "held", "on_hold", reason="waiting_for_part"),
        event(20, "released", "accepted"),
    ]
    assert shown(events)[1:] == [
        (1, WEST), (10, Holder(HolderKind.HOLD, "waiting_for_part")), (20, WEST),
    ]  # fmt: skip


def test_a_task_before_the_crew_holds_the_ticket_until_it_is_settled():
    department = Holder(HolderKind.DEPARTMENT, "valve_closing", "Network control")
    begun = task(3, "task_opened", "open", department="Network control")
    done = task(9, "task_done", "done", department="Network control")
    assert shown([*placed(), begun, done]) == [(0, DESK), (1, WEST)]
    before = frozenset({7})
    expected = [(0, DESK), (1, WEST), (3, department), (9, WEST)]
    assert shown([*placed(), begun, done], before_crew=before) == expected
    refused = task(9, "task_refused", "refused")
    assert shown([*placed(), begun, refused], before_crew=before)[-1] == (9, WEST)


def test_a_task_that_another_waits_for_holds_the_ticket_too():
    events = [*placed(), task(3, "task_opened", "open"), task(4, "task_opened", "waiting", 8)]
    assert shown(events, before_crew=frozenset({8}))[-1] == (
        4, Holder(HolderKind.DEPARTMENT, "valve_closing"),
    )  # fmt: skip


def test_after_the_repair_an_open_task_holds_the_ticket():
    events = [
        *placed(),
        visit(5, "dispatched", "dispatched"),
        task(6, "task_opened", "open"),
        visit(30, "completed", "completed"),
        task(40, "task_done", "done"),
    ]
    department = Holder(HolderKind.DEPARTMENT, "valve_closing")
    assert shown(events)[2:] == [(5, ONE), (30, department), (40, DESK)]


def test_nobody_holds_a_ticket_between_its_close_and_its_reopening():
    events = [*placed(), event(5, "cancelled", "cancelled"), event(9, "reopened", "reopened")]
    assert shown(events) == [(0, DESK), (1, WEST), (5, NOBODY), (9, WEST)]


def test_a_mended_time_counts_as_mended():
    events = [*placed(), visit(5, "dispatched", "dispatched")]
    mended = [Correction("dispatched", at(5), at(3)), Correction("arrived", at(5), at(2))]
    assert shown(events, corrections=mended)[-1] == (3, ONE)


def test_a_crew_that_is_called_back_and_sent_again_at_once_held_it_all_along():
    events = [
        *placed(),
        visit(5, "dispatched", "dispatched"),
        visit(9, "withdrawn", "accepted"),
        visit(9, "dispatched", "dispatched", number=2),
    ]
    assert shown(events)[-1] == (5, ONE)


def test_what_came_late_counts_when_it_happened():
    events = [*placed(), event(20, "returned", "returned"), visit(5, "dispatched", "dispatched")]
    assert shown(events) == [(0, DESK), (1, WEST), (5, ONE), (20, DESK)]


@pytest.mark.parametrize(
    ("minute", "holder"), [(-1, None), (0, DESK), (1, WEST), (60, WEST), (61, None)]
)
def test_the_holder_at_an_instant(minute, holder):
    spans = spans_of(placed(), received_at=BEGIN, now=at(60))
    assert holder_at(spans, at(minute)) == holder
    assert holder_at([], at(minute)) is None


def test_a_ticket_that_ended_at_once_was_in_nobodys_hands():
    assert spans_of([event(0, "cancelled", "cancelled")], received_at=BEGIN, now=BEGIN) == []
    assert held_by([]) == []


events = st.builds(
    Happened,
    at=st.integers(-30, 200).map(at),
    kind=st.sampled_from([str(kind) for kind in EventKind]),
    to_state=st.none() | st.sampled_from([str(state) for state in TicketState]),
    visit_id=st.none() | st.integers(1, 3),
    crew_id=st.none() | st.integers(11, 13),
    owner=st.none() | st.sampled_from(["", "1", "2"]),
    task_id=st.none() | st.integers(1, 3),
    task_kind=st.sampled_from([str(kind) for kind in TaskKind]),
    task_state=st.sampled_from([str(state) for state in TaskState]),
)


@given(st.lists(events, max_size=20), st.integers(0, 150), st.frozensets(st.integers(1, 3)))
def test_the_spans_are_a_gapless_partition_of_the_whole_time(story, now, before_crew):
    spans = spans_of(story, received_at=BEGIN, now=at(now), before_crew=before_crew)
    states = [each.to_state for each in sorted(story, key=lambda each: each.at) if each.to_state]
    has_ended = bool(states) and states[-1] in ENDED
    if spans:
        assert spans[0].from_at == BEGIN
        assert spans[-1].to_at <= at(now) if has_ended else spans[-1].to_at == at(now)
    else:
        assert has_ended or now == 0
    for before, after in pairwise(spans):
        assert before.to_at == after.from_at
        assert before.holder != after.holder
    assert all(span.seconds > 0 for span in spans)
    whole = (spans[-1].to_at - BEGIN).total_seconds() if spans else 0
    held = held_by(spans)
    assert sum(each.seconds for each in held) == pytest.approx(whole)
    assert sum(each.share for each in held) == pytest.approx(1 if spans else 0)
    assert all(each.holder.kind in HOLDER_NAMES for each in held)

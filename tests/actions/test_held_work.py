"""Is what a revoked phone sent done at its own time, kept in the story, or set aside?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions.dispatching import withdraw_visit
from dispatch.actions.held_work import set_all_aside, set_aside, take_over
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound
from dispatch.domain.permissions import Role
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import SettingsEvent
from dispatch.models.rounds import RoundStop
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from tests.factories import DESK, make_account
from tests.invariants import expect_whole, rows_of
from tests.phones import revoked
from tests.rounds import add_households, go_round


@pytest.fixture
def phone(case):
    return revoked(case)


def hold(phone, kind, at, **given: Any):
    return phone.send(phone.tap(kind, at=at, **given), 40).id


def decide(action, entry_id, *args: Any, actor=DESK, case):
    with transaction():
        entry = action(entry_id, *args, actor=actor, now=case.minute(45))
        decision = entry.decision
    expect_whole(case.id)
    return decision


def test_steps_are_done_for_the_crew_at_the_time_of_their_taps(phone, case):
    there = {"position": Point(28.15, 112.95), "accuracy_metres": 8.0}
    taps = [
        hold(phone, "acknowledge", 3), hold(phone, "arrive", 12, **there),
        hold(phone, "note", 13, args={"note": "Valve is stuck"}),
        hold(phone, "complete", 30, args={"note": "New seal"}),
    ]  # fmt: skip
    assert [decide(take_over, each, case=case) for each in taps] == ["taken_over"] * 4
    [visit] = rows_of(Visit, case.id)
    assert (visit.acknowledged_at, visit.arrived_at, visit.ended_at) == tuple(
        map(case.minute, (3, 12, 30))
    )
    arrived, noted, done = rows_of(TicketEvent, case.id)[-3:]
    assert (arrived.actor, arrived.acting_for_crew_id, arrived.effective_at) == (
        DESK.name, case.crews[0].id, case.minute(12),
    )  # fmt: skip
    assert (arrived.lat, arrived.device_id, noted.note) == (
        28.15,
        phone.device.id,
        "Valve is stuck",
    )
    assert (noted.acting_for_crew_id, done.note) == (case.crews[0].id, "New seal")
    assert {each.args for each in db.session.query(FieldEntry)} == {None}


def test_a_step_that_came_too_late_changes_nothing_and_stays_in_the_story(phone, case):
    tap = hold(phone, "arrive", 12, args={"note": "Ring twice"})
    case.do(withdraw, at=30)
    assert decide(take_over, tap, case=case) == "noted"
    kept = case.last_event()
    assert (kept.kind, kept.facts["step"], kept.note) == ("for_review", "arrive", "Ring twice")
    assert db.session.get_one(Ticket, case.id).state == "accepted"
    note = hold(phone, "note", 13, args={"note": "Kept all the same"})
    assert decide(take_over, note, case=case) == "taken_over"


def withdraw(ticket, **by: Any):
    withdraw_visit(ticket, rows_of(Visit, ticket.id)[0], reason="Nearer", **by)


def test_what_the_next_visit_needs_is_told_also_where_the_step_came_too_late(phone, case):
    needs = {"cause": "skill_missing", "needs": ["excavation"]}
    taps = [
        hold(phone, "cannot-complete", 12, args=given)
        for given in (needs, {"cause": "no_access"}, needs | {"needs": ["a unicorn"]})
    ]
    case.do(withdraw, at=30)
    assert [decide(take_over, each, case=case) for each in taps] == ["noted"] * 3
    assert case.told()[-4:] == ["for_review", "next_visit_needs", "for_review", "for_review"]


def test_a_fact_from_the_site_is_on_the_visit_of_its_crew(phone, case):
    tap = hold(phone, "parts", 14, args={"item": "valves", "count": 2})
    assert decide(take_over, tap, case=case) == "taken_over"
    told = case.last_event()
    assert (told.kind, told.visit_id) == ("parts_used", rows_of(Visit, case.id)[0].id)


def test_what_is_no_step_is_kept_in_the_story_with_the_reason(phone, case):
    for kind, args in (("dance", {}), ("note", {"note": " "})):
        assert decide(take_over, hold(phone, kind, 5, args=args), case=case) == "noted"
        assert case.last_event().facts["step"] == kind


def test_what_is_set_aside_needs_a_reason_and_is_in_story_and_log(phone, case):
    tap = hold(phone, "complete", 12, args={"note": "all done"})
    with pytest.raises(Invalid):
        decide(set_aside, tap, " ", case=case)
    assert decide(set_aside, tap, "Somebody played", case=case) == "set_aside"
    told = case.last_event()
    assert (told.kind, told.note, told.effective_at) == ("for_review", None, case.minute(12))
    assert told.facts["why"]["values"]["reason"] == "Somebody played"
    line = db.session.query(SettingsEvent).order_by(SettingsEvent.id.desc()).first()
    assert (line.subject, line.now["decision"], line.now["ticket"]) == (
        "phone", "set_aside", "W000001",
    )  # fmt: skip
    lost = hold(phone, "note", 12, ticket="W999999", args={"note": "x"})
    with pytest.raises(NotFound):
        decide(take_over, lost, case=case)
    assert decide(set_aside, lost, "No such ticket", case=case) == "set_aside"


def test_one_decides_once_within_the_own_team_and_with_the_right(phone, case):
    tap = hold(phone, "acknowledge", 3)
    with transaction():
        near, far, boss = (
            make_account(role, case.start, name=name, team_id=team)
            for role, name, team in (
                (Role.TEAM_LEADER, "near", case.city.west.id),
                (Role.TEAM_LEADER, "far", case.city.east.id),
                (Role.ADMINISTRATOR, "boss", None),
            )
        )
    for actor, fault in ((far, NotFound), (boss, NotAllowed)):
        with pytest.raises(fault):
            decide(take_over, tap, actor=actor, case=case)
    assert decide(take_over, tap, actor=near, case=case) == "taken_over"
    for action, more in ((take_over, ()), (set_aside, ("x",))):
        with pytest.raises(Forbidden) as refused:
            decide(action, tap, *more, case=case)
        assert "near decided" in str(refused.value)
    with pytest.raises(NotFound):
        decide(set_aside, 999, "x", case=case)


def test_all_that_is_held_of_a_phone_is_set_aside_with_one_reason(phone, case):
    taken, *left = [hold(phone, "note", at, args={"note": "x"}) for at in (3, 4, 5)]
    decide(take_over, taken, case=case)
    with transaction():
        far = make_account(Role.TEAM_LEADER, case.start, name="far", team_id=case.city.east.id)
    by = {"actor": DESK, "now": case.minute(46)}
    for actor, reason, refusal in ((far, "x", NotFound), (DESK, " ", Invalid)):
        with pytest.raises(refusal), transaction():
            set_all_aside(phone.device.id, reason, **by | {"actor": actor})
    for count in (2, 0):
        with transaction():
            assert set_all_aside(phone.device.id, "Not ours", **by) == count
    rows = [db.session.get_one(FieldEntry, each) for each in left]
    assert {(row.decision, row.decision_reason) for row in rows} == {("set_aside", "Not ours")}
    expect_whole(case.id)


def test_a_clock_that_was_wrong_refuses_no_step_that_the_table_allows(phone, case):
    taps = [hold(phone, "arrive", 12), hold(phone, "complete", 8)]
    for tap in taps:
        assert decide(take_over, tap, case=case) == "taken_over"
    [visit] = rows_of(Visit, case.id)
    assert visit.ended_at == visit.arrived_at == case.start + timedelta(minutes=12)


def test_what_was_tapped_on_a_round_is_done_for_its_crew(phone, case, session):
    add_households(2)
    go_round(case.start, ["H-1", "H-2"], crew_id=case.crews[0].id)
    first, second = (row.id for row in session.query(RoundStop).order_by(RoundStop.id))
    there = {"ticket": "", "position": Point(28.15, 112.95)}
    done = hold(phone, "round-done", 7, args={"stop": first, "note": "Meter read"}, **there)
    late = hold(phone, "round-nobody-home", 8, args={"stop": first, "note": "Shut"}, **there)
    found = hold(phone, "round-fault", 9, args={"stop": second, "category": "leak"}, **there)
    wrong = hold(phone, "round-done", 10, args={"stop": 99}, **there)
    assert decide(take_over, done, case=case) == "taken_over"
    row = session.get(RoundStop, first)
    assert (row.state, row.ended_at, row.lat) == ("done", case.minute(7), 28.15)
    assert decide(take_over, late, case=case) == "noted"
    assert session.get(RoundStop, first).note == "Meter read\nShut"
    assert decide(take_over, found, case=case) == "taken_over"
    assert (
        session.get(FieldEntry, found).ticket_id == session.get(RoundStop, second).found_ticket_id
    )
    with pytest.raises(NotFound):
        decide(take_over, wrong, case=case)
    assert decide(set_aside, wrong, "no such stop", case=case) == "set_aside"

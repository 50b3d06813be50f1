"""Is every step found by its name, and taken only by those who may?"""

import pytest

from dispatch.actions.steps import STEPS, take_step
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound
from dispatch.domain.permissions import RESIDENT, Role
from tests.factories import DESK, IN_EAST, make_account, make_ticket
from tests.invariants import expect_whole, stored


@pytest.fixture
def take(case):
    def one_step(step, at, /, by=DESK, told=None, **args: object):
        if step == "dispatch":
            args = {"override_reason": "knows the valve"} | args
        with transaction():
            told = told or Told()
            take_step(case.reload(), step, args, actor=by, now=case.minute(at), told=told)
        expect_whole(case.id)

    return one_step


@pytest.fixture
def account(case):
    def make(role, **columns: object):
        with transaction():
            return make_account(role, case.start, **columns)

    return make


def test_a_ticket_is_led_by_names_alone(case, take):
    first, second = case.crews[0].id, case.crews[1].id
    take("dispatch", 1, crew_id=case.crews[2].id, crew_role="lead")
    take("withdraw", 2, reason="needed elsewhere")
    take("dispatch", 3, crew_id=first)
    take("decline", 4, reason="flat tyre")
    take("hold", 5, reason="waiting_for_part", until_at=case.minute(9))
    take("release", 6)
    take("return", 7, reason="not ours")
    take("place", 8, lat=IN_EAST.lat, lon=IN_EAST.lon, address="no 14")
    take("level", 9, level=2, reason="smaller")
    take("details", 9.5, pipe_mm=300)
    take("dispatch", 10, crew_id=second)
    for minute, step in enumerate(("acknowledge", "set-off", "arrive", "start"), 11):
        take(step, minute)
    take("cannot-complete", 20, cause="part_missing", note="clamp")
    take("dispatch", 21, crew_id=second)
    take("arrive", 22)
    take("restore", 23)
    take("complete", 24, note="clamped")
    take("correct-time", 25, step="completed", at=case.minute(23.5), reason="typed late")
    take("close", 26)
    take("reopen", 27, reason="drips")
    take("note", 28, note="call first")
    take("cancel", 29, reason="no fault")
    take("reopen", 30, reason="it is")
    take("solve-by-phone", 31, reason="tap was shut")
    assert case.ticket.state == "solved_by_phone"
    assert case.ticket.overridden


def test_a_duplicate_is_merged_and_separated_by_number(case, take):
    with transaction():
        make_ticket(case.start)
    take("merge", 1, into="W000002")
    assert stored(2).report_count == 2
    take("separate", 2)
    with pytest.raises(NotFound):
        take("separate", 3)
    with pytest.raises(NotFound):
        take("merge", 3, into="W000099")


@pytest.mark.parametrize(
    ("step", "args", "field"),
    [
        ("dispatch", {}, "crew_id"),
        ("dispatch", {"crew_id": True}, "crew_id"),
        ("dispatch", {"crew_id": 3, "override_reason": " "}, "override_reason"),
        ("hold", {"reason": "waiting_for_part", "until_at": "noon"}, "until_at"),
        ("place", {"lat": 28.1}, "lat"),
        ("place", {"lat": "28", "lon": "112"}, "lat"),
        ("level", {"level": "high"}, "level"),
        ("level", {"level": True}, "level"),
        ("correct-time", {"step": "received", "at": "08:00"}, "at"),
        ("correct-time", {"step": "received"}, "at"),
    ],
)
def test_a_wrong_argument_names_its_field(case, take, step, args, field):
    with pytest.raises(Invalid) as refused:
        take(step, 1, **args)
    assert field in refused.value.fields
    assert case.told() == ["report_received", "accepted"]


def test_a_step_that_does_not_exist_lists_those_that_do(take):
    with pytest.raises(NotFound) as refused:
        take("teleport", 1)
    assert refused.value.facts == {"steps": sorted(STEPS)}


def test_a_crew_takes_the_steps_of_its_own_visit_only(case, take, account):
    one = account(Role.CREW, crew_id=case.crews[0].id, name="one")
    two = account(Role.CREW, crew_id=case.crews[1].id, name="two")
    adrift = account(Role.CREW, name="adrift")
    take("dispatch", 1, crew_id=case.crews[0].id)
    take("acknowledge", 2, by=one)
    assert case.last_event().acting_for_crew_id is None
    for who in (two, adrift):
        for step in ("set-off", "return", "restore"):
            with pytest.raises(Forbidden):
                take(step, 3, by=who, reason="not ours", crew_id=case.crews[0].id)
    with pytest.raises(NotAllowed):
        take("close", 3, by=one)
    take("return", 4, by=one, reason="not ours")
    assert case.ticket.state == "returned"


def test_a_dispatcher_acts_for_the_crew_it_names(case, take):
    lead, support = case.crews[0].id, case.crews[1].id
    take("dispatch", 1, crew_id=lead)
    take("dispatch", 2, crew_id=support, crew_role="support")
    take("acknowledge", 3)
    assert case.last_event().acting_for_crew_id == lead
    take("acknowledge", 4, crew_id=support)
    assert case.last_event().acting_for_crew_id == support
    take("arrive", 5)
    take("restore", 6)
    assert case.ticket.restored_at == case.minute(6)


def test_a_crew_of_another_team_is_not_the_leaders_to_send(case, take, account):
    leader = account(Role.TEAM_LEADER, team_id=case.city.west.id)
    with pytest.raises(NotFound):
        take("dispatch", 1, by=leader, crew_id=case.crews[2].id)
    take("dispatch", 1, by=leader, crew_id=case.crews[0].id)


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_stranger_takes_no_step(case, take, step):
    with pytest.raises(NotAllowed):
        take(step, 1, by=RESIDENT)


def test_an_auditor_takes_no_step_at_all(take, account):
    person = account(Role.AUDITOR)
    for step in sorted(STEPS):
        with pytest.raises(NotAllowed):
            take(step, 1, by=person, note="seen")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
def test_who_only_looks_takes_no_step_but_a_note(case, take, account, role):
    person = account(role)
    for step in sorted(set(STEPS) - {"note"}):
        with pytest.raises(NotAllowed):
            take(step, 1, by=person)
    take("note", 1, by=person, note="seen")


def test_the_table_still_decides(take):
    with pytest.raises(Forbidden):
        take("close", 1)
    with pytest.raises(Forbidden):
        take("arrive", 1)

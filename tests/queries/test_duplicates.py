"""Are open tickets at the same place suggested, and others not?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.duplicates import Reported
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Point
from dispatch.queries.duplicates import likely_duplicates
from tests.factories import DESK, IN_EAST, make_city, make_household, make_ticket

ALL = Scope(everything=True)


def test_the_likeliest_open_ticket_comes_first(session, now):
    with transaction():
        make_ticket(now)
        make_ticket(now, category="leak")
        make_ticket(now, place=IN_EAST)
        ended = make_ticket(now).ticket
        cancel_ticket(ended, reason="test", actor=DESK, now=now)
    new = Reported(category="burst", received_at=now, point=Point(28.15, 112.95), text="Wuyi Road")
    found = likely_duplicates(new, ALL, now=now)
    assert [each["number"] for each in found] == ["W000001", "W000002"]
    assert found[0]["score"] > found[1]["score"]
    assert found[0]["metres"] == 0
    assert found[0]["reports"] == 1
    assert "Same category" in [str(reason) for reason in found[0]["reasons"]]
    assert likely_duplicates(new, Scope(), now=now) == []


def test_a_ticket_is_no_duplicate_of_itself(session, now):
    with transaction():
        make_ticket(now, place=None)
    new = Reported(category="burst", received_at=now, ticket_id=1, text="Wuyi Road 12")
    assert likely_duplicates(new, ALL, now=now) == []


def test_a_suggestion_shows_enough_to_decide(session, now):
    with transaction():
        crew = make_city(now).crews[0]
        ticket = make_ticket(now).ticket
        dispatch_visit(ticket, crew, actor=DESK, now=now)
        add_report(ticket, NewReport("burst", address="no 14"), actor=DESK, now=now)
        record_position(crew.id, Point(28.159, 112.95), measured_at=now)
    new = Reported(category="burst", received_at=now, point=Point(28.15, 112.95))
    (found,) = likely_duplicates(new, ALL, now=now + timedelta(seconds=30))
    assert found["reports"] == 2
    assert found["arrive_due_at"] == ticket.arrive_due_at
    crew = found["crew"]
    assert (crew["name"], crew["metres"], crew["seen_seconds"]) == ("W1", 1001, 30)
    assert str(found["state_name"]) == "dispatched"
    assert str(found["category_name"]) == "Burst main"


def test_the_own_ticket_of_a_caller_is_found_however_the_number_is_written(session, now):
    with transaction():
        make_ticket(now, place=IN_EAST, category="bill", reporter_phone="+86 138 0000 5678")
        make_ticket(now, place=IN_EAST, category="bill", reporter_phone="139 0000 5678")
    later = now + timedelta(days=9)
    caller = Reported(category=None, received_at=later, phones=frozenset({"3800005678"}))
    for point in (None, Point(28.15, 112.95)):
        (found,) = likely_duplicates(replace(caller, point=point), ALL, now=later)
        assert found["number"] == "W000001"
        assert str(found["reasons"][0]) == "Same telephone number"


def test_the_own_ticket_of_a_household_is_found_wherever_the_pin_is(session, now):
    with transaction():
        home = make_household()
        session.flush()
        make_ticket(now, place=IN_EAST, household_id=home.id)
        make_ticket(now, place=IN_EAST)
    here = Reported(
        category="burst", received_at=now, point=Point(28.15, 112.95), household_id=home.id
    )
    (found,) = likely_duplicates(here, ALL, now=now)
    assert (found["number"], str(found["reasons"][0])) == ("W000001", "Same household")


def test_a_call_without_a_point_is_compared_at_its_address_and_with_what_nobody_has_placed(
    session, now
):
    with transaction():
        make_ticket(now, category="leak", address="芙蓉路8号")
        make_ticket(now, category="leak", address="芙蓉路18号", description="路面冒水")
        make_ticket(now, category="leak", address="somewhere", place=None, description="路面冒水")
    new = Reported(category="leak", received_at=now, address="芙蓉路 8号", text="路面冒水")
    found = likely_duplicates(new, ALL, now=now)
    assert [(each["number"], each["metres"]) for each in found] == [
        ("W000001", None),
        ("W000002", None),
        ("W000003", None),
    ]
    unnamed = likely_duplicates(replace(new, address="芙蓉路"), ALL, now=now)
    assert [each["number"] for each in unnamed] == ["W000003"]

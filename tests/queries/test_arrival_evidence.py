"""Is everything that may prove an arrival read, and nothing of another visit?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.actions.positions import record_position, take_positions
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive
from dispatch.domain.place import Point
from dispatch.domain.tracks import Fix
from dispatch.models.tickets import TicketEvent
from dispatch.queries.arrival_evidence import there_since, visits_around, witnesses_of
from dispatch.queries.ticket_shape import arrival_of
from tests.cases import Case

PLACE = Point(28.15, 112.95)
HOUR = timedelta(hours=1)


def test_tap_and_positions_of_the_visit_are_read(session, now):
    case = Case(now)
    visit = case.send(at=1)
    assert witnesses_of(visit).tap is None
    for minutes in (-90, 5, 800):
        with transaction():
            record_position(
                visit.crew_id, PLACE, measured_at=case.minute(minutes), accuracy_metres=5.0
            )
    ahead = case.minute(20) + HOUR
    told = Told(
        position=PLACE, accuracy_metres=9.0, device_at=ahead, acting_for_crew_id=visit.crew_id,
        facts={"mocked": True},
    )  # fmt: skip
    case.do(arrive, visit, at=20, told=told)
    found = witnesses_of(visit)
    assert (found.offered_at, [fix.at for fix in found.fixes]) == (
        case.minute(1), [case.minute(5)],
    )  # fmt: skip
    tap = found.tap
    assert (tap.at, tap.point, tap.accuracy_metres) == (case.minute(20), PLACE, 9.0)
    assert (tap.mocked, tap.by_desk, tap.skew_seconds) == (True, True, HOUR.total_seconds())
    assert (found.photos, found.signed) == ([], False)
    assert session is not None


def test_an_arrival_without_its_event_is_the_time_of_the_visit(session, now):
    case = Case(now)
    visit = case.send(at=1)
    visit.arrived_at = case.minute(9)
    assert witnesses_of(visit).tap.at == case.minute(9)
    assert session.query(TicketEvent).filter_by(kind="arrived").count() == 0
    session.rollback()


def test_positions_concern_the_visits_of_their_time(session, now):
    case = Case(now)
    visit = case.send(at=60)
    crew = visit.crew_id
    assert [row[0].id for row in visits_around(crew, now, case.minute(10))] == [visit.id]
    assert visits_around(crew, now - 3 * HOUR, now - HOUR) == []
    assert visits_around(crew, now + 72 * HOUR, now + 73 * HOUR) == []
    assert visits_around(crew + 1, now, case.minute(90)) == []
    case.go(visit, "arrive", "complete", at=70)
    assert visits_around(crew, case.minute(72), case.minute(80)) == []
    assert session is not None


def test_the_crew_reads_since_when_its_phone_is_there_until_it_taps(session, now):
    case = Case(now)
    visit = case.send(at=1)
    assert there_since("W000001", visit.crew_id) is None
    with transaction():
        fixes = [Fix(case.minute(at), PLACE, 9.0) for at in (5, 6, 7)]
        take_positions(visit.crew_id, fixes, now=case.minute(7))
    assert there_since("W000001", visit.crew_id) == case.minute(5)
    assert there_since("W000001", None) is None
    case.go(visit, "arrive", at=8)
    assert there_since("W000001", visit.crew_id) is None
    assert session is not None


def test_what_is_kept_is_told_in_words(now):
    kept = {"since": now.isoformat(), "metres": 12.0, "reasons": [], "flags": {}}
    told = arrival_of({"arrival_evidence": kept, "arrival_grade": "disputed"})
    assert str(told["grade_name"]) == "The evidence contradicts the arrival"
    assert (told["since"], told["metres"]) == (now, 12.0)
    waits = arrival_of({"arrival_evidence": kept | {"since": None}, "arrival_grade": None})
    assert (waits["grade_name"], waits["since"]) == (None, None)
    assert arrival_of({"arrival_evidence": None, "arrival_grade": None}) is None

"""Is an arrival graded at the tap and again when late witnesses come, without refusing a step?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dispatch.actions.administration import store_policy
from dispatch.actions.arrivals import judge_arrival
from dispatch.actions.attachments import NewPhoto, add_photo, remove_photo
from dispatch.actions.placing import GivenPlace, place_ticket
from dispatch.actions.positions import take_positions
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive, start_work
from dispatch.domain.arrival import ArrivalRules
from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.permissions import Actor, Role
from dispatch.domain.place import Point
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.domain.tracks import Fix
from dispatch.models.base import db
from dispatch.models.people import CrewTrack
from dispatch.models.tickets import Visit
from tests.cases import Case
from tests.factories import DESK
from tests.trips import steward

PLACE = Point(28.15, 112.95)
AWAY = Point(28.19, 112.95)
NEAR = Told(position=PLACE, accuracy_metres=10.0, datum="wgs84")


def drive(case, *minutes: float, point=PLACE, accuracy=10.0, sent=None):
    fixes = [Fix(case.minute(at), point, accuracy) for at in minutes]
    with transaction():
        now = case.minute(sent if sent is not None else minutes[-1])
        return take_positions(case.crews[0].id, fixes, now=now)


def visit_of(case):
    db.session.expire_all()
    return db.session.query(Visit).filter_by(ticket_id=case.id).one()


def on_the_way(case):
    visit = case.send(at=1)
    case.go(visit, "set_off", at=2)
    return visit


def test_positions_after_the_tap_confirm_it(case):
    visit = on_the_way(case)
    case.do(arrive, visit, at=20, told=NEAR)
    assert visit.arrival_grade == "crew_only"
    version = visit.version
    drive(case, 20, 21, 22)
    found = visit_of(case)
    assert (found.arrival_grade, found.version) == ("confirmed", version)
    assert found.arrival_evidence["since"] == case.minute(20).isoformat()
    assert case.reload().changed_at == case.minute(22)


def test_positions_that_come_hours_late_and_out_of_order_count_by_when_they_were_measured(case):
    visit = on_the_way(case)
    case.do(arrive, visit, at=20)
    drive(case, 21, 22, 23, sent=200)
    drive(case, 19, 20, sent=201)
    found = visit_of(case)
    assert (found.arrival_grade, found.arrival_evidence["since"]) == (
        "confirmed", case.minute(19).isoformat(),
    )  # fmt: skip


def test_a_phone_that_was_elsewhere_at_the_tap_disputes_it_later(case):
    visit = on_the_way(case)
    case.do(arrive, visit, at=20)
    assert visit.arrival_grade == "crew_only"
    drive(case, 20, 20.5, point=AWAY)
    found = visit_of(case)
    assert found.arrival_grade == "disputed"
    assert "tapped_far" in found.arrival_evidence["flags"]


def test_before_the_tap_the_phone_proposes_an_arrival(case):
    visit = on_the_way(case)
    drive(case, 8, 9, 10)
    found = visit_of(case)
    assert (found.arrived_at, found.arrival_grade) == (None, None)
    assert found.arrival_evidence["since"] == case.minute(8).isoformat()
    drive(case, 11, 12)
    case.do(arrive, visit, at=20, told=NEAR)
    assert visit_of(case).arrival_grade == "confirmed"
    drive(case, 20.5)
    assert list(visit_of(case).arrival_evidence["flags"]) == ["tapped_late"]


def test_positions_that_say_nothing_change_nothing(case):
    visit = on_the_way(case)
    drive(case, 5, 6, point=AWAY)
    drive(case, 8, 10, 12, accuracy=200.0)
    assert visit_of(case).arrival_evidence is None
    case.do(arrive, visit, at=20, told=NEAR)
    before = visit_of(case).arrival_evidence
    drive(case, 40, 41, point=AWAY)
    assert visit_of(case).arrival_evidence == before
    assert drive(case, 5, sent=6) == 1


def test_nothing_is_asked_where_no_position_came(case):
    on_the_way(case)
    with transaction():
        assert take_positions(case.crews[0].id, [], now=case.minute(3)) == 0


def photo(case, minute, place):
    return NewPhoto(
        kind=AttachmentKind.BEFORE,
        name="pipe.jpg",
        sha256="a" * 64,
        sent_sha256="b" * 64,
        width=10,
        height=10,
        bytes=10,
        taken_at=case.minute(minute),
        place=place,
        accuracy_metres=12.0,
    )


def test_a_photo_taken_there_confirms_until_it_is_removed(case):
    visit = on_the_way(case)
    case.do(arrive, visit, at=20)
    crew = steward(case.crews[0].id)
    with transaction():
        row = add_photo(
            case.reload(), photo(case, 21, PLACE), actor=crew, now=case.minute(25), most=9
        )
    assert visit_of(case).arrival_grade == "confirmed"
    with transaction():
        remove_photo(
            case.reload(), row, reason="A face", actor=Actor("A", Role.ADMINISTRATOR),
            now=case.minute(30),
        )  # fmt: skip
    assert visit_of(case).arrival_grade == "crew_only"


def test_the_resident_signs_and_the_next_step_is_not_refused(case):
    visit = on_the_way(case)
    case.do(arrive, visit, at=20)
    version = case.reload().version
    signature = NewPhoto(**vars(photo(case, 21, None)) | {"kind": AttachmentKind.SIGNATURE})
    with transaction():
        add_photo(
            case.reload(), signature, actor=steward(case.crews[0].id), now=case.minute(22), most=9
        )
    assert visit_of(case).arrival_grade == "confirmed"
    case.do(start_work, visit_of(case), at=23, seen_version=version)


def test_a_ticket_without_a_place_has_the_crews_word_alone(session, now):
    case = Case(now)
    on_the_way(case)
    with transaction():
        case.reload().lat = None
    with transaction():
        judge_arrival(case.reload(), visit_of(case), now=now)
    assert visit_of(case).arrival_grade is None
    case.do(arrive, visit_of(case), at=20, told=NEAR)
    found = visit_of(case)
    assert (found.arrival_grade, found.arrival_evidence) == ("crew_only", None)
    assert session is not None


def test_a_phone_whose_clock_was_wrong_is_named(case):
    visit = on_the_way(case)
    ahead = case.minute(20) + timedelta(hours=9)
    case.do(arrive, visit, at=20, told=Told(device_at=ahead, effective_at=case.minute(19)))
    kept = visit_of(case).arrival_evidence["flags"]
    assert list(kept) == ["skewed_clock"]


def test_what_was_found_stays_when_its_positions_are_forgotten(case):
    visit = on_the_way(case)
    case.do(arrive, visit, at=20, told=NEAR)
    drive(case, 20, 21, 22)
    with transaction():
        db.session.query(CrewTrack).delete()
    with transaction():
        judge_arrival(case.reload(), visit_of(case), now=case.minute(20_000))
    assert visit_of(case).arrival_grade == "confirmed"


def test_a_ticket_that_is_moved_before_the_tap_is_looked_at_again(case):
    on_the_way(case)
    drive(case, 8, 9, 10)
    assert visit_of(case).arrival_evidence is not None
    case.do(place_ticket, GivenPlace(28.19, 112.95), at=11)
    assert visit_of(case).arrival_evidence is None


def test_a_ticket_is_judged_by_the_fence_that_was_in_force_when_it_came(session, now):
    wide = replace(DEFAULT_POLICY, arrival=ArrivalRules(fence_metres=600, dwell_minutes=5))
    with transaction():
        store_policy(wide, "long streets", actor=DESK, now=now)
    case = Case(now)
    with transaction():
        store_policy(DEFAULT_POLICY, "as before", actor=DESK, now=now)
    on_the_way(case)
    beside = Point(28.154, 112.95)
    drive(case, 20, 22, point=beside)
    assert visit_of(case).arrival_evidence is None
    drive(case, 23, 25, point=beside)
    assert visit_of(case).arrival_evidence["since"] == case.minute(20).isoformat()

"""Do two tickets for one fault become one, and two again?"""

import pytest

from dispatch.actions.endings import cancel_ticket
from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.merging import merge_ticket, separate_report, separate_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.tickets import Report, TicketEvent
from tests.factories import DESK, IN_EAST, make_ticket
from tests.invariants import expect_whole, rows_of, stored


@pytest.fixture
def other(case):
    return another(case)


def another(case, **named: object):
    with transaction():
        return make_ticket(case.start, **named).ticket


def test_a_duplicate_hands_its_reporters_over_and_gets_them_back(case, other):
    armed = case.armed()
    with transaction():
        new = NewReport("burst", address="no 14")
        add_report(case.reload(), new, actor=DESK, now=case.minute(1))
    case.do(merge_ticket, other, at=2)
    assert (case.ticket.state, case.ticket.parent_id) == ("duplicate", other.id)
    assert (case.ticket.report_count, other.report_count) == (0, 3)
    assert case.armed() == {}
    assert case.last_event().facts == {"into": "W000002"}
    case.do(separate_ticket, other, at=3)
    assert (case.ticket.state, case.ticket.parent_id) == ("accepted", None)
    assert (case.ticket.report_count, other.report_count) == (2, 1)
    assert case.ticket.accepted_at == case.minute(0)
    assert case.armed() == armed
    assert {report.first_ticket_id for report in rows_of(Report, case.id)} == {None}
    expect_whole(other.id)


def test_a_ticket_that_was_never_placed_waits_again_after_a_separation(case):
    unplaced = another(case, place=None)
    with transaction():
        merge_ticket(stored(unplaced.id), case.reload(), actor=DESK, now=case.minute(1))
    with transaction():
        separate_ticket(stored(unplaced.id), case.reload(), actor=DESK, now=case.minute(2))
    assert stored(unplaced.id).state == "received"
    expect_whole(unplaced.id)


def test_a_crew_under_way_is_called_back_and_one_on_site_is_not(case, other):
    visit = case.send(at=1)
    case.do(merge_ticket, other, at=2)
    assert visit.state == "withdrawn"
    case.do(separate_ticket, other, at=3)
    second = case.send(1, at=4)
    case.go(second, "arrive", at=5)
    with pytest.raises(Forbidden):
        case.do(merge_ticket, other, at=6)
    assert case.reload().state == "arrived"


def test_duplicates_of_a_duplicate_follow_the_one_that_stands_for_all(case, other):
    third = another(case)
    with transaction():
        merge_ticket(stored(other.id), case.reload(), actor=DESK, now=case.minute(1))
    case.do(merge_ticket, third, at=2)
    assert stored(other.id).parent_id == third.id
    assert stored(third.id).report_count == 3
    with transaction():
        separate_ticket(stored(other.id), stored(third.id), actor=DESK, now=case.minute(3))
    assert [stored(each).report_count for each in (other.id, case.id, third.id)] == [1, 0, 2]
    case.do(separate_ticket, third, at=4)
    for each in (other.id, case.id, third.id):
        assert stored(each).report_count == 1
        expect_whole(each)


def test_what_cannot_be_merged(case, other):
    with pytest.raises(Invalid):
        case.do(merge_ticket, case.reload(), at=1)
    with pytest.raises(Stale):
        case.do(merge_ticket, other, at=1, seen_version=9)
    with transaction():
        cancel_ticket(stored(other.id), reason="no fault", actor=DESK, now=case.minute(1))
    with pytest.raises(Forbidden, match="has ended"):
        case.do(merge_ticket, other, at=2)


def test_what_is_no_duplicate_is_not_separated(case, other):
    with pytest.raises(Forbidden):
        case.do(separate_ticket, other, at=1)
    with pytest.raises(Stale):
        case.do(separate_ticket, other, at=1, seen_version=9)


@pytest.fixture
def attached(case):
    """Attach a second caller to the ticket and return the report."""
    with transaction():
        new = NewReport("burst", address="no 14", reporter_phone="13800005678")
        return add_report(case.reload(), new, actor=DESK, now=case.minute(1)).id


def stand_alone(case, report_id, at=2, **told: object):
    with transaction():
        new = NewReport("leak", place=IN_EAST, reporter_phone="13800005678", **told)
        report = db.session.get_one(Report, report_id)
        return separate_report(case.reload(), report, new, actor=DESK, now=case.minute(at)).id


def test_a_caller_who_was_attached_gets_a_ticket_promised_from_the_call(case, attached):
    own = stored(stand_alone(case, attached))
    assert (own.category, own.state, own.report_count) == ("leak", "accepted", 1)
    assert own.received_at == case.minute(1)
    assert case.reload().report_count == 1
    assert case.last_event().facts == {"separated": "W000002", "reports": 1}
    assert [event.facts for event in rows_of(TicketEvent, own.id)][-1] == {"from": "W000001"}
    assert [report.id for report in rows_of(Report, own.id)] == [attached]
    assert [message.recipient for message in rows_of(Outbox, own.id)] == ["13800005678"]
    for each in (case.id, own.id):
        expect_whole(each)


def test_only_a_caller_who_is_attached_is_taken_off(case, attached, other):
    stand_alone(case, attached)
    with pytest.raises(Forbidden, match="not attached"):
        stand_alone(case, attached)
    (first,) = rows_of(Report, case.id)
    with pytest.raises(Forbidden, match="not attached"):
        stand_alone(case, first.id)
    assert case.reload().report_count == 1


def test_a_ticket_that_has_ended_keeps_its_callers(case, attached):
    with transaction():
        cancel_ticket(case.reload(), reason="test", actor=DESK, now=case.minute(2))
    with pytest.raises(Forbidden, match="has ended"):
        stand_alone(case, attached, at=3)
    assert case.reload().report_count == 2

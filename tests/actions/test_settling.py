"""Is a ticket what its visits add up to, whoever leaves last?"""

from dispatch.actions.dispatching import withdraw_visit
from dispatch.actions.endings import reopen_ticket
from dispatch.actions.ticket_log import Told
from dispatch.actions.visits import arrive, cannot_complete
from dispatch.models.clockwork import Outbox
from dispatch.models.tickets import TicketEvent
from tests.cases import Case
from tests.invariants import rows_of


def test_a_repair_holds_when_the_other_crew_is_called_back(case):
    lead, support = case.send(at=1), case.send(1, at=2, role="support")
    case.go(lead, "arrive", "complete", at=10)
    assert case.ticket.state == "dispatched"
    assert case.ticket.completed_at is None
    case.do(withdraw_visit, support, at=20, reason="no need")
    assert case.ticket.state == "completed"
    assert case.ticket.completed_at == case.ticket.restored_at == case.minute(11)
    assert case.told()[-2:] == ["withdrawn", "completed"]
    assert list(case.armed()) == ["follow_up"]


def test_a_repair_that_was_reopened_does_not_complete_the_ticket_again(case):
    case.fixed()
    case.do(reopen_ticket, at=30, reason="drips again")
    visit = case.send(1, at=31)
    case.do(withdraw_visit, visit, at=32, reason="no need")
    assert case.ticket.state == "accepted"


def test_the_last_crew_to_say_that_it_cannot_is_believed(case):
    lead, support = case.send(at=1), case.send(1, at=2, role="support")
    case.go(lead, "arrive", "complete", at=10)
    case.go(support, "arrive", at=12)
    case.do(cannot_complete, support, at=13, cause="part_missing")
    assert case.ticket.state == "accepted"


def test_the_first_arrival_counts_also_when_it_is_told_last(case):
    lead, support = case.send(at=1), case.send(1, at=1, role="support")
    case.go(lead, "arrive", at=20)
    case.do(arrive, support, at=25, told=Told(effective_at=case.minute(15)))
    assert case.ticket.arrived_at == case.minute(15)


def test_an_earlier_time_that_contradicts_the_other_steps_waits_for_a_person(case):
    lead, support = case.send(at=1), case.send(1, at=1, role="support")
    case.go(lead, "set_off", "arrive", at=18)
    case.do(arrive, support, at=25, told=Told(effective_at=case.minute(17)))
    assert support.arrived_at == case.minute(17)
    assert case.ticket.arrived_at == case.minute(19)
    review = next(each for each in rows_of(TicketEvent, case.id) if each.kind == "for_review")
    assert review.facts["step"] == "arrived"
    assert (review.visit_id, review.effective_at) == (support.id, case.minute(17))


def test_reporters_hear_of_the_way_the_arrival_and_the_repair_once(session, now):
    case = Case(now, reporter_phone="13800000001")
    lead, support = case.send(at=1), case.send(1, at=2, role="support")
    case.go(support, "set_off", at=3)
    case.go(lead, "set_off", "arrive", "complete", at=4)
    case.go(support, "arrive", "complete", at=10)
    templates = [row.template for row in rows_of(Outbox, case.id)]
    assert templates[2:] == ["set_off", "arrived", "arrived", "completed"]

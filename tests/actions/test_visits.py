"""Does every tap of a crew stamp its time and move the ticket?"""

from datetime import timedelta

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import acknowledge, arrive, complete_visit, set_off, start_work
from tests.factories import DESK, make_crew, make_grid, make_team, make_ticket


def test_a_visit_runs_from_dispatched_to_completed(session, now):
    with transaction():
        team = make_team()
        make_grid(team=team, now=now)
        crew = make_crew("W1", team=team)
        ticket, report = make_ticket(now)
        assert ticket.state == "accepted"
        assert ticket.team_id == team.id
        assert ticket.arrive_due_at == now + timedelta(minutes=30)
        visit = dispatch_visit(ticket, crew, actor=DESK, now=now + timedelta(minutes=1))
    for minute, step in enumerate((acknowledge, set_off, arrive, start_work, complete_visit), 2):
        with transaction():
            session.add_all([ticket, visit])
            step(ticket, visit, actor=DESK, now=now + timedelta(minutes=minute))
    assert ticket.state == "completed"
    assert ticket.arrived_at == now + timedelta(minutes=4)
    assert ticket.completed_at == now + timedelta(minutes=6)
    assert visit.arrival_grade == "crew_only"

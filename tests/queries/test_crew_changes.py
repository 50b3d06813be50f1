"""Is a crew told what others did to its ticket, who, when and why, and nothing else?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.actions.dispatching import recall_visit
from dispatch.actions.endings import close_ticket
from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import RULE, Scope
from dispatch.domain.sentences import say
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.crew_changes import changes_since
from dispatch.queries.crew_ticket import crew_ticket
from tests.factories import DESK
from tests.trips import another_ticket, open_burst, send, step, work

MINUTE = timedelta(minutes=1)
OWN = Scope(crew_id=1)


def test_changes_name_what_who_and_when_but_not_warnings_remarks_and_more_callers(session, now):
    opened = open_burst(now)
    send(1, 1, now)
    seen = crew_ticket("W000001", OWN, now).seen
    step(1, "note", DESK, now + MINUTE, note="mind the dog")
    with transaction():
        ticket = session.get(Ticket, opened.ticket.id)
        new = NewReport(category="burst", address="Wuyi Road 12")
        add_report(ticket, new, actor=DESK, now=now + MINUTE)
    assert changes_since("W000001", seen, OWN) == []
    step(1, "level", DESK, now + 2 * MINUTE, level=2, reason="A hospital")
    (change,) = changes_since("W000001", seen, OWN)
    assert (str(change.what), str(change.by), change.at) == (
        "Level changed",
        "Li Na",
        now + 2 * MINUTE,
    )


def test_changes_by_rule_name_the_planner_and_the_clockwork(session, now):
    open_burst(now)
    send(1, 1, now)
    end = work(1, 1, now)
    with transaction():
        close_ticket(session.get(Ticket, 1), actor=RULE, now=end)
    by = {str(each.what): str(each.by) for each in changes_since("W000001", 0, OWN)}
    assert by["Crew dispatched"] == "the planner"
    assert by["Acknowledged by the crew"] == "Wang"
    assert by["Closed"] == "the clockwork"


def test_changes_say_which_crew_which_ticket_and_the_reason(session, now):
    open_burst(now)
    another_ticket(now)
    send(1, 1, now)
    seen = crew_ticket("W000001", OWN, now).seen
    step(1, "withdraw", DESK, now, reason="East of the river, 100 %")
    send(1, 3, now)
    with transaction():
        visit = session.query(Visit).filter_by(crew_id=3).one()
        why = say("It ends at %(end)s.", end="17:00")
        recall_visit(session.get(Ticket, 1), visit, why, actor=RULE, now=now)
    step(1, "merge", DESK, now, into="W000002")
    told = [
        (str(each.what), [str(why) for why in each.why])
        for each in changes_since("W000001", seen, OWN)
    ]
    assert told == [
        ("Crew withdrawn", ["W1", "East of the river, 100 %"]),
        ("Crew dispatched", ["E1"]),
        ("Crew withdrawn", ["E1", "It ends at 17:00."]),
        ("Marked as a duplicate", ["W000002"]),
    ]

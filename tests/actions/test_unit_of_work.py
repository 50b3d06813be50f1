"""Does one of many win, wholly, and do the others hear of it?"""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.endings import close_ticket
from dispatch.actions.intake import add_note
from dispatch.actions.merging import merge_ticket
from dispatch.actions.unit_of_work import savepoint, transaction, trial
from dispatch.actions.visits import arrive, complete_visit
from dispatch.domain.errors import Stale
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.tickets import TicketEvent
from tests.cases import Case
from tests.contenders import contend
from tests.factories import DESK, make_crew, make_team, make_ticket
from tests.invariants import expect_whole, rows_of, stored


def test_all_or_nothing(session, now):
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        make_team()
        raise ZeroDivisionError
    assert session.query(Team).count() == 0
    with transaction():
        make_team()
    session.rollback()
    assert session.query(Team).count() == 1


def test_a_transaction_holds_no_other(session):
    with pytest.raises(RuntimeError, match="already open"), transaction(), transaction():
        pass
    with transaction():
        make_team()


def test_what_breaks_another_rule_than_uniqueness_is_no_race(session):
    with pytest.raises(IntegrityError), transaction():  # noqa: PT012
        session.add(Crew(name="W1", team_id=99))
        session.flush()
    with pytest.raises(DBAPIError) as fault, transaction():
        session.execute(text("SELECT * FROM nowhere"))
    assert not isinstance(fault.value, Stale)


def test_the_second_of_a_unique_name_lost_a_race(session):
    with transaction():
        make_team("West Team")
    with pytest.raises(Stale, match="same moment"), transaction():
        make_team("West Team")


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        ("40P01", "deadlock detected", Stale),
        ("55P03", "canceling statement due to lock timeout", Stale),
        (None, "database is locked", OperationalError),
        ("57P01", "terminating connection", OperationalError),
    ],
)
def test_a_lock_that_was_not_had_is_a_lost_race(session, code, words, kind):
    fault = RuntimeError(words)
    fault.sqlstate = code
    with pytest.raises(kind), transaction():
        raise OperationalError("UPDATE ticket", {}, fault)


ROUNDS = 10


@pytest.fixture
def rounds(soak):
    return 400 if soak else ROUNDS


def opened(app, now, **named: object):
    with app.app_context(), transaction():
        return make_ticket(now, **named).ticket.id


@pytest.fixture
def crews(app, now):
    with app.app_context():
        case = Case(now)
        with transaction():
            extra = [make_crew(f"X{number}", team=case.city.west) for number in range(6)]
        return [crew.id for crew in [*case.crews[:2], *extra]]


def win(count, winners=1):
    """Expect one winner, the others told, and never a raw fault of the database."""
    assert count["won"] == winners
    assert set(count) <= {"won", "Stale", "Forbidden"}, count
    return True


def test_of_eight_dispatchers_one_sends_a_crew(app, now, crews, rounds):
    for _ in range(rounds):
        ticket_id = opened(app, now)
        with app.app_context():
            seen = stored(ticket_id).version

        def act(number, ticket_id=ticket_id, seen=seen):
            with transaction():
                crew = db.session.get_one(Crew, crews[number])
                dispatch_visit(stored(ticket_id), crew, actor=DESK, now=now, seen_version=seen)
            return "won"

        assert win(contend(app, act))
        with app.app_context():
            assert stored(ticket_id).dispatches == 1
            expect_whole(ticket_id)


def test_of_eight_who_close_one_does(app, now, crews, rounds):
    for _ in range(rounds):
        with app.app_context():
            ticket_id = made_fixed(now, crews)

        def act(_number, ticket_id=ticket_id):
            with transaction():
                close_ticket(stored(ticket_id), actor=DESK, now=now)
            return "won"

        assert win(contend(app, act))
        with app.app_context():
            expect_whole(ticket_id)


def made_fixed(now, crews):
    with transaction():
        ticket = make_ticket(now).ticket
        crew = db.session.get_one(Crew, crews[0])
        visit = dispatch_visit(ticket, crew, actor=DESK, now=now)
        arrive(ticket, visit, actor=DESK, now=now)
        complete_visit(ticket, visit, actor=DESK, now=now)
        return ticket.id


def test_two_tickets_that_are_merged_into_each_other_leave_one(app, now, crews, rounds):
    for _ in range(rounds):
        pair = opened(app, now), opened(app, now)

        def act(number, pair=pair):
            one, other = pair if number % 2 else pair[::-1]
            with transaction():
                merge_ticket(stored(one), stored(other), actor=DESK, now=now)
            return "won"

        assert win(contend(app, act))
        with app.app_context():
            assert sorted(stored(each).report_count for each in pair) == [0, 2]
            for each in pair:
                expect_whole(each)


def test_no_note_is_lost_among_those_that_were_taken(app, now, crews):
    ticket_id = opened(app, now)

    def act(number):
        for _ in range(200):
            try:
                with transaction():
                    add_note(stored(ticket_id), f"note {number}", actor=DESK, now=now)
            except Stale:
                continue
            return "won"
        return "never"

    assert win(contend(app, act), winners=8)
    with app.app_context():
        expect_whole(ticket_id)
        notes = [event for event in rows_of(TicketEvent, ticket_id) if event.kind == "note_added"]
        assert sorted(note.note for note in notes) == [f"note {number}" for number in range(8)]


def test_a_trial_shows_what_would_come_and_keeps_nothing(session):
    with trial():
        make_team()
        assert session.query(Team).count() == 1
    session.rollback()
    assert session.query(Team).count() == 0
    with pytest.raises(ZeroDivisionError), trial():
        raise ZeroDivisionError


def test_what_is_refused_in_a_savepoint_leaves_the_rest(session):
    with transaction():
        make_team("West Team")
        with pytest.raises(ZeroDivisionError), savepoint():  # noqa: PT012
            make_team("East Team")
            raise ZeroDivisionError
    session.rollback()
    assert [each.name for each in session.query(Team)] == ["West Team"]

"""Does one visit end as the other begins, with nothing forgotten and no clock begun anew?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.clockwork import fire_due
from dispatch.actions.relief import Wish, ask_relief, decline_relief, take_back, take_over
from dispatch.actions.steps import take_step
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound
from dispatch.domain.permissions import Actor, Role, Scope
from dispatch.models.alerts import Alert, AlertPerson, RotaEntry
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import TicketEvent, Visit
from dispatch.queries.candidates import candidates_for
from dispatch.queries.checkers import refused_by
from dispatch.queries.stories import stories_for
from dispatch.queries.tickets import ticket_seen
from tests.factories import DESK, make_account
from tests.invariants import expect_whole, rows_of
from tests.phones import CrewPhone
from tests.trips import steward

DONE = "The valve is shut"


@pytest.fixture
def working(case):
    """Send W1, which is at work on the ticket since minute 12."""
    visit = case.send(at=1)
    case.go(visit, "acknowledge", "set_off", at=2)
    case.go(visit, "arrive", "start", at=11)
    return visit


def ids(case):
    return [crew.id for crew in case.crews]


def ask(case, visit, at=20, *, to=1, actor=None, **wish: object):
    first, *_ = ids(case)
    wish = {"reason": "shift_ends", "done": DONE} | wish
    to_id = None if to is None else ids(case)[to]
    with transaction():
        ask_relief(
            case.reload(), db.session.merge(visit), Wish(to_crew_id=to_id, **wish),
            actor=actor or steward(first), now=case.minute(at),
        )  # fmt: skip
    expect_whole(case.id)


def answer(case, action, crew, at=25, **said: object):
    crew_id = ids(case)[crew]
    with transaction():
        action(case.reload(), crew_id, actor=steward(crew_id), now=case.minute(at), **said)
    expect_whole(case.id)


def states(case):
    return [(visit.crew_id, visit.state, visit.relief_state) for visit in rows_of(Visit, case.id)]


def test_until_the_other_crew_says_yes_nothing_changes(working, case):
    ask(case, working)
    first, second, _ = ids(case)
    assert states(case) == [(first, "working", "asked")]
    assert case.reload().state == "working"
    assert (working.relief_crew_id, working.note) == (second, DONE)
    told = case.last_event()
    assert (told.kind, told.reason, told.note) == ("relief_asked", "shift_ends", DONE)
    assert told.facts["to_crew"] == "W2"


def test_a_yes_ends_one_visit_and_begins_the_other_at_the_same_instant(working, case):
    before = case.reload()
    dues = (before.arrived_at, before.arrive_due_at, before.repair_due_at, before.dispatched_at)
    ask(case, working)
    answer(case, take_over, 1)
    first, second, _ = ids(case)
    assert states(case) == [(first, "handed_over", "done"), (second, "acknowledged", None)]
    old, new = rows_of(Visit, case.id)
    assert old.ended_at == new.dispatched_at == new.acknowledged_at == case.minute(25)
    assert (old.note, new.crew_role) == (DONE, "lead")
    after = case.reload()
    assert (after.state, after.dispatches) == ("acknowledged", 2)
    assert dues == (after.arrived_at, after.arrive_due_at, after.repair_due_at, after.dispatched_at)
    assert case.told()[-3:] == ["handed_over", "dispatched", "acknowledged"]
    assert "acknowledge" not in case.armed()


def test_who_takes_over_on_the_road_is_expected_by_its_own_drive(case):
    with transaction():
        db.session.merge(case.crews[1]).base_lat += 0.05
    visit = case.send(at=1)
    case.go(visit, "acknowledge", "set_off", at=2)
    ask(case, visit, at=5)
    answer(case, take_over, 1, at=7)
    taken = rows_of(Visit, case.id)[1]
    drive = {each.crew_id: each for each in candidates_for(case.reload(), case.minute(7))}
    assert taken.eta_at == drive[taken.crew_id].arrives_at > case.minute(7)
    assert taken.eta_basis == [each.as_json() for each in drive[taken.crew_id].basis]


def test_the_figures_count_each_visit_and_blame_nobody(working, case):
    ask(case, working)
    answer(case, take_over, 1)
    case.go(rows_of(Visit, case.id)[1], "set_off", "arrive", "complete", at=30)
    day = timedelta(days=1)
    [story] = stories_for(
        case.start - day, case.start + day, Scope(everything=True), now=case.minute(90)
    )
    assert [(each.crew, each.outcome, each.cause) for each in story.visits] == [
        ("W1", None, None),
        ("W2", "completed", None),
    ]
    assert story.arrived_at == case.minute(11)
    assert (story.dispatches, story.returns) == (2, 0)


def test_a_no_needs_a_reason_and_leaves_the_ticket_where_it_is(working, case):
    ask(case, working)
    with pytest.raises(Invalid):
        answer(case, decline_relief, 1, reason=" ")
    answer(case, decline_relief, 1, reason="Still busy")
    assert states(case) == [(ids(case)[0], "working", "declined")]
    assert (case.last_event().kind, case.last_event().note) == ("relief_declined", "Still busy")
    with pytest.raises(Forbidden):
        answer(case, take_over, 1)
    with pytest.raises(NotFound):
        ticket_seen("W000001", Scope(crew_id=ids(case)[1]))


def test_who_handed_over_is_not_sent_again(working, case):
    ask(case, working)
    answer(case, take_over, 1)
    assert refused_by([case.id]) == {case.id: frozenset({ids(case)[0]})}


def test_a_crew_may_keep_its_ticket_after_all(working, case):
    ask(case, working)
    case.do(take_back, working, at=22)
    assert states(case) == [(ids(case)[0], "working", "taken_back")]
    for action, more in ((take_over, {}), (decline_relief, {"reason": "x"})):
        with pytest.raises(Forbidden):
            answer(case, action, 1, **more)
    with pytest.raises(Forbidden):
        case.do(take_back, working, at=23)


def test_who_has_not_taken_the_ticket_cannot_hand_it_over(case):
    visit = case.send(at=1)
    with pytest.raises(Forbidden):
        ask(case, visit, at=2)


@pytest.mark.parametrize("to", [0, 2])
def test_a_crew_asks_another_one_of_its_own_team(working, case, to):
    with pytest.raises(Invalid) as refused:
        ask(case, working, to=to)
    assert list(refused.value.fields) == ["to_crew_id"]


def test_the_desk_names_the_crew_where_that_was_left_to_it(working, case):
    ask(case, working, to=None)
    with pytest.raises(Forbidden):
        answer(case, take_over, 1)
    with transaction(), pytest.raises(Forbidden, match="No crew was named"):
        take_over(case.reload(), None, actor=DESK, now=case.minute(21))
    east = ids(case)[2]
    with transaction():
        args = {"to_crew_id": east}
        take_step(case.reload(), "hand-over", args, actor=DESK, now=case.minute(22))
    visit = rows_of(Visit, case.id)[0]
    assert (visit.relief_crew_id, visit.relief_reason, visit.note) == (east, "shift_ends", DONE)
    assert case.last_event().acting_for_crew_id == visit.crew_id
    with transaction():
        take_step(case.reload(), "take-over", {}, actor=DESK, now=case.minute(23))
    assert rows_of(Visit, case.id)[1].crew_id == east
    assert case.last_event().acting_for_crew_id == east
    expect_whole(case.id)


def test_the_desk_may_say_no_and_names_no_unknown_crew(working, case):
    with transaction(), pytest.raises(NotFound):
        ask_relief(
            case.reload(), db.session.merge(working), Wish("shift_ends", DONE, 999),
            actor=DESK, now=case.minute(20),
        )  # fmt: skip
    ask(case, working, to=None)
    with transaction():
        args = {"reason": "Nobody is free"}
        take_step(case.reload(), "refuse-hand-over", args, actor=DESK, now=case.minute(22))
    assert states(case)[0][2] == "declined"
    auditor = Actor(name="A", role=Role.AUDITOR)
    with transaction(), pytest.raises(NotAllowed):
        take_step(case.reload(), "take-over", {}, actor=auditor, now=case.minute(22))


def test_the_desk_speaks_for_the_crew_that_asks_or_that_it_names(working, case):
    first, second, third = ids(case)
    beside = case.send(1, at=13, role="second")
    case.go(beside, "acknowledge", at=14)
    ask(case, beside, to=None, actor=steward(second))

    def told(step, at, **args: object):
        with transaction():
            take_step(case.reload(), step, args, actor=DESK, now=case.minute(at))
        event = case.last_event()
        return event.visit_id, event.acting_for_crew_id

    assert told("hand-over", 22, to_crew_id=third) == (beside.id, second)
    assert told("take-back", 23) == (beside.id, second)
    wish = {"reason": "shift_ends", "note": DONE, "crew_id": second}
    assert told("hand-over", 24, **wish) == (beside.id, second)
    assert told("hand-over", 25, **wish | {"crew_id": first}) == (working.id, first)
    assert told("take-back", 26, crew_id=second) == (beside.id, second)


def test_asked_again_another_crew_is_asked(working, case):
    with transaction():
        team = db.session.merge(case.crews[0]).team_id
        db.session.add(Crew(name="W3", team_id=team))
    ask(case, working)
    third = db.session.query(Crew).filter_by(name="W3").one().id
    with transaction():
        again = Wish(to_crew_id=third)
        actor = steward(ids(case)[0])
        ask_relief(
            case.reload(), db.session.merge(working), again, actor=actor, now=case.minute(22)
        )
    assert rows_of(Visit, case.id)[0].relief_crew_id == third
    with pytest.raises(Forbidden):
        answer(case, take_over, 1)


def test_an_answer_is_never_dated_before_the_question(working, case):
    ask(case, working)
    crew_id = ids(case)[1]
    with transaction():
        told = Told(effective_at=case.minute(5))
        take_over(case.reload(), crew_id, actor=steward(crew_id), now=case.minute(30), told=told)
    assert rows_of(Visit, case.id)[1].dispatched_at == case.minute(20)
    expect_whole(case.id)


def test_both_phones_may_be_offline_and_a_late_yes_is_told_to_both_sides(working, case):
    first, second, _ = ids(case)
    mine, other = CrewPhone(case.start, first), CrewPhone(case.start, second, "Bo")
    wish = {"reason": "vehicle_down", "note": DONE, "to_crew_id": second}
    assert mine.send(mine.tap("hand-over", at=20, args=wish), 40).outcome == "applied"
    yes = other.tap("take-over", at=45)
    assert mine.send(mine.tap("complete", at=44), 46).outcome == "applied"
    late = other.send(yes, 50)
    assert late.outcome == "superseded"
    assert states(case) == [(first, "completed", "lapsed")]
    kept = [each for each in rows_of(TicketEvent, case.id) if each.kind == "for_review"]
    assert [each.facts["step"] for each in kept] == ["take-over"]
    expect_whole(case.id)


def test_a_yes_from_a_phone_offline_counts_from_its_tap(working, case):
    ask(case, working)
    other = CrewPhone(case.start, ids(case)[1])
    yes = other.tap("take-over", at=24)
    entry = other.send(yes, 60)
    assert (entry.outcome, entry.effective_at) == ("applied", case.minute(24))
    assert other.send(yes, 61).outcome == "applied"
    assert rows_of(Visit, case.id)[1].acknowledged_at == case.minute(24)
    assert rows_of(TicketEvent, case.id)[-3].time_quality == "offline_trusted"
    expect_whole(case.id)


def test_a_hand_over_of_a_ticket_that_was_taken_away_meanwhile_is_superseded(case):
    visit = case.send(at=1)
    case.go(visit, "acknowledge", at=2)
    mine = CrewPhone(case.start, ids(case)[0])
    case.send(1, at=10)
    wish = {"reason": "shift_ends", "note": DONE}
    late = mine.send(mine.tap("hand-over", at=8, args=wish), 12)
    assert late.outcome == "superseded"
    assert case.last_event().note == DONE


def relief_alerts(case, until):
    """Let the clockwork look once; return state and people of what nobody answered."""
    with transaction():
        fire_due(case.minute(until), limit=100)
    expect_whole(case.id)
    alerts = [each for each in rows_of(Alert, case.id) if each.clock == "relief"]
    return [(each.duty, each.state, each.due_at) for each in alerts]


@pytest.fixture
def on_duty(case):
    with transaction():
        user_id = make_account(Role.DISPATCHER, case.start).user_id
        db.session.add(RotaEntry(duty="dispatcher", user_id=user_id, start_minute=0, end_minute=0))
    return user_id


def test_the_dispatcher_hears_once_nobody_answered_in_time(session, working, case, on_duty):
    ask(case, working, at=20)
    assert relief_alerts(case, 24.9) == []
    assert relief_alerts(case, 25) == [("dispatcher", "open", case.minute(25))]
    assert relief_alerts(case, 26) == [("dispatcher", "open", case.minute(25))]
    (alert,) = [each for each in rows_of(Alert, case.id) if each.clock == "relief"]
    told = db.session.query(AlertPerson.user_id).filter_by(alert_id=alert.id).all()
    assert told == [(on_duty,)]
    assert case.last_event().facts["clock"] == "relief"


def test_another_crew_named_has_its_own_time(working, case, on_duty):
    ask(case, working, at=20, to=None)
    assert relief_alerts(case, 25)[0][2] == case.minute(25)
    ask(case, working, at=26)
    found = relief_alerts(case, 30)
    assert [state for _, state, _ in found] == ["settled"]
    assert relief_alerts(case, 31)[1:] == [("dispatcher", "open", case.minute(31))]


@pytest.mark.parametrize("end", ["yes", "no", "kept", "visit over", "cancelled"])
@pytest.mark.parametrize("is_late", [False, True])
def test_the_clock_stops_with_any_answer(working, case, on_duty, end, is_late):
    ask(case, working, at=20)
    if is_late:
        assert len(relief_alerts(case, 25)) == 1
    first, *_ = ids(case)
    at = 26 if is_late else 22
    own = {"actor": steward(first), "now": case.minute(at)}
    if end == "yes":
        answer(case, take_over, 1, at=at)
    elif end == "no":
        answer(case, decline_relief, 1, at=at, reason="too far")
    else:
        with transaction():
            if end == "kept":
                take_back(case.reload(), db.session.merge(working), **own)
            elif end == "visit over":
                take_step(case.reload(), "complete", {}, **own)
            else:
                take_step(case.reload(), "cannot-complete", {"cause": "no_access"}, **own)
    expect_whole(case.id)
    found = relief_alerts(case, 40)
    assert [state for _, state, _ in found] == ["settled"] * is_late
    ended = [each.ended_at for each in rows_of(Alert, case.id) if each.clock == "relief"]
    assert ended == [case.minute(at)] * is_late


def test_two_wishes_of_one_second_warn_once(working, case, on_duty):
    ask(case, working, at=20, to=None)
    assert len(relief_alerts(case, 25)) == 1
    with transaction():
        visit = db.session.merge(working)
        ask_relief(
            case.reload(), visit, Wish(to_crew_id=ids(case)[1]), actor=DESK, now=case.minute(26),
            told=Told(effective_at=case.minute(20)),
        )  # fmt: skip
    assert [state for _, state, _ in relief_alerts(case, 40)] == ["settled"]

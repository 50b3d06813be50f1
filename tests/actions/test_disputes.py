"""Is a fault repaired while two teams argue, and does the argument end in time?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.clockwork import fire_due
from dispatch.actions.disputes import NewDispute, Whose, decide_dispute, open_dispute
from dispatch.actions.endings import cancel_ticket, close_ticket
from dispatch.actions.holds import hold_ticket, return_ticket
from dispatch.actions.merging import merge_ticket
from dispatch.actions.rota import replace_rota
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Stale
from dispatch.domain.permissions import Role, Scope
from dispatch.domain.responsibility import HolderKind
from dispatch.domain.rota import DutyRole, RotaRule
from dispatch.domain.rota_rows import NOBODY, RotaDraft
from dispatch.models.alerts import Alert, AlertPerson
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.disputes import Dispute
from dispatch.models.people import Team, User
from dispatch.queries.disputes import dispute_for_change
from dispatch.queries.responsibility import spans_for
from tests.factories import DESK, make_account, make_ticket
from tests.invariants import expect_whole, rows_of

EVERYWHERE = Scope(everything=True)
FOUR_HOURS = 240


def other_team(case) -> int:
    own = case.reload().team_id
    found: int = db.session.scalars(select(Team.id).where(Team.id != own)).one()
    return found


def theirs(case) -> NewDispute:
    return NewDispute("not_our_area", Whose(other_team(case)))


def only(case) -> Dispute:
    [row] = rows_of(Dispute, case.id)
    return row


def decide(case, whose, *, at, by, seen=None, reason="the main is theirs"):
    with transaction():
        row, ticket = dispute_for_change(only(case).id, EVERYWHERE)
        decide_dispute(
            row, ticket, whose, reason=reason, actor=by, now=case.minute(at), seen_version=seen
        )
    expect_whole(case.id)


def sweep(case, minutes):
    with transaction():
        found = fire_due(case.minute(minutes), limit=100)
    expect_whole(case.id)
    return found


def disputed(case):
    return [each for each in rows_of(Alert, case.id) if each.clock == "dispute"]


@pytest.fixture
def manager(case, now):
    with transaction():
        return make_account(Role.MANAGER, now)


def test_a_return_with_a_ground_opens_a_dispute_and_stops_no_clock(case):
    armed, dues = case.armed(), case.ticket.arrive_due_at
    case.do(return_ticket, at=5, reason="east of the canal", dispute=theirs(case))
    row = only(case)
    assert (row.state, row.ground, row.reason) == ("open", "not_our_area", "east of the canal")
    assert (row.from_team_id, row.other_team_id) == (case.ticket.team_id, other_team(case))
    assert row.due_at == case.minute(5 + FOUR_HOURS)
    assert (case.ticket.state, case.ticket.arrive_due_at) == ("returned", dues)
    assert case.armed() == armed | {"dispute": case.minute(5)}
    assert case.told()[-2:] == ["returned", "dispute_opened"]


def test_the_repair_goes_on_while_it_is_disputed(case):
    case.do(return_ticket, at=2, reason="theirs", dispute=theirs(case))
    case.fixed(at=3)
    case.do(close_ticket, at=20, reason="checked")
    assert (case.ticket.state, only(case).state) == ("closed", "open")
    assert case.armed().keys() == {"dispute"}


def test_the_duty_manager_hears_of_it_at_once_and_the_head_when_time_is_up(case, now):
    with transaction():
        for role, name in ((Role.MANAGER, "zhao"), (Role.ADMINISTRATOR, "qian")):
            make_account(role, now, name=name)
        drafts = [
            RotaDraft(RotaRule(DutyRole.DUTY_MANAGER, NOBODY), "", "zhao"),
            RotaDraft(RotaRule(DutyRole.HEAD_OF_OPERATIONS, NOBODY), "", "qian"),
        ]
        replace_rota(drafts, actor=DESK, now=now)
    case.do(open_dispute, theirs(case), at=0, reason="theirs")
    for minutes in (0, FOUR_HOURS - 1, FOUR_HOURS):
        while sweep(case, minutes).seen:
            pass
    alerts = disputed(case)
    first = min(alerts, key=lambda each: each.id)
    assert (first.fraction, first.duty) == (0, "duty_manager")
    assert {each.fraction for each in alerts} == {0, 0.5, 0.8, 1}
    assert [each.duty for each in alerts if each.fraction == 1] == ["head_of_operations"]
    told = select(User.name).join(AlertPerson, AlertPerson.user_id == User.id)
    assert db.session.scalars(told.where(AlertPerson.alert_id == first.id)).all() == ["zhao"]


def test_without_a_decision_the_team_keeps_it_when_the_time_is_up(case):
    team = case.ticket.team_id
    case.do(open_dispute, theirs(case), at=0, reason="theirs")
    version = case.ticket.version
    for _ in range(6):
        sweep(case, FOUR_HOURS + 30)
    row = only(case)
    assert (row.state, row.decided_by, row.owner_team_id) == ("lapsed", "rule", team)
    assert row.decided_at == case.minute(FOUR_HOURS)
    assert (case.reload().team_id, case.ticket.version) == (team, version)
    assert case.told().count("dispute_lapsed") == 1
    assert not [
        timer
        for timer in rows_of(Timer, case.id)
        if timer.clock == "dispute" and timer.state == "armed" and timer.alert_id is None
    ]


def test_a_decision_gives_the_ticket_to_the_team_and_its_crew_goes_on(case, manager):
    visit = case.send(at=1)
    other = other_team(case)
    case.do(open_dispute, theirs(case), at=2, reason="theirs")
    sweep(case, 2)
    decide(case, Whose(other), at=10, by=manager)
    row, ticket = only(case), case.reload()
    assert (row.state, row.decision, row.owner_team_id) == ("decided", "the main is theirs", other)
    assert (row.decided_by, row.decided_at) == (manager.name, case.minute(10))
    assert (ticket.team_id, ticket.state, visit.state) == (other, "dispatched", "dispatched")
    assert "dispute" not in case.armed()
    assert [each.state for each in disputed(case)] == ["settled"]


def test_the_bar_shows_the_team_that_the_decision_named(case, manager):
    own, other = case.ticket.team_id, other_team(case)
    case.do(open_dispute, theirs(case), at=2, reason="theirs")
    decide(case, Whose(other), at=10, by=manager)
    spans = spans_for(case.reload(), case.minute(20))
    assert [each.holder for each in spans] == [
        (HolderKind.TEAM, str(own), ""),
        (HolderKind.TEAM, str(other), ""),
    ]
    assert spans[1].from_at == case.minute(10)


def test_where_it_is_another_departments_the_team_goes_on_repairing(case, manager):
    team = case.ticket.team_id
    gas = NewDispute("not_our_pipe", Whose(department=" Gas company "))
    case.do(open_dispute, gas, at=1, reason="yellow pipe")
    assert only(case).department == "Gas company"
    decide(case, Whose(department="Gas company"), at=5, by=manager)
    row = only(case)
    assert (row.owner_department, row.owner_team_id) == ("Gas company", team)
    assert case.reload().team_id == team


@pytest.mark.parametrize(
    ("ground", "whose", "field"),
    [
        ("because", Whose(department="Gas company"), "ground"),
        ("not_our_pipe", Whose(), "team"),
        ("not_our_pipe", Whose(999), "team"),
        ("not_our_pipe", Whose(2, "Gas company"), "team"),
        ("not_our_pipe", Whose(department="x" * 101), "department"),
    ],
)
def test_a_dispute_that_nobody_could_decide_is_refused(case, ground, whose, field):
    before = case.reload().version
    with pytest.raises(Invalid) as refused:
        case.do(return_ticket, at=1, reason="theirs", dispute=NewDispute(ground, whose))
    assert list(refused.value.fields) == [field]
    assert (case.reload().version, case.ticket.state) == (before, "accepted")
    assert rows_of(Dispute, case.id) == []


def test_a_team_cannot_pass_a_ticket_to_itself(case):
    own = NewDispute("not_our_area", Whose(case.ticket.team_id))
    with pytest.raises(Invalid):
        case.do(open_dispute, own, at=1, reason="ours")


def test_a_ticket_has_one_open_dispute_and_an_ended_one_gets_none(case):
    case.do(open_dispute, theirs(case), at=1, reason="theirs")
    with pytest.raises(Forbidden, match="already"):
        case.do(open_dispute, theirs(case), at=2, reason="theirs")
    sweep(case, FOUR_HOURS + 30)
    case.fixed(at=FOUR_HOURS + 31)
    case.do(close_ticket, at=FOUR_HOURS + 50, reason="checked")
    with pytest.raises(Forbidden, match="open ticket"):
        case.do(open_dispute, theirs(case), at=FOUR_HOURS + 60, reason="theirs")


def test_only_a_manager_decides_once_with_a_reason_and_as_it_was_seen(case, manager, now):
    case.do(open_dispute, theirs(case), at=1, reason="theirs")
    with transaction():
        leader = make_account(Role.TEAM_LEADER, now, team_id=case.ticket.team_id)
    whose = Whose(other_team(case))
    for fault, named in (
        (NotAllowed, {"by": leader}),
        (Stale, {"by": manager, "seen": 9}),
        (Invalid, {"by": manager, "reason": " "}),
    ):
        with pytest.raises(fault):
            decide(case, whose, at=2, **named)
        db.session.rollback()
    with pytest.raises(Invalid):
        decide(case, Whose(), at=2, by=manager)
    decide(case, whose, at=2, by=manager)
    with pytest.raises(Forbidden, match="settled already"):
        decide(case, whose, at=3, by=manager)


def test_a_hold_neither_stops_a_dispute_nor_drops_its_alerts(case):
    case.do(open_dispute, theirs(case), at=1, reason="theirs")
    sweep(case, 1)
    case.do(hold_ticket, at=2, reason="waiting_for_permit")
    assert case.armed()["dispute"] == case.minute(1 + FOUR_HOURS / 2)
    assert [each.state for each in disputed(case)] == ["open"]


def test_a_dispute_of_others_is_not_found(case):
    case.do(open_dispute, theirs(case), at=1, reason="theirs")
    for scope in (Scope(team_id=999), Scope(crew_id=1)):
        with pytest.raises(NotFound):
            dispute_for_change(only(case).id, scope)


@pytest.mark.parametrize("how", ["cancelled", "merged"])
def test_a_dispute_ends_with_a_ticket_that_is_cancelled_or_merged(case, how):
    with transaction():
        open_dispute(case.reload(), theirs(case), reason="theirs", actor=DESK, now=case.minute(5))
        into = make_ticket(case.minute(5)).ticket
    sweep(case, 5)
    assert [each.state for each in rows_of(Alert, case.id) if each.dispute_id] == ["open"]
    with transaction():
        ticket = case.reload()
        if how == "merged":
            merge_ticket(ticket, into, actor=DESK, now=case.minute(10))
        else:
            cancel_ticket(ticket, reason="no fault", actor=DESK, now=case.minute(10))
    row = only(case)
    assert (row.state, row.decided_by, row.decided_at) == ("over", DESK.name, case.minute(10))
    assert row.owner_team_id is None
    assert {each.state for each in rows_of(Alert, case.id) if each.dispute_id} == {"settled"}
    armed = [each for each in rows_of(Timer, case.id) if each.state == "armed"]
    assert [each for each in armed if each.dispute_id] == []
    expect_whole(case.id)
    with pytest.raises(Forbidden, match="settled already"):
        decide(
            case, Whose(case.reload().team_id), at=20, by=make_account(Role.MANAGER, case.minute(0))
        )

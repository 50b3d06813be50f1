"""Is every word of a reporter heard once, and silence kept for what it is?"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from dispatch.actions.follow_ups import (
    Said,
    ask_by_link,
    claim,
    give_up,
    nobody_answered,
    refuse_to_answer,
    release,
    reveal_for_call,
    take_answer,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.permissions import RESIDENT, Role
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.people import SettingsEvent
from tests.cases import Case
from tests.factories import make_account
from tests.follow_ups import on, questions, say_it
from tests.invariants import rows_of


@pytest.fixture
def asked(session, now):
    """Repair the ticket of a reporter with a number, and name two people of the desk."""
    case = Case(now, reporter_phone="13800001111")
    case.fixed()
    with transaction():
        li, wu = (make_account(Role.CALL_TAKER, now, name=name) for name in ("Li Na", "Wu"))
    first, later = questions(case.id)
    return SimpleNamespace(
        case=case, first=first.id, later=later.id, li=li, wu=wu, at=case.minute(120)
    )


def without_call(action):
    return lambda row, _ticket, **named: action(row, **named)


def test_the_link_goes_out_once_and_is_in_the_story(asked):
    for _ in range(2):
        row = on(asked.first, ask_by_link, now=asked.at)
    assert (row.state, row.asked_at, row.asked_by) == ("asked", asked.at, "rule")
    [message] = [each for each in rows_of(Outbox, 1) if each.template == "follow_up_asked"]
    assert message.recipient == "13800001111"
    assert message.next_try_at == asked.at
    assert asked.case.told().count("follow_up_asked") == 1


def test_nobody_without_a_number_is_sent_a_link_and_nobody_about_an_open_ticket(now, session):
    case = Case(now)
    case.fixed()
    first, later = questions(case.id)
    assert on(first.id, ask_by_link, now=case.minute(120)).state == "open"
    case.ticket.state = "reopened"
    db.session.commit()
    assert on(later.id, ask_by_link, now=case.minute(121)).state == "cancelled"


def test_an_answer_is_kept_with_its_scores_and_stops_the_clock(asked):
    row = say_it(
        asked.first, "fixed", process=5, result=3, note=" neat ", actor=asked.li, now=asked.at
    )
    assert (row.state, row.fixed, row.process, row.result) == ("answered", "fixed", 5, 3)
    assert (row.note, row.channel, row.asked_at) == ("neat", "call", asked.at)
    ticket = asked.case.reload()
    assert ticket.verified_at == ticket.followed_up_at == asked.at
    assert asked.case.armed() == {}
    assert asked.case.report.fixed_answer == "fixed"
    assert questions()[1].state == "open"


def test_not_fixed_reopens_the_same_ticket_and_calls_the_rest_off(asked):
    row = say_it(asked.first, "not_fixed", process=4, actor=asked.li, now=asked.at)
    ticket = asked.case.reload()
    assert (ticket.state, ticket.reopenings, ticket.followed_up_at) == ("reopened", 1, None)
    assert (row.state, questions()[1].state) == ("answered", "cancelled")
    assert set(asked.case.armed()) == {"restore", "repair"}


def test_rather_not_say_stops_the_clock_and_is_not_asked_again(asked):
    say_it(asked.first, "rather_not_say", actor=asked.li, now=asked.at)
    ticket = asked.case.reload()
    assert (ticket.verified_at, ticket.followed_up_at) == (None, asked.at)
    assert asked.case.armed() == {}
    assert questions()[1].state == "cancelled"


def test_an_answer_can_be_corrected_for_a_day(asked):
    say_it(asked.first, "fixed", process=5, actor=asked.li, now=asked.at)
    say_it(asked.first, "fixed", process=2, actor=RESIDENT, now=asked.at + timedelta(hours=1))
    assert asked.case.told().count("verified") == 1
    row = say_it(asked.first, "not_fixed", actor=RESIDENT, now=asked.at + timedelta(hours=24))
    assert (row.fixed, row.process, row.answered_at) == ("not_fixed", None, asked.at)
    assert asked.case.reload().state == "reopened"
    row = say_it(asked.first, "fixed", actor=RESIDENT, now=asked.at + timedelta(hours=24))
    assert (row.fixed, asked.case.reload().state) == ("fixed", "reopened")
    with pytest.raises(Forbidden, match="more than a day"):
        say_it(asked.first, "fixed", actor=RESIDENT, now=asked.at + timedelta(hours=25))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said("maybe"), "answer"),
        (Said("fixed", process=0), "process"),
        (Said("fixed", result=6), "result"),
        (Said("fixed", note="x" * 2001), "note"),
        (Said("fixed", note="\0"), "note"),
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_kept(asked, said, field):
    with pytest.raises(Invalid) as refused:
        on(asked.first, take_answer, said, channel="call", actor=asked.li, now=asked.at)
    assert list(refused.value.fields) == [field]
    assert questions()[0].state == "open"


def test_a_question_that_was_called_off_or_ended_takes_no_answer(asked):
    on(asked.first, refuse_to_answer, actor=asked.li, now=asked.at)
    for row_id, why in ((asked.first, "ended already"), (asked.later, "called off")):
        for act in (nobody_answered, refuse_to_answer):
            with pytest.raises(Forbidden, match=why):
                on(row_id, act, actor=asked.li, now=asked.at)
        with pytest.raises(Forbidden, match=why):
            say_it(row_id, "fixed", actor=asked.li, now=asked.at)
        with pytest.raises(Forbidden, match=why):
            on(row_id, without_call(claim), actor=asked.li, now=asked.at)


def test_a_refusal_is_silence_and_ends_the_asking(asked):
    row = on(asked.first, refuse_to_answer, actor=asked.li, now=asked.at)
    assert (row.state, row.answered_at, row.asked_at) == ("refused", None, asked.at)
    assert questions()[1].state == "cancelled"
    assert asked.case.reload().followed_up_at == asked.at


def test_a_call_that_nobody_takes_comes_again_and_ends_after_three(asked):
    at, rules_pause = asked.case.minute(17 * 60), timedelta(hours=2)
    row = on(asked.first, nobody_answered, again_in=30, actor=asked.li, now=at)
    assert (row.tries, row.call_at) == (1, at + timedelta(minutes=30))
    row = on(asked.first, nobody_answered, actor=asked.li, now=at)
    assert (row.tries, row.state, row.call_at) == (2, "asked", at + rules_pause)
    assert asked.case.reload().followed_up_at is None
    row = on(asked.first, nobody_answered, actor=asked.li, now=at)
    assert (row.tries, row.state, row.answered_at) == (3, "no_answer", None)
    assert asked.case.reload().followed_up_at == at
    assert asked.case.told().count("follow_up_asked") == 3


def test_nobody_is_called_again_at_night(asked):
    late = asked.case.minute(150)  # 20:00 in the tests' zone
    row = on(asked.first, nobody_answered, again_in=60, actor=asked.li, now=late)
    assert row.call_at == asked.case.minute(0).replace(day=3, hour=1, minute=0)


@pytest.mark.parametrize("pause", [0, 4, 7 * 24 * 60 + 1])
def test_a_pause_that_makes_no_sense_is_refused(asked, pause):
    with pytest.raises(Invalid):
        on(asked.first, nobody_answered, again_in=pause, actor=asked.li, now=asked.at)


def test_a_call_is_made_by_one_person_at_a_time(asked):
    on(asked.first, without_call(claim), actor=asked.li, now=asked.at)
    for act in (claim, release):
        with pytest.raises(Stale, match="is making this call"):
            on(asked.first, without_call(act), actor=asked.wu, now=asked.at)
    for act in (nobody_answered, refuse_to_answer):
        with pytest.raises(Stale):
            on(asked.first, act, actor=asked.wu, now=asked.at)
    with pytest.raises(Stale):
        say_it(asked.first, "fixed", actor=asked.wu, now=asked.at)
    later = asked.at + timedelta(minutes=10)
    assert on(asked.first, without_call(claim), actor=asked.wu, now=later).claimed_name == "Wu"
    row = on(asked.first, without_call(release), actor=asked.wu, now=later)
    assert (row.claimed_by, row.claimed_until) == (None, None)


def test_the_residents_own_word_is_heard_during_a_call(asked):
    on(asked.first, without_call(claim), actor=asked.li, now=asked.at)
    row = say_it(asked.first, "fixed", actor=RESIDENT, now=asked.at)
    assert (row.state, row.claimed_by) == ("answered", None)


def test_who_saw_an_older_state_is_told(asked):
    seen = questions()[0].version
    say_it(asked.first, "fixed", actor=asked.li, now=asked.at)
    with pytest.raises(Stale, match="changed in the meantime"):
        on(
            asked.first,
            take_answer,
            Said("not_fixed"),
            channel="call",
            actor=asked.wu,
            now=asked.at,
            seen_version=seen,
        )
    assert asked.case.reload().state == "completed"


def test_the_number_is_shown_to_whoever_calls_and_that_is_written_down(asked):
    shown = []
    on(
        asked.first,
        lambda row, ticket: shown.append(
            reveal_for_call(row, ticket, actor=asked.li, now=asked.at).phone
        ),
    )
    assert shown == ["13800001111"]
    [kept] = db.session.query(SettingsEvent).all()
    assert kept.subject == "reveal"
    assert kept.now["reason"] == "follow-up call"
    assert questions()[0].claimed_name == "Li Na"


def test_silence_ends_after_a_week_and_what_was_never_asked_is_no_silence(asked):
    on(asked.first, ask_by_link, now=asked.at)
    on(asked.first, give_up, now=asked.at)
    assert questions()[0].state == "asked"
    over = questions()[1].late_at + timedelta(days=7)
    for row_id in (asked.first, asked.later):
        on(row_id, give_up, now=over)
    assert [row.state for row in questions()] == ["no_answer", "cancelled"]
    assert asked.case.reload().followed_up_at == over

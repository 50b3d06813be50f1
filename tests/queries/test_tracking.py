"""Does a link show how far the repair is, and nothing that is personal or internal?"""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from dispatch.actions.endings import answer_follow_up, reopen_ticket
from dispatch.actions.merging import merge_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.duplicates import Reported
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import RESIDENT
from dispatch.domain.place import Point
from dispatch.domain.ticket_state import TicketState
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.tracking import (
    faults_nearby,
    household_with_account,
    live_report,
    may_answer,
    reported_ticket,
    ticket_to_follow,
    track_page,
)
from tests.factories import DESK, IN_EAST, IN_WEST
from tests.trips import another_ticket, open_burst, send, step, steward, work

MINUTE = timedelta(minutes=1)
HERE = Point(IN_WEST.lat, IN_WEST.lon)


def test_a_new_ticket_waits_for_its_crew_and_shows_the_promise(session, now):
    opened = open_burst(now)
    page = track_page(opened.report.token, now)
    assert page.number == "W000001"
    assert page.state is TicketState.ACCEPTED
    assert str(page.headline) == "We are choosing a crew"
    assert (page.crew, page.vehicle, page.arrival) == (None, None, None)
    assert page.promised_at == now + 30 * MINUTE
    assert not page.is_promise_missed
    assert len(page.ahead) == 4


def test_the_crew_is_expected_in_a_window_of_whole_five_minutes(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now + MINUTE, eta_minutes=12)
    page = track_page(opened.report.token, now + 2 * MINUTE)
    assert (page.crew, page.vehicle) == ("W1", "van")
    assert page.arrival.from_at == now + 10 * MINUTE
    assert page.arrival.to_at == now + 20 * MINUTE
    assert not page.arrival.is_late


def test_a_crew_after_its_window_is_said_to_be_late(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now, eta_minutes=10)
    assert not track_page(opened.report.token, now + 15 * MINUTE).arrival.is_late
    assert track_page(opened.report.token, now + 16 * MINUTE).arrival.is_late


def test_no_window_is_made_up_without_an_estimate_or_after_the_arrival(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now, eta_minutes=None)
    assert track_page(opened.report.token, now).arrival is None
    work(opened.ticket.id, 1, now, until="arrive")
    page = track_page(opened.report.token, now + 20 * MINUTE)
    assert page.arrival is None
    assert page.promised_at is None


def test_a_missed_promise_is_admitted(session, now):
    opened = open_burst(now)
    assert track_page(opened.report.token, now + 31 * MINUTE).is_promise_missed


def test_the_story_of_a_fixed_ticket_is_told_in_order(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now + MINUTE)
    done = work(opened.ticket.id, 1, now + MINUTE)
    page = track_page(opened.report.token, done)
    assert [str(each.text) for each in page.steps] == [
        "We received your report",
        "A crew was chosen: W1",
        "The crew set off",
        "The crew arrived",
        "The crew fixed it",
    ]
    assert [each.at for each in page.steps] == sorted(each.at for each in page.steps)
    assert page.ahead == ()
    assert page.asks


def test_a_second_visit_is_told_with_its_cause(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now)
    at = work(opened.ticket.id, 1, now, until="start") + MINUTE
    step(
        opened.ticket.id, "cannot-complete", steward(1), at, cause="part_missing", note="clamp DN40"
    )
    page = track_page(opened.report.token, at)
    assert str(page.headline) == "A second visit is needed"
    assert str(page.steps[-1].more) == "A part has to be fetched first."
    assert "clamp" not in repr(page)


def test_a_crew_that_declined_is_not_shown_but_one_that_had_arrived_is(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now)
    step(opened.ticket.id, "decline", steward(1), now + MINUTE, reason="too far")
    assert len(track_page(opened.report.token, now + MINUTE).steps) == 1
    send(opened.ticket.id, 2, now + 2 * MINUTE)
    at = work(opened.ticket.id, 2, now + 2 * MINUTE, until="arrive") + MINUTE
    step(opened.ticket.id, "return", steward(2), at, reason="private pipe")
    page = track_page(opened.report.token, at)
    assert str(page.steps[-1].text) == "The crew left; the desk decides who goes on"
    assert "private pipe" not in repr(page)


def test_a_pause_and_the_water_coming_back_are_told(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now)
    at = work(opened.ticket.id, 1, now, until="start")
    step(opened.ticket.id, "restore", steward(1), at + MINUTE)
    step(opened.ticket.id, "hold", DESK, at + 2 * MINUTE, reason="waiting_for_part")
    paused = track_page(opened.report.token, at + 2 * MINUTE)
    assert str(paused.headline) == "The work is paused"
    assert len(paused.ahead) == 1
    step(opened.ticket.id, "release", DESK, at + 3 * MINUTE)
    said = [str(each.text) for each in track_page(opened.report.token, at + 3 * MINUTE).steps]
    assert said[-3:] == [
        "The water is back or the leak is stopped",
        "The work was paused",
        "The work goes on",
    ]


@pytest.mark.parametrize("ending", ["solve-by-phone", "cancel"])
def test_an_ended_ticket_has_nothing_ahead(session, now, ending):
    opened = open_burst(now)
    step(opened.ticket.id, ending, DESK, now + MINUTE, reason="a secret reason")
    page = track_page(opened.report.token, now + MINUTE)
    assert page.ahead == ()
    assert page.promised_at is None
    assert not page.asks
    assert "secret" not in repr(page)


def test_nothing_personal_reaches_the_page(session, now):
    opened = open_burst(
        now,
        reporter_name="Zhou Ming",
        reporter_phone="13812345678",
        description="behind the blue door",
        address="Wuyi Road 12",
    )
    send(opened.ticket.id, 1, now)
    step(opened.ticket.id, "note", steward(1), now, note="the dog bites")
    shown = repr(dataclasses.astuple(track_page(opened.report.token, now)))
    for secret in ("Zhou", "138", "blue door", "Wuyi", "dog", "28.1", "112.9", "Wang"):
        assert secret not in shown


def test_a_report_that_joined_later_says_who_was_first(session, now):
    opened = open_burst(now)
    later = another_ticket(now + 3 * MINUTE)
    with transaction():
        ticket = session.get(Ticket, later.ticket.id)
        merge_ticket(ticket, session.get(Ticket, 1), actor=DESK, now=now + 4 * MINUTE)
    page = track_page(later.report.token, now + 5 * MINUTE)
    assert page.number == "W000001"
    assert page.reporters == 2
    assert [str(each.text) for each in page.steps[:2]] == [
        "Somebody else reported it first",
        "We received your report",
    ]
    assert track_page(opened.report.token, now).number == "W000001"


def test_a_duplicate_of_a_duplicate_leads_to_the_one_ticket(session, now):
    open_burst(now)
    second, third = another_ticket(now), another_ticket(now)
    with transaction():
        first, middle, last = (session.get(Ticket, number) for number in (1, 2, 3))
        merge_ticket(last, middle, actor=DESK, now=now)
        merge_ticket(middle, first, actor=DESK, now=now)
        session.get(Report, third.report.id).ticket_id = last.id
    assert reported_ticket(session.get(Report, third.report.id)).id == 1
    assert track_page(second.report.token, now).number == "W000001"


@pytest.mark.parametrize("token", ["", "nope", "\0", "a\0b", "链接", "x" * 5000])
def test_an_unknown_link_opens_nothing(session, now, token):
    open_burst(now)
    assert track_page(token, now) is None


def test_a_link_expires(session, now):
    token = open_burst(now).report.token
    assert live_report(token, now + timedelta(days=89)) is not None
    assert live_report(token, now + timedelta(days=90)) is None


def test_fixed_may_be_taken_back_and_not_fixed_asks_again_after_the_next_repair(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now)
    done = work(opened.ticket.id, 1, now)

    def answer(given, at):
        with transaction():
            ticket, report = session.get(Ticket, 1), session.get(Report, 1)
            answer_follow_up(ticket, report, given, actor=RESIDENT, now=at)

    answer("fixed", done + MINUTE)
    page = track_page(opened.report.token, done + MINUTE)
    assert (page.answer, page.asks) == ("fixed", True)
    answer("not_fixed", done + 2 * MINUTE)
    page = track_page(opened.report.token, done + 2 * MINUTE)
    assert page.state is TicketState.REOPENED
    assert not page.asks
    send(opened.ticket.id, 1, done + 3 * MINUTE)
    again = work(opened.ticket.id, 1, done + 3 * MINUTE)
    page = track_page(opened.report.token, again)
    assert (page.answer, page.asks) == (None, True)


def test_who_said_not_fixed_is_not_asked_about_the_same_repair(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now)
    done = work(opened.ticket.id, 1, now)
    report = session.get(Report, 1)
    report.fixed_answer, report.answered_at = "not_fixed", done + MINUTE
    assert not may_answer(session.get(Ticket, 1), report)


def test_a_reopened_ticket_says_so(session, now):
    opened = open_burst(now)
    send(opened.ticket.id, 1, now)
    done = work(opened.ticket.id, 1, now)
    with transaction():
        reopen_ticket(session.get(Ticket, 1), reason="still wet", actor=DESK, now=done + MINUTE)
    page = track_page(opened.report.token, done + MINUTE)
    assert str(page.steps[-1].text) == "The ticket was opened again"
    assert len(page.ahead) == 4


def said(now, *, category="burst", point=HERE):
    return Reported(category=category, received_at=now, point=point, text="")


def test_an_open_fault_nearby_is_offered_without_its_address(session, now):
    open_burst(now, reporter_name="Zhou Ming", reporter_phone="13812345678")
    send(1, 1, now)
    work(1, 1, now, until="set-off")
    (found,) = faults_nearby(said(now), now)
    assert found.number == "W000001"
    assert str(found.state) == "a crew is on the way"
    assert found.metres_at_most == 50
    assert "Wuyi" not in repr(found)
    assert "Zhou" not in repr(found)


def test_the_distance_is_only_rounded_up(session, now):
    open_burst(now)
    (found,) = faults_nearby(said(now, point=Point(HERE.lat + 0.001, HERE.lon)), now)
    assert found.metres_at_most == 150


def test_a_fault_far_away_or_of_another_kind_or_ended_is_not_offered(session, now):
    open_burst(now)
    east = Point(IN_EAST.lat, IN_EAST.lon)
    assert faults_nearby(said(now, point=east), now) == []
    assert faults_nearby(said(now, point=None), now) == []
    assert faults_nearby(said(now, category="bill", point=Point(28.152, 112.95)), now) == []
    step(1, "cancel", DESK, now, reason="a mistake")
    assert faults_nearby(said(now), now) == []


def test_only_an_open_ticket_can_be_followed(session, now):
    open_burst(now)
    assert ticket_to_follow("w1").id == 1
    for number in ("W000009", "nonsense"):
        with pytest.raises(NotFound):
            ticket_to_follow(number)
    step(1, "cancel", DESK, now, reason="a mistake")
    with pytest.raises(NotFound):
        ticket_to_follow("W000001")


def test_a_household_is_found_by_its_account(session):
    db.session.add(Household(account="A1", address="Wuyi Road 12"))
    db.session.commit()
    assert household_with_account("A1").address == "Wuyi Road 12"
    assert household_with_account("A2") is None

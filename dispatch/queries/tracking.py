"""What may a resident know about the ticket behind a link, and about faults nearby?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.categories import category_rule
from dispatch.domain.duplicates import Reported, suggestions
from dispatch.domain.errors import NotFound
from dispatch.domain.follow_up import Round
from dispatch.domain.place import Point
from dispatch.domain.sentences import LocalName, say
from dispatch.domain.ticket_state import ENDED, TicketState, ticket_id_of, ticket_number
from dispatch.domain.visit_state import ACTIVE, ON_SITE, VisitState
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket, Visit
from dispatch.queries.follow_ups import question_for
from dispatch.queries.notices import notice_told
from dispatch.queries.step_dates import REQUEST_HEADLINES, RequestStep, request_steps
from dispatch.queries.storm_queue import outlook_of_ticket
from dispatch.queries.tracking_story import TrackStep, past_steps, steps_ahead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.sentences import Sentence
    from dispatch.domain.storm_queue import Outlook
    from dispatch.models.follow_ups import FollowUp

S = TicketState

HEADLINES: dict[TicketState, tuple[str, Sentence, Sentence]] = {
    S.RECEIVED: (
        "info",
        say("We have your report"),
        say("The desk finds the place and then sends a crew. You need not call again."),
    ),
    S.ACCEPTED: (
        "info",
        say("We are choosing a crew"),
        say("The crew that can be there first is sent. You need not call again."),
    ),
    S.DISPATCHED: (
        "info",
        say("A crew has been chosen"),
        say("It confirms, then it sets off. You see here when it does."),
    ),
    S.ACKNOWLEDGED: (
        "info",
        say("The crew has your ticket"),
        say("It sets off soon. You see here when it does."),
    ),
    S.EN_ROUTE: (
        "accent",
        say("The crew is on the way"),
        say("Please see that it can reach the meter or the place of the fault."),
    ),
    S.ARRIVED: (
        "accent",
        say("The crew has arrived"),
        say("It looks for the cause and then begins the repair."),
    ),
    S.WORKING: (
        "accent",
        say("The crew is working on it"),
        say("You see here when it is fixed. The water may be turned off for a while."),
    ),
    S.COMPLETED: (
        "good",
        say("The crew says that it is fixed"),
        say("Please tell us whether that is so: if it is not, we come again."),
    ),
    S.CLOSED: (
        "good",
        say("Fixed and closed"),
        say("If the fault comes back, say so below and we come again."),
    ),
    S.ON_HOLD: (
        "hold",
        say("The work is paused"),
        say("It goes on as soon as the reason is over. Your place is kept."),
    ),
    S.SOLVED_BY_PHONE: (
        "good",
        say("Solved on the telephone"),
        say("If it is not solved after all, call us or report it again."),
    ),
    S.ANSWERED_BY_NOTICE: (
        "info",
        say("This is part of a known interruption"),
        say("Nobody needs to come to you. If it goes on after the end, report it again."),
    ),
    S.CANCELLED: (
        "neutral",
        say("This ticket was ended without a repair"),
        say("If there is still a fault, call us or report it again."),
    ),
    S.REOPENED: (
        "warn",
        say("We come again"),
        say("Your ticket is open again and a crew is being chosen. You need not call."),
    ),
}
HEADLINES[S.RETURNED] = HEADLINES[S.ACCEPTED]
HEADLINES[S.DUPLICATE] = HEADLINES[S.RECEIVED]
SECOND_VISIT = (
    "warn",
    say("A second visit is needed"),
    say("A crew is sent again for the same ticket. You need not report it again."),
)

STATES_NEARBY: dict[TicketState, Sentence] = {
    S.DISPATCHED: say("a crew has been chosen"),
    S.ACKNOWLEDGED: say("a crew has been chosen"),
    S.EN_ROUTE: say("a crew is on the way"),
    S.ARRIVED: say("a crew is there"),
    S.WORKING: say("a crew is working on it"),
}
BEING_SENT = say("a crew is being chosen")

ETA_STEP = timedelta(minutes=5)
LONGEST_CHAIN = 10
NEARBY_DEGREES = 0.006
"""A little more than the widest radius in which two reports may mean one fault, 500 m."""
NEARBY_ROWS = 200
DISTANCE_STEP_METRES = 50


@dataclass(frozen=True)
class Arrival:
    """When the crew is expected: an honest window, not a minute; `is_late` once it is over."""

    from_at: datetime
    to_at: datetime
    is_late: bool


@dataclass(frozen=True)
class TrackPage:
    """What the reporter sees of a ticket; there is nothing personal and nothing internal in it.

    `asks` says that the repair may be confirmed or denied now, `answer` what was said about it,
    `said` is the answer to the last question while it may be corrected, and `is_later` that the
    question of a week later is the one that waits. `queue` is the place in a storm, `notice` the
    interruption that the report lies in.
    """

    number: str
    category: Sentence
    state: TicketState
    tone: str
    headline: Sentence
    next: Sentence
    received_at: datetime
    reporters: int
    steps: tuple[TrackStep, ...]
    ahead: tuple[TrackStep, ...]
    crew: str | None
    vehicle: str | None
    arrival: Arrival | None
    promised_at: datetime | None
    is_promise_missed: bool
    asks: bool
    answer: str | None
    said: Given | None
    is_later: bool
    request: tuple[RequestStep, ...] = ()
    queue: Outlook | None = None
    notice: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Given:
    """What a reporter answered: the three words, scores from 1 to 5, a remark."""

    fixed: str | None
    process: int | None
    result: int | None
    note: str | None
    version: int


@dataclass(frozen=True)
class Nearby:
    """An open fault that is likely the one just described; the distance is only rounded up."""

    number: str
    category: Sentence
    received_at: datetime
    state: Sentence
    metres_at_most: int


def track_page(token: str, now: datetime) -> TrackPage | None:
    """Return what the holder of a link may know; None for an unknown or expired link."""
    report = live_report(token, now)
    if report is None:
        return None
    ticket = _followed(report.ticket_id)
    visits = _visits(ticket.id)
    current = next((each for each, _crew in reversed(visits) if each.state in ACTIVE), None)
    crew = next((found for each, found in visits if each is current), None)
    state = S(ticket.state)
    asked = question_for(report, now)
    is_later = asked is not None and asked.answered_at is None and asked.round == Round.DAY_7
    request = request_steps(ticket, now)
    tone, headline, following = (REQUEST_HEADLINES if request else {}).get(state) or _headline(
        state, [visit for visit, _crew in visits]
    )
    return TrackPage(
        number=ticket_number(ticket.id),
        category=category_rule(ticket.category).name,
        state=state,
        tone=tone,
        headline=headline,
        next=following,
        received_at=report.received_at,
        reporters=ticket.report_count,
        steps=past_steps(ticket, report, visits),
        ahead=() if request else steps_ahead(ticket),
        crew=LocalName(crew.name, crew.name_zh) if crew else None,
        vehicle=crew.vehicle if crew else None,
        arrival=(arrival := _arrival(current, now)),
        queue=(queue := outlook_of_ticket(ticket, now)),
        promised_at=ticket.arrive_due_at if _is_promised(ticket, queue or arrival) else None,
        is_promise_missed=ticket.arrive_due_at is not None and now > ticket.arrive_due_at,
        asks=may_answer(ticket, report),
        answer=None if is_later else _answer(ticket, report),
        said=_given(asked),
        is_later=is_later,
        request=request,
        notice=notice_told(report.notice_id, now),
    )


def _given(asked: FollowUp | None) -> Given | None:
    if asked is None or asked.answered_at is None:
        return None
    return Given(asked.fixed, asked.process, asked.result, asked.note, asked.version)


def live_report(token: str, now: datetime) -> Report | None:
    """Return the report that a link belongs to, unless it is unknown or has expired."""
    if not token.isascii() or "\0" in token:
        return None
    report = db.session.scalars(select(Report).where(Report.token == token)).one_or_none()
    if report is None or (report.token_expires_at is not None and report.token_expires_at <= now):
        return None
    return report


def reported_ticket(report: Report) -> Ticket:
    """Return the ticket that a report is about now, whatever it was merged into."""
    return _followed(report.ticket_id)


def may_answer(ticket: Ticket, report: Report) -> bool:
    """Tell whether a reporter may say now if it is fixed; "fixed" may be taken back."""
    return S(ticket.state) in {S.COMPLETED, S.CLOSED} and _answer(ticket, report) != "not_fixed"


def faults_nearby(new: Reported, now: datetime, *, limit: int = 3) -> list[Nearby]:
    """Return the open tickets that a new report is likely about, the likeliest first.

    Only faults with a known place near the given point: a stranger may not search by household.
    """
    if new.point is None:
        return []
    tickets = {ticket.id: ticket for ticket in _open_around(new.point)}
    likely = suggestions(new, [_as_reported(each) for each in tickets.values()], now=now)
    return [
        _nearby(tickets[found.ticket_id], found.metres)
        for found in likely[:limit]
        if found.ticket_id is not None and found.metres is not None
    ]


def ticket_to_follow(number: str) -> Ticket:
    """Return an open ticket that a resident asked to follow.

    Raises:
        NotFound: when there is no such open ticket.
    """
    ticket = db.session.get(Ticket, ticket_id_of(number) or 0)
    if ticket is None or S(ticket.state) in ENDED:
        raise NotFound(say("That ticket has ended in the meantime. Send your report as a new one."))
    return ticket


def household_with_account(account: str) -> Household | None:
    """Return the service point with an account number, None where there is none."""
    return db.session.scalars(select(Household).where(Household.account == account)).one_or_none()


def _followed(ticket_id: int) -> Ticket:
    ticket = db.session.get_one(Ticket, ticket_id)
    for _ in range(LONGEST_CHAIN):
        if ticket.state != S.DUPLICATE or ticket.parent_id is None:
            break
        ticket = db.session.get_one(Ticket, ticket.parent_id)
    return ticket


def _visits(ticket_id: int) -> list[tuple[Visit, Crew]]:
    rows = db.session.execute(
        select(Visit, Crew)
        .join(Crew, Crew.id == Visit.crew_id)
        .where(Visit.ticket_id == ticket_id, Visit.crew_role == "lead")
        .order_by(Visit.id)
    )
    return [(visit, crew) for visit, crew in rows]


def _headline(state: TicketState, visits: Sequence[Visit]) -> tuple[str, Sentence, Sentence]:
    failed = bool(visits) and visits[-1].state == VisitState.CANNOT_COMPLETE
    return SECOND_VISIT if state is S.ACCEPTED and failed else HEADLINES[state]


def _is_promised(ticket: Ticket, expected: Outlook | Arrival | None) -> bool:
    """Tell whether a promise is shown; who called in a storm sees it only if it will be kept."""
    if ticket.arrived_at is not None or S(ticket.state) in ENDED or ticket.arrive_due_at is None:
        return False
    if not ticket.storm:
        return True
    ends = expected.to_at if expected else None
    return ends is not None and ends <= ticket.arrive_due_at


def _arrival(visit: Visit | None, now: datetime) -> Arrival | None:
    if visit is None or visit.eta_at is None or visit.state in ON_SITE:
        return None
    ends = _rounded_down(visit.eta_at + ETA_STEP - timedelta(microseconds=1)) + ETA_STEP
    return Arrival(_rounded_down(visit.eta_at), ends, is_late=now > ends)


def _rounded_down(at: datetime) -> datetime:
    return at - timedelta(seconds=at.timestamp() % ETA_STEP.total_seconds())


def _answer(ticket: Ticket, report: Report) -> str | None:
    """Return what was said about the last repair; an answer about an earlier one is history."""
    if report.answered_at is None:
        return None
    if ticket.completed_at is not None and report.answered_at < ticket.completed_at:
        return None
    return report.fixed_answer


def _open_around(point: Point) -> Sequence[Ticket]:
    reach = NEARBY_DEGREES / max(0.05, math.cos(math.radians(point.lat)))
    ended = [str(state) for state in (*ENDED, S.COMPLETED)]
    return db.session.scalars(
        select(Ticket)
        .where(
            Ticket.state.not_in(ended),
            ~Ticket.imported,
            Ticket.lat.between(point.lat - NEARBY_DEGREES, point.lat + NEARBY_DEGREES),
            Ticket.lon.between(point.lon - reach, point.lon + reach),
        )
        .order_by(Ticket.id.desc())
        .limit(NEARBY_ROWS)
    ).all()


def _as_reported(ticket: Ticket) -> Reported:
    placed = ticket.lat is not None and ticket.lon is not None
    return Reported(
        ticket_id=ticket.id,
        category=ticket.category,
        received_at=ticket.received_at,
        point=Point(ticket.lat or 0.0, ticket.lon or 0.0) if placed else None,
        text=f"{ticket.address} {ticket.description}",
    )


def _nearby(ticket: Ticket, metres: int) -> Nearby:
    steps = max(1, math.ceil(metres / DISTANCE_STEP_METRES))
    return Nearby(
        number=ticket_number(ticket.id),
        category=category_rule(ticket.category).name,
        received_at=ticket.received_at,
        state=STATES_NEARBY.get(S(ticket.state), BEING_SENT),
        metres_at_most=steps * DISTANCE_STEP_METRES,
    )

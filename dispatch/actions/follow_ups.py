"""What comes of asking a reporter: an answer, silence, a refusal, or another try?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions.endings import take_word
from dispatch.actions.follow_up_rows import finish, unfinished_of
from dispatch.actions.outbox import queue_message
from dispatch.actions.promises import disarm
from dispatch.actions.revealing import reveal_reporter
from dispatch.actions.ticket_log import Told, record_aside
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.follow_up import (
    CLAIM,
    GIVEN_UP,
    LONGEST_NOTE,
    MENDABLE,
    UNFINISHED,
    Fixed,
    FollowUpState,
    Round,
    check_fixed,
    check_score,
)
from dispatch.domain.permissions import RULE
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.models.base import db
from dispatch.models.tickets import Report
from dispatch.queries.policies import policy_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.follow_ups import FollowUp
    from dispatch.models.tickets import Ticket

_ANSWERED = EventKind.FOLLOW_UP_ANSWERED
REPAIRED = frozenset({TicketState.COMPLETED, TicketState.CLOSED})
LONGEST_PAUSE = 7 * 24 * 60
SHORTEST_PAUSE = 5


@dataclass(frozen=True)
class Said:
    """What somebody answered; scores are from 1 to 5, None where the question was skipped."""

    fixed: str
    process: int | None = None
    result: int | None = None
    note: str = ""

    def check(self) -> None:
        """Refuse what is no answer.

        Raises:
            Invalid: naming the field.
        """
        check_fixed(self.fixed)
        check_score("process", self.process)
        check_score("result", self.result)
        if len(self.note) > LONGEST_NOTE or "\0" in self.note:
            fault = say("This may have at most %(longest)s characters.", longest=LONGEST_NOTE)
            raise Invalid(fault, fields={"note": fault})


def ask_by_link(row: FollowUp, ticket: Ticket, *, now: datetime) -> bool:
    """Send the link to a reporter whose time has come; False where nothing is to be asked.

    A reporter without a number is not asked: the page behind the link asks whoever opens it.
    """
    if TicketState(ticket.state) not in REPAIRED:
        finish(row, FollowUpState.CANCELLED, now=now)
        return False
    report = db.session.get_one(Report, row.report_id)
    if row.state != FollowUpState.OPEN or report.phone is None:
        return False
    _ask(row, actor=RULE, now=now)
    event = _tell(row, ticket, EventKind.FOLLOW_UP_ASKED, {"channel": "link"}, actor=RULE, now=now)
    queue_message(ticket, event, report, now=now)
    return True


def take_answer(
    row: FollowUp,
    ticket: Ticket,
    said: Said,
    *,
    channel: str,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Take down what a reporter says; "not fixed" reopens the ticket for another crew.

    It may be corrected for a day. The word of an audit call stays apart, yet reopens the ticket.

    Raises:
        Invalid: when an answer or a score is none.
        Forbidden: when the question was called off or ended, or the day to correct it is over.
        Stale: when somebody else answered in between, or holds the call.
    """
    said.check()
    check_seen(row, seen_version)
    check_free(row, actor, now)
    before = row.fixed
    if row.state == FollowUpState.ANSWERED:
        _check_mendable(row, now)
    else:
        _check_awaited(row)
        _ask(row, actor=actor, now=now)
        row.answered_at = now
        finish(row, FollowUpState.ANSWERED, now=now)
    row.fixed, row.process, row.result = said.fixed, said.process, said.result
    row.note, row.channel = said.note.strip() or None, channel
    facts = _facts_of(row) | {"corrected": before is not None}
    _tell(row, ticket, _ANSWERED, facts, actor=actor, now=now, note=row.note)
    _keep_on_report(row, now=now)
    if said.fixed == Fixed.RATHER_NOT_SAY:
        _leave_in_peace(row, now=now)
    if said.fixed != before:
        _stop_clock(row, ticket, now=now)
        take_word(ticket, said.fixed, actor=actor, now=now)


def nobody_answered(
    row: FollowUp,
    ticket: Ticket,
    *,
    again_in: int | None = None,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Note a call that nobody took; it comes again in so many minutes, a few times at most.

    Raises:
        Invalid: when the pause is not between five minutes and a week.
        Forbidden: when the question has ended.
        Stale: when somebody else changed it in between, or holds the call.
    """
    if again_in is not None and not SHORTEST_PAUSE <= again_in <= LONGEST_PAUSE:
        fault = say("Try again in 5 minutes at the earliest and within a week.")
        raise Invalid(fault, fields={"again_in": fault})
    check_seen(row, seen_version)
    check_free(row, actor, now)
    _check_awaited(row)
    policy = policy_of(ticket.policy_id).policy
    rules = policy.asking
    _ask(row, actor=actor, now=now)
    row.tries += 1
    row.tried_at = now
    row.claimed_by = row.claimed_name = row.claimed_until = None
    facts = {"channel": "call", "outcome": "no_answer", "tries": row.tries}
    _tell(row, ticket, EventKind.FOLLOW_UP_ASKED, facts, actor=actor, now=now)
    if row.tries >= rules.tries:
        finish(row, FollowUpState.NO_ANSWER, now=now)
        _stop_clock(row, ticket, now=now)
        return
    pause = timedelta(minutes=again_in or rules.retry_minutes)
    row.call_at = rules.within_hours(now + pause, policy.calendar.zone)


def refuse_to_answer(
    row: FollowUp,
    ticket: Ticket,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Note that somebody does not want to be asked, now or later.

    Raises:
        Forbidden: when the question has ended.
        Stale: when somebody else changed it in between, or holds the call.
    """
    check_seen(row, seen_version)
    check_free(row, actor, now)
    _check_awaited(row)
    _ask(row, actor=actor, now=now)
    finish(row, FollowUpState.REFUSED, now=now)
    facts = {"channel": "call", "outcome": "refused"}
    _tell(row, ticket, EventKind.FOLLOW_UP_ASKED, facts, actor=actor, now=now)
    _leave_in_peace(row, now=now)
    _stop_clock(row, ticket, now=now)


def claim(row: FollowUp, *, actor: Actor, now: datetime) -> None:
    """Take a call for ten minutes, so that nobody else makes it.

    Raises:
        Forbidden: when the question has ended.
        Stale: when somebody else holds the call.
    """
    check_free(row, actor, now)
    _check_awaited(row)
    row.claimed_by, row.claimed_name = actor.user_id, actor.name
    row.claimed_until = now + CLAIM


def release(row: FollowUp, *, actor: Actor, now: datetime) -> None:
    """Give a call back to the list.

    Raises:
        Stale: when somebody else holds it.
    """
    check_free(row, actor, now)
    row.claimed_by = row.claimed_name = row.claimed_until = None


def reveal_for_call(row: FollowUp, ticket: Ticket, *, actor: Actor, now: datetime) -> Report:
    """Show the number to whoever takes the call; that it was shown is written down.

    Raises:
        Forbidden: when the question has ended.
        Stale: when somebody else holds the call.
    """
    claim(row, actor=actor, now=now)
    why = "audit call" if row.round == Round.AUDIT else "follow-up call"
    return reveal_reporter(ticket, row.report_id, reason=why, actor=actor, now=now)


def give_up(row: FollowUp, ticket: Ticket, *, now: datetime) -> bool:
    """End a question that nobody answered for a week; one that was never put is no silence.

    False where it was answered, or put off, in between.
    """
    if now < row.late_at + GIVEN_UP or row.state not in UNFINISHED:
        return False
    asked = row.asked_at is not None
    finish(row, FollowUpState.NO_ANSWER if asked else FollowUpState.CANCELLED, now=now)
    _stop_clock(row, ticket, now=now)
    return True


def check_seen(row: FollowUp, seen_version: int | None) -> None:
    """Refuse what is said about a question that changed in between.

    Raises:
        Stale: when it did.
    """
    if seen_version is not None and seen_version != row.version:
        raise Stale(
            say("This follow-up was changed in the meantime. Look at it again."),
            facts={"version": row.version, "seen_version": seen_version, "state": row.state},
        )


def check_free(row: FollowUp, actor: Actor, now: datetime) -> None:
    """Refuse a second person on the same call; the resident's own word is always heard.

    Raises:
        Stale: naming who holds the call and until when.
    """
    holds = row.claimed_until is not None and row.claimed_until > now
    if not holds or actor.user_id is None or row.claimed_by == actor.user_id:
        return
    raise Stale(
        say(
            "%(who)s is making this call until %(until)s. Take the next one.",
            who=row.claimed_name,
            until=row.claimed_until,
        ),
        facts={"claimed_by": row.claimed_name},
    )


def _facts_of(row: FollowUp) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("channel", "fixed", "process", "result")}


def _check_mendable(row: FollowUp, now: datetime) -> None:
    if row.answered_at is None or now > row.answered_at + MENDABLE:
        raise Forbidden(say("This was answered more than a day ago and stays as it is."))


def _check_awaited(row: FollowUp) -> None:
    if row.state == FollowUpState.CANCELLED:
        raise Forbidden(say("This question was called off: the ticket was opened again."))
    if row.state not in UNFINISHED:
        raise Forbidden(say("This question has ended already."))


def _ask(row: FollowUp, *, actor: Actor, now: datetime) -> None:
    if row.asked_at is None:
        row.asked_at, row.asked_by = now, actor.name
        row.state = str(FollowUpState.ASKED)


def _tell(
    row: FollowUp,
    ticket: Ticket,
    kind: EventKind,
    facts: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    note: str | None = None,
) -> Any:
    told = Told(facts={"round": row.round, **facts}, note=note)
    return record_aside(ticket, kind, actor=actor, now=now, told=told)


def _keep_on_report(row: FollowUp, *, now: datetime) -> None:
    if row.round == Round.AUDIT:
        return
    report = db.session.get_one(Report, row.report_id)
    report.fixed_answer, report.answered_at = row.fixed, now


def _leave_in_peace(row: FollowUp, *, now: datetime) -> None:
    """Call off what the same reporter would be asked later."""
    for other in unfinished_of(row.ticket_id):
        if other.report_id == row.report_id:
            finish(other, FollowUpState.CANCELLED, now=now)


def _stop_clock(row: FollowUp, ticket: Ticket, *, now: datetime) -> None:
    """Keep the promise to ask: the first reporter who was asked to the end stops its clock."""
    if row.round == Round.AUDIT or ticket.completed_at is None:
        return
    if ticket.followed_up_at is None:
        ticket.followed_up_at = now
        disarm(ticket, ClockKind.FOLLOW_UP)

"""Who is to be asked now, who is making which call, and what does a reporter's page ask?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, case, func, or_, select

from dispatch.domain.categories import category_rule
from dispatch.domain.errors import NotFound
from dispatch.domain.follow_up import (
    GIVEN_UP,
    MENDABLE,
    ROUND_NAMES,
    UNFINISHED,
    FollowUpState,
    Round,
)
from dispatch.domain.masking import masked_name, masked_phone
from dispatch.domain.sentences import LocalName, say
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.domain.ticket_state import TicketState, ticket_number
from dispatch.domain.visit_state import VisitState
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.people import Crew
from dispatch.models.tickets import Report, Ticket, Visit
from dispatch.queries.scoping import in_scope
from dispatch.queries.tickets import ticket_for_change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from dispatch.domain.permissions import Scope

NORMAL = (str(Round.SAME_DAY), str(Round.DAY_7))
AUDIT = (str(Round.AUDIT),)
EVERY_ROUND = NORMAL + AUDIT
LONGEST_LIST = 200
_UNFINISHED = tuple(sorted(str(state) for state in UNFINISHED))
_REPAIRED = (str(TicketState.COMPLETED), str(TicketState.CLOSED))
_COLUMNS = (
    FollowUp.id, FollowUp.version, FollowUp.round, FollowUp.state, FollowUp.about_at,
    FollowUp.due_at, FollowUp.call_at, FollowUp.late_at, FollowUp.tries, FollowUp.tried_at,
    FollowUp.claimed_by, FollowUp.claimed_name, FollowUp.claimed_until, FollowUp.ticket_id,
    FollowUp.fixed, FollowUp.process, FollowUp.result, FollowUp.note, FollowUp.answered_at,
    FollowUp.week, Ticket.category, Ticket.level, Ticket.address, Report.name, Report.phone,
    Report.language,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallCounts:
    """How many calls are due, how many of them overdue or taken, later, and ended since midnight.

    `no_number` are questions that wait for the link alone: nobody could call.
    """

    due: int
    overdue: int
    taken: int
    later: int
    ended: int
    no_number: int


def call_list(
    now: datetime, scope: Scope, rounds: Sequence[str] = NORMAL, *, limit: int = LONGEST_LIST
) -> list[dict[str, Any]]:
    """Return the calls that are due, the overdue ones first, then by when they were due."""
    statement = _calls(now, scope, rounds).order_by(*_in_order(now)).limit(limit)
    rows = db.session.execute(statement).all()
    crews = _crews_of([row.ticket_id for row in rows])
    return [_shaped(row, crews, now) for row in rows]


def next_call(
    now: datetime, scope: Scope, user_id: int | None, rounds: Sequence[str] = NORMAL
) -> int | None:
    """Return the call to make next: one's own before those that nobody has taken."""
    mine = FollowUp.claimed_by == user_id
    statement = (
        _calls(now, scope, rounds)
        .where(or_(mine, FollowUp.claimed_until.is_(None), FollowUp.claimed_until <= now))
        .order_by(case((and_(mine, FollowUp.claimed_until > now), 0), else_=1), *_in_order(now))
        .limit(1)
    )
    row = db.session.execute(statement).first()
    return None if row is None else row.id


def call_seen(
    row_id: int, now: datetime, scope: Scope, rounds: Sequence[str] = NORMAL
) -> dict[str, Any]:
    """Return one question to look at, whatever became of it.

    Raises:
        NotFound: when there is none of the kind in the asker's scope.
    """
    _check_id(row_id)
    row = db.session.execute(_joined(scope, rounds).where(FollowUp.id == row_id)).first()
    if row is None:
        raise _no_follow_up()
    return _shaped(row, _crews_of([row.ticket_id]), now)


def call_counts(
    now: datetime, since: datetime, scope: Scope, rounds: Sequence[str] = NORMAL
) -> CallCounts:
    """Count the calls; `since` is the midnight before `now`."""
    waits = FollowUp.state.in_(_UNFINISHED)
    can_call = and_(waits, Report.phone.is_not(None))
    due = and_(can_call, FollowUp.call_at <= now)
    ended = and_(FollowUp.ended_at >= since, FollowUp.state != FollowUpState.CANCELLED)
    wanted = {
        "due": due,
        "overdue": and_(due, FollowUp.late_at <= now),
        "taken": and_(due, FollowUp.claimed_until > now),
        "later": and_(can_call, FollowUp.call_at > now),
        "ended": ended,
        "no_number": and_(waits, Report.phone.is_(None)),
    }
    counts = [func.count(case((condition, 1))) for condition in wanted.values()]
    statement = _from(select(*counts)).where(FollowUp.round.in_(rounds))
    row = db.session.execute(in_scope(statement, scope)).one()
    return CallCounts(**dict(zip(wanted, row, strict=True)))


def follow_up_for_change(
    row_id: int, scope: Scope, rounds: Sequence[str] = NORMAL
) -> tuple[FollowUp, Ticket]:
    """Return a question and its ticket, both locked until the transaction ends.

    Raises:
        NotFound: when there is none of the kind in the asker's scope.
    """
    _check_id(row_id)
    ticket_id = db.session.scalar(
        select(FollowUp.ticket_id).where(FollowUp.id == row_id, FollowUp.round.in_(rounds))
    )
    if ticket_id is None:
        raise _no_follow_up()
    ticket = ticket_for_change(ticket_number(ticket_id), scope)
    return _locked(row_id), ticket


def question_for(report: Report, now: datetime) -> FollowUp | None:
    """Return what the page of a reporter asks now: the newest round whose time has come.

    On the day of the repair the page asks at once; the question of a week later when it is due.
    After an answer it is the one that may still be corrected.
    """
    about_me = FollowUp.report_id == report.id
    if report.phone is not None:
        same_person = select(Report.id).where(
            Report.ticket_id == report.ticket_id, Report.phone == report.phone
        )
        about_me = FollowUp.report_id.in_(same_person)
    waits = and_(
        FollowUp.state.in_(_UNFINISHED),
        or_(FollowUp.round == Round.SAME_DAY, FollowUp.due_at <= now),
    )
    mendable = and_(
        FollowUp.state == FollowUpState.ANSWERED, FollowUp.answered_at >= now - MENDABLE
    )
    return db.session.scalars(
        select(FollowUp)
        .where(
            about_me,
            FollowUp.ticket_id == report.ticket_id,
            FollowUp.round.in_(NORMAL),
            or_(waits, mendable),
        )
        .order_by(case((waits, 0), else_=1), FollowUp.due_at.desc(), FollowUp.id.desc())
        .limit(1)
    ).one_or_none()


def due_links(now: datetime, limit: int) -> Sequence[int]:
    """Return the questions whose link is to be sent now."""
    return db.session.scalars(
        _from(select(FollowUp.id))
        .where(
            FollowUp.state == FollowUpState.OPEN,
            FollowUp.round.in_(NORMAL),
            FollowUp.due_at <= now,
            Report.phone.is_not(None),
        )
        .order_by(FollowUp.due_at, FollowUp.id)
        .limit(limit)
    ).all()


def silent_questions(now: datetime, limit: int) -> Sequence[int]:
    """Return the questions that nobody answered for a week after they were overdue."""
    return db.session.scalars(
        select(FollowUp.id)
        .where(FollowUp.state.in_(_UNFINISHED), FollowUp.late_at <= now - GIVEN_UP)
        .order_by(FollowUp.late_at, FollowUp.id)
        .limit(limit)
    ).all()


def _from(statement: Any) -> Select[Any]:
    joined: Select[Any] = (
        statement.select_from(FollowUp)
        .join(Ticket, Ticket.id == FollowUp.ticket_id)
        .join(Report, Report.id == FollowUp.report_id)
    )
    return joined


def _joined(scope: Scope, rounds: Sequence[str]) -> Select[Any]:
    return in_scope(_from(select(*_COLUMNS)).where(FollowUp.round.in_(rounds)), scope)


def _calls(now: datetime, scope: Scope, rounds: Sequence[str]) -> Select[Any]:
    return _joined(scope, rounds).where(
        FollowUp.state.in_(_UNFINISHED),
        FollowUp.call_at <= now,
        Ticket.state.in_(_REPAIRED),
        Report.phone.is_not(None),
    )


def _in_order(now: datetime) -> tuple[Any, ...]:
    late = case((FollowUp.late_at <= now, 0), else_=1)
    return (late, Ticket.level, FollowUp.call_at, FollowUp.id)


def _locked(row_id: int) -> FollowUp:
    return db.session.scalars(
        select(FollowUp)
        .where(FollowUp.id == row_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _crews_of(ticket_ids: Sequence[int]) -> dict[int, LocalName]:
    """Return the crew that completed each ticket last."""
    rows = db.session.execute(
        select(Visit.ticket_id, Crew.name, Crew.name_zh)
        .join(Crew, Crew.id == Visit.crew_id)
        .where(Visit.ticket_id.in_(ticket_ids), Visit.state == str(VisitState.COMPLETED))
        .order_by(Visit.id)
    )
    return {ticket_id: LocalName(name, chinese) for ticket_id, name, chinese in rows}


def _shaped(row: Row[Any], crews: dict[int, LocalName], now: datetime) -> dict[str, Any]:
    taken = row.claimed_until is not None and row.claimed_until > now
    return {
        "id": row.id,
        "version": row.version,
        "number": ticket_number(row.ticket_id),
        "round": row.round,
        "round_name": ROUND_NAMES[Round(row.round)],
        "state": row.state,
        "category": row.category,
        "category_name": category_rule(row.category).name,
        "level": row.level,
        "address": row.address,
        "reporter": masked_name(row.name),
        "phone": masked_phone(row.phone),
        "language": row.language,
        "crew": crews.get(row.ticket_id),
        "about_at": row.about_at,
        "due_at": row.due_at,
        "call_at": row.call_at,
        "late_at": row.late_at,
        "is_overdue": row.state in _UNFINISHED and row.late_at <= now,
        "tries": row.tries,
        "tried_at": row.tried_at,
        "taken_by": row.claimed_name if taken else None,
        "taken_by_id": row.claimed_by if taken else None,
        "taken_until": row.claimed_until if taken else None,
        "fixed": row.fixed,
        "process": row.process,
        "result": row.result,
        "note": row.note,
        "answered_at": row.answered_at,
        "week": row.week,
    }


def _check_id(row_id: int) -> None:
    # An address may hold more digits than a row id has.
    if not 0 < row_id <= LARGEST_ROW_ID:
        raise _no_follow_up()


def _no_follow_up() -> NotFound:
    return NotFound(say("There is no such follow-up."))

"""What is each ticket's story, as the figures need it?"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, select

from dispatch.domain.broken_promises import visit_told_of
from dispatch.domain.clocks import Hold as Pause
from dispatch.domain.clocks import held_seconds
from dispatch.domain.facts import Keys, fact_of, facts_of
from dispatch.domain.follow_up import FollowUpState, Round, is_satisfied
from dispatch.domain.permissions import Scope
from dispatch.domain.stories import AnswerStory, TicketStory, VisitStory
from dispatch.domain.ticket_state import ENDED, ticket_number
from dispatch.domain.visit_state import GIVEN_BACK, VisitState
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Hold, Report, Ticket, Visit
from dispatch.queries.responsibility import holders_at_due
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from dispatch.domain.facts import Rows
    from dispatch.domain.part_of_week import PartOfWeek
    from dispatch.domain.responsibility import Holder

ROWS_AT_ONCE = 5_000
_NO_FLAGS: frozenset[str] = frozenset()
OUTCOMES = frozenset({"duplicate", "solved_by_phone", "answered_by_notice", "cancelled"})
"""States in which a ticket ended without being carried through."""
_ENDED = tuple(sorted(str(state) for state in ENDED))
_FIXED: dict[str | None, bool] = {"fixed": True, "not_fixed": False}
_VISIT_ENDS = frozenset({VisitState.COMPLETED.value, VisitState.CANNOT_COMPLETE.value})
_TIMES = tuple(name for name in TicketStory.TIMES if hasattr(Ticket, name))
_AS_THEY_ARE = (
    "kind",
    "category",
    "level",
    "lat",
    "lon",
    "storm",
    "imported",
    "returns",
    "dispatches",
    *_TIMES,
)
_READ_ANEW = (
    Ticket.id,
    Ticket.state,
    Ticket.grid_id,
    Ticket.team_id,
    Ticket.household_id,
    Ticket.pipe_mm,
    Ticket.place_standing,
    Ticket.flags,
    Ticket.reopenings,
    Ticket.report_count,
    Ticket.overridden,
)
_COLUMNS = (*_READ_ANEW, *(getattr(Ticket, name) for name in _AS_THEY_ARE))


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFilters:
    """Which tickets are asked for besides the range; None lets every one through."""

    team: str | None = None
    grid: str | None = None
    category: str | None = None
    level: int | None = None
    storm: bool | None = None
    part_of_week: PartOfWeek | None = None

    def __bool__(self) -> bool:
        """Tell whether anything is filtered out."""
        return any(getattr(self, each.name) is not None for each in fields(self))


ALL_TICKETS = FigureFilters()


def stories_for(
    from_at: datetime,
    to_at: datetime,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    now: datetime,
) -> list[TicketStory]:
    """Return the tickets received from `from_at` and before `to_at`, in the order of the calls.

    A hold that lasts is counted up to `now`.
    """
    received = and_(Ticket.received_at >= from_at, Ticket.received_at < to_at)
    return _stories(received, scope, filters, now)


def open_stories(
    scope: Scope, filters: FigureFilters = ALL_TICKETS, *, now: datetime
) -> list[TicketStory]:
    """Return the tickets that are open now, imported ones left out, the oldest first."""
    return _stories(and_(Ticket.state.not_in(_ENDED), ~Ticket.imported), scope, filters, now)


def stories_of(tickets: Sequence[int], *, now: datetime) -> list[TicketStory]:
    """Return the stories of some tickets; those that are not there have none."""
    found: list[TicketStory] = []
    for start in range(0, len(tickets), ROWS_AT_ONCE):
        some = Ticket.id.in_(tickets[start : start + ROWS_AT_ONCE])
        found += _stories(some, Scope(everything=True), ALL_TICKETS, now)
    return found


def facts_now(tickets: Sequence[int], *, now: datetime) -> Rows:
    """Return the facts of some tickets as their tables have them, without what followed.

    Tickets that are not there have none. Thousands are read at a time.
    """
    packed: list[bytes] = []
    for start in range(0, len(tickets), ROWS_AT_ONCE):
        asked = Ticket.id.in_(tickets[start : start + ROWS_AT_ONCE])
        around = _Around.read(select(Ticket.id).where(asked))
        held = holders_at_due(asked, now)
        with without_collecting():
            packed += [
                _fact(tuple(row), around, held, now)
                for row in _rows(select(*_COLUMNS).where(asked))
            ]
    return facts_of(packed)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Let the garbage collector rest while very many stories are alive.

    It would walk all of them again and again and find nothing: a quarter to a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def end_reading() -> None:
    """Give the connection back before a long calculation.

    PostgreSQL ends a session that idles inside a transaction for some seconds (see the engine's
    options). Inside a write transaction nothing is given back.
    """
    if not db.session().info.get("writing"):
        db.session.close()


def _stories(
    asked: ColumnElement[bool], scope: Scope, filters: FigureFilters, now: datetime
) -> list[TicketStory]:
    ids = narrowed(select(Ticket.id).where(asked), scope, filters)
    around = _Around.read(ids)
    statement = narrowed(select(*_COLUMNS).where(asked), scope, filters)
    with without_collecting():
        rows = _rows(statement.order_by(Ticket.received_at, Ticket.id))
        found = [_story(tuple(row), around, now) for row in rows]
    part = filters.part_of_week
    return found if part is None else [story for story in found if part.holds(story.received_at)]


def narrowed(statement: Any, scope: Scope, filters: FigureFilters) -> Any:
    """Narrow a selection of tickets to those that are asked for and that the asker may see."""
    return in_scope(_filtered(statement, filters), scope.shared)


def _filtered(statement: Any, filters: FigureFilters) -> Any:
    if filters.team is not None:
        statement = statement.where(
            Ticket.team_id.in_(select(Team.id).where(Team.name == filters.team))
        )
    if filters.grid is not None:
        statement = statement.where(
            Ticket.grid_id.in_(select(Grid.id).where(Grid.name == filters.grid))
        )
    if filters.category is not None:
        statement = statement.where(Ticket.category == filters.category)
    if filters.level is not None:
        statement = statement.where(Ticket.level == filters.level)
    if filters.storm is not None:
        statement = statement.where(Ticket.storm.is_(filters.storm))
    return statement


def _rows(statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    yield from db.session.execute(statement.execution_options(yield_per=ROWS_AT_ONCE))


@dataclass(frozen=True, slots=True)
class _Around:
    """What other tables hold about the tickets asked for, by ticket."""

    grids: dict[int, str]
    teams: dict[int, str]
    visits: dict[int, list[VisitStory]]
    automatic: dict[int, bool]
    crews: dict[int, list[int]]
    holders: dict[int, set[tuple[int, int]]]
    contacts: dict[int, Counter[str]]
    answers: dict[int, list[AnswerStory]]
    holds: dict[int, list[Pause]]
    duplicates: dict[int, int]

    @classmethod
    def read(cls, ids: Select[Any]) -> _Around:
        around = cls(
            grids={row.id: row.name for row in _rows(select(Grid.id, Grid.name))},
            teams={row.id: row.name for row in _rows(select(Team.id, Team.name))},
            visits=defaultdict(list),
            automatic={},
            crews=defaultdict(list),
            holders=defaultdict(set),
            contacts=defaultdict(Counter),
            answers=defaultdict(list),
            holds=defaultdict(list),
            duplicates={},
        )
        around._read_visits(ids)
        around._read_reports(ids, around._read_follow_ups(ids))
        around._read_holds(ids)
        return around

    def _read_visits(self, ids: Select[Any]) -> None:
        statement = (
            select(
                Visit.ticket_id, Visit.arrived_at, Visit.ended_at, Visit.state, Visit.cause,
                Visit.crew_role, Visit.automatic, Visit.acknowledged_at, Visit.en_route_at,
                Visit.arrival_grade, Visit.crew_id, Crew.name, Crew.team_id,
            )
            .join(Crew, Crew.id == Visit.crew_id)
            .where(Visit.ticket_id.in_(ids))
            .order_by(Visit.ticket_id, Visit.id)
        )  # fmt: skip
        for row in _rows(statement):
            ticket = row.ticket_id
            self.automatic.setdefault(ticket, row.automatic)
            if row.acknowledged_at or row.en_route_at or row.arrived_at:
                self.holders[ticket].add((row.crew_id, row.team_id))
            self.crews[ticket].append(row.crew_id)
            self.visits[ticket].append(
                VisitStory(
                    arrived_at=row.arrived_at,
                    ended_at=row.ended_at,
                    outcome=row.state if row.state in _VISIT_ENDS else None,
                    cause=row.cause,
                    crew=row.name,
                    role=row.crew_role,
                    grade=row.arrival_grade,
                    given_back=row.state in GIVEN_BACK,
                )
            )

    def _read_follow_ups(self, ids: Select[Any]) -> set[int]:
        """Read what was asked and answered; return the reports that have a question of their own.

        Audit calls stay apart, and a question that was called off was not asked to its end.
        """
        statement = (
            select(
                FollowUp.ticket_id, FollowUp.report_id, FollowUp.state, FollowUp.asked_at,
                FollowUp.answered_at, FollowUp.fixed, FollowUp.process, FollowUp.result,
            )
            .where(FollowUp.ticket_id.in_(ids), FollowUp.round != Round.AUDIT)
            .order_by(FollowUp.ticket_id, FollowUp.id)
        )  # fmt: skip
        known = set()
        for row in _rows(statement):
            known.add(row.report_id)
            if row.asked_at is None or row.state == FollowUpState.CANCELLED:
                continue
            self.answers[row.ticket_id].append(
                AnswerStory(
                    asked_at=row.asked_at,
                    answered_at=row.answered_at,
                    fixed=_FIXED.get(row.fixed),
                    process_satisfied=is_satisfied(row.process),
                    result_satisfied=is_satisfied(row.result),
                    refused=row.state == FollowUpState.REFUSED,
                )
            )
        return known

    def _read_reports(self, ids: Select[Any], asked: set[int]) -> None:
        statement = (
            select(
                Report.ticket_id, Report.id, Report.phone, Report.name,
                Report.fixed_answer, Report.answered_at,
            )
            .where(Report.ticket_id.in_(ids))
            .order_by(Report.ticket_id, Report.id)
        )  # fmt: skip
        for row in _rows(statement):
            # Reports that name nobody count as different people.
            self.contacts[row.ticket_id][row.phone or row.name or f"report {row.id}"] += 1
            if row.answered_at is not None and row.id not in asked:
                fixed = _FIXED.get(row.fixed_answer)
                self.answers[row.ticket_id].append(
                    AnswerStory(asked_at=row.answered_at, answered_at=row.answered_at, fixed=fixed)
                )

    def _read_holds(self, ids: Select[Any]) -> None:
        statement = select(Hold.ticket_id, Hold.from_at, Hold.to_at)
        for row in _rows(statement.where(Hold.ticket_id.in_(ids))):
            self.holds[row.ticket_id].append(Pause(row.from_at, row.to_at))
        children = (
            select(Ticket.parent_id, func.count())
            .where(Ticket.parent_id.in_(ids), Ticket.state == "duplicate")
            .group_by(Ticket.parent_id)
        )
        self.duplicates.update({parent: count for parent, count in _rows(children) if parent})


def _fact(
    row: tuple[Any, ...], around: _Around, held: dict[int, Holder | None], now: datetime
) -> bytes:
    story = _story(row, around, now)
    ticket, state, grid, team, household, pipe = row[:6]
    told_of = visit_told_of(story)
    crews = [
        crew
        for crew, visit in zip(around.crews.get(ticket, ()), story.visits, strict=True)
        if visit is told_of
    ]
    is_over = story.completed_at is not None or story.closed_at is not None
    keys = Keys(
        ticket, grid, team, household, crews[0] if crews else None,
        held.get(ticket),
        pipe,
        is_open=not story.imported and state not in _ENDED,
        is_held=not is_over and ticket in around.holds,
    )  # fmt: skip
    return fact_of(story, keys)


def _story(row: tuple[Any, ...], around: _Around, now: datetime) -> TicketStory:
    (
        ticket, state, grid, team, household, _pipe, standing, flags, reopened, reports, overridden
    ) = row[: len(_READ_ANEW)]  # fmt: skip
    plain = dict(zip(_AS_THEY_ARE, row[len(_READ_ANEW) :], strict=True))
    takers = around.holders.get(ticket, ())
    held = held_total = 0.0
    if holds := around.holds.get(ticket):
        received = plain["received_at"]
        completed = plain["completed_at"] or plain["closed_at"] or now
        held = held_seconds(holds, received, max(received, plain["arrived_at"] or completed))
        held_total = held_seconds(holds, received, max(received, completed))
    return TicketStory(
        number=ticket_number(ticket),
        grid=around.grids.get(grid),
        team=around.teams.get(team),
        household=None if household is None else str(household),
        located=standing != "not_located",
        held_seconds=held,
        held_seconds_total=held_total,
        outcome=state if state in OUTCOMES else None,
        flags=frozenset(flags) if flags else _NO_FLAGS,
        reopened=reopened,
        reports=reports,
        duplicates=around.duplicates.get(ticket, 0),
        contacts_by_reporter=max(around.contacts.get(ticket, {"": 0}).values()),
        override=overridden,
        auto=around.automatic.get(ticket, False),
        teams=len({taker for _, taker in takers}),
        crews=len({taker for taker, _ in takers}),
        visits=tuple(around.visits.get(ticket, ())),
        answers=tuple(around.answers.get(ticket, ())),
        **plain,
    )

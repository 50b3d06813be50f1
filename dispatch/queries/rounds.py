"""Which rounds are there, where does each stand, and who stood before a household's door?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.categories import category_rule
from dispatch.domain.errors import NotFound
from dispatch.domain.offline_time import TimeQuality, remark_on
from dispatch.domain.place import Point
from dispatch.domain.rounds import STOP_NAMES, UNDOABLE, VISITED, StopState, route_metres
from dispatch.domain.sentences import LocalName, say
from dispatch.domain.ticket_state import ENDED, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.places import Household
from dispatch.models.rounds import Round, RoundStop
from dispatch.models.tickets import Ticket
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Row

    from dispatch.domain.permissions import Scope
    from dispatch.domain.sentences import Sentence

MOST_VISITS = 8
_ENDED = tuple(sorted(str(state) for state in ENDED))
_VISITED = tuple(sorted(str(state) for state in VISITED))
_STOPS = (
    select(RoundStop, Household, Ticket)
    .outerjoin(Household, Household.id == RoundStop.household_id)
    .outerjoin(Ticket, Ticket.id == RoundStop.ticket_id)
)


@dataclass(frozen=True, slots=True)
class StopView:
    """One stop as crew and desk see it; `number` is its planned ticket, `found` a new one."""

    id: int
    version: int
    turn: int
    state: StopState
    state_name: Sentence
    address: str
    point: Point | None
    account: str | None
    name: str | None
    remarks: str | None
    vulnerable: bool
    number: str | None
    category: Sentence | None
    note: str | None
    ended_at: datetime | None
    received_at: datetime | None
    time_quality: str | None
    ended_by: str | None
    found: str | None
    remark: Sentence | None

    @property
    def may_undo(self) -> bool:
        """Tell whether a tap may take back how it ended."""
        return self.state in UNDOABLE and self.number is None and self.found is None

    @property
    def waits(self) -> bool:
        """Tell whether nobody has been there yet."""
        return self.state is StopState.WAITING


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round with its stops in their order."""

    id: int
    day: date
    crew_id: int
    crew: LocalName
    made_by: str
    base: Point | None
    stops: tuple[StopView, ...]

    @property
    def next_stop(self) -> StopView | None:
        """Return the first stop where nobody has been, None when all are done."""
        return next((stop for stop in self.stops if stop.waits), None)

    def ahead(self, chosen: int | None) -> StopView | None:
        """Return the stop that a steward chose to take first, else the next one."""
        waiting = (stop for stop in self.stops if stop.waits and stop.id == chosen)
        return next(waiting, self.next_stop)

    @property
    def waiting(self) -> int:
        """Return how many stops are left."""
        return sum(stop.waits for stop in self.stops)

    @property
    def metres(self) -> float:
        """Return the length of the whole way in straight lines."""
        return route_metres(self.base, [stop.point for stop in self.stops if stop.point])


def rounds_on(day: date, scope: Scope) -> list[RoundView]:
    """Return the rounds of a day, those of the asker's crews, by the name of the crew."""
    statement = select(Round, Crew).join(Crew, Crew.id == Round.crew_id).where(Round.day == day)
    ordered = in_scope(statement, scope, crew=Crew).order_by(Crew.name, Round.id)
    return [_view(row, crew) for row, crew in db.session.execute(ordered)]


def round_of(crew_id: int | None, day: date) -> RoundView | None:
    """Return the round of a crew on a day, None where it has none."""
    found = db.session.execute(
        select(Round, Crew)
        .join(Crew, Crew.id == Round.crew_id)
        .where(Round.crew_id == crew_id, Round.day == day)
    ).one_or_none()
    return None if found is None else _view(*found)


def round_tag(crew_id: int | None, day: date) -> str:
    """Return what changes with a crew's round of a day: stops are added, their versions grow."""
    count, versions = db.session.execute(
        select(func.count(RoundStop.id), func.sum(RoundStop.version))
        .join(Round, Round.id == RoundStop.round_id)
        .where(Round.crew_id == crew_id, Round.day == day)
    ).one()
    return f"{day}.{count}.{versions or 0}"


def round_for_change(crew_id: int, day: date) -> Round | None:
    """Return the row of a crew's round, locked until the transaction ends; None without one.

    The crew is locked too, so that of two who make its first round one waits for the other.
    """
    db.session.execute(select(Crew.id).where(Crew.id == crew_id).with_for_update(key_share=True))
    return db.session.scalars(
        select(Round).where(Round.crew_id == crew_id, Round.day == day).with_for_update()
    ).one_or_none()


def stop_rows(round_id: int) -> Sequence[RoundStop]:
    """Return the rows of a round's stops in their order."""
    return db.session.scalars(
        select(RoundStop)
        .where(RoundStop.round_id == round_id)
        .order_by(RoundStop.turn, RoundStop.id)
    ).all()


def stop_for_change(stop_id: int, scope: Scope) -> tuple[RoundStop, Crew]:
    """Return a stop that an action may change, locked, with the crew that goes there.

    Raises:
        NotFound: when there is no such stop on a round of the asker's crews.
    """
    statement = (
        select(RoundStop, Crew)
        .join(Round, Round.id == RoundStop.round_id)
        .join(Crew, Crew.id == Round.crew_id)
        .where(RoundStop.id == stop_id)
        .with_for_update(of=RoundStop)
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(in_scope(statement, scope, crew=Crew)).one_or_none()
    if found is None:
        raise NotFound(say("There is no such stop on a round of yours."))
    row, crew = found
    return row, crew


def stop_view(stop_id: int, scope: Scope) -> StopView:
    """Return one stop of a round of the asker's crews.

    Raises:
        NotFound: when there is none.
    """
    statement = (
        _STOPS.join(Round, Round.id == RoundStop.round_id)
        .join(Crew, Crew.id == Round.crew_id)
        .where(RoundStop.id == stop_id)
    )
    found = db.session.execute(in_scope(statement, scope, crew=Crew)).one_or_none()
    if found is None:
        raise NotFound(say("There is no such stop on a round of yours."))
    return _stop(found)


def round_seen(round_id: int, scope: Scope) -> RoundView:
    """Return a round of the asker's crews.

    Raises:
        NotFound: when there is none.
    """
    statement = select(Round, Crew).join(Crew, Crew.id == Round.crew_id).where(Round.id == round_id)
    found = db.session.execute(in_scope(statement, scope, crew=Crew)).one_or_none()
    if found is None:
        raise NotFound(say("There is no such round of a crew of yours."))
    return _view(*found)


def address_of_stop(stop_id: int) -> str:
    """Return where a stop is, whosever it is; empty where there is no such stop."""
    found = db.session.execute(_STOPS.where(RoundStop.id == stop_id)).one_or_none()
    return "" if found is None else _stop(found).address


def round_made_at(stop_id: int) -> datetime | None:
    """Return when the round of a stop was made, None where there is no such stop."""
    return db.session.scalar(
        select(Round.made_at)
        .join(RoundStop, RoundStop.round_id == Round.id)
        .where(RoundStop.id == stop_id)
    )


def round_visits(household_id: int | None, *, personal: bool = True) -> list[dict[str, Any]]:
    """Return when stewards stood at a household on their rounds, the newest first, at most eight.

    A stop for a planned ticket is left out: that ticket is in the history itself. What a steward
    wrote is for those who may see personal data.
    """
    if household_id is None:
        return []
    rows = db.session.execute(
        select(RoundStop, Crew.name, Crew.name_zh)
        .join(Round, Round.id == RoundStop.round_id)
        .join(Crew, Crew.id == Round.crew_id)
        .where(
            RoundStop.household_id == household_id,
            RoundStop.ticket_id.is_(None),
            RoundStop.state.in_(_VISITED),
        )
        .order_by(RoundStop.ended_at.desc(), RoundStop.id.desc())
        .limit(MOST_VISITS)
    )
    return [
        {
            "at": row.ended_at,
            "crew": name,
            "crew_zh": name_zh,
            "state": row.state,
            "state_name": STOP_NAMES[StopState(row.state)],
            "note": row.note if personal else None,
            "found": None if row.found_ticket_id is None else ticket_number(row.found_ticket_id),
        }
        for row, name, name_zh in rows
    ]


def open_faults_of(account: str | None) -> list[dict[str, Any]]:
    """Return the open tickets of a household, so that a known fault is not reported again."""
    rows = db.session.execute(
        select(Ticket.id, Ticket.category)
        .join(Household, Household.id == Ticket.household_id)
        .where(Household.account == account, Ticket.state.not_in(_ENDED), Ticket.kind == "repair")
        .order_by(Ticket.id)
    )
    return [
        {"number": ticket_number(ticket_id), "category": category_rule(category).name}
        for ticket_id, category in rows
    ]


def _view(row: Round, crew: Crew) -> RoundView:
    return RoundView(
        id=row.id,
        day=row.day,
        crew_id=crew.id,
        crew=LocalName(crew.name, crew.name_zh),
        made_by=row.made_by,
        base=_point(crew.base_lat, crew.base_lon),
        stops=tuple(_stops(row.id)),
    )


def _stops(round_id: int) -> list[StopView]:
    rows = db.session.execute(
        _STOPS.where(
            RoundStop.round_id == round_id, RoundStop.state != StopState.TAKEN_OFF
        ).order_by(RoundStop.turn, RoundStop.id)
    )
    return [_stop(row) for row in rows]


def _stop(found: Row[*tuple[Any, ...]]) -> StopView:
    row, household, ticket = found
    place = ticket or household
    return StopView(
        id=row.id,
        version=row.version,
        turn=row.turn,
        state=StopState(row.state),
        state_name=STOP_NAMES[StopState(row.state)],
        address=(ticket and ticket.address) or (household.address if household else ""),
        point=_point(place.lat, place.lon),
        account=household.account if household else None,
        name=household.name if household else None,
        remarks=household.remarks if household else None,
        vulnerable=bool(household and household.vulnerable),
        number=ticket_number(ticket.id) if ticket else None,
        category=category_rule(ticket.category).name if ticket else None,
        note=row.note,
        ended_at=row.ended_at,
        received_at=row.received_at,
        time_quality=row.time_quality,
        ended_by=row.ended_by,
        found=None if row.found_ticket_id is None else ticket_number(row.found_ticket_id),
        remark=_remark(row),
    )


def _remark(row: RoundStop) -> Sentence | None:
    """Say how far the time of a stop is trusted where it came later than it was tapped."""
    if row.ended_at is None or row.received_at is None:
        return None
    quality = row.time_quality or TimeQuality.ONLINE
    return remark_on(
        row.ended_at, recorded_at=row.received_at, quality=quality, device_at=row.device_at
    ).note


def _point(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)

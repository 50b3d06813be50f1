"""What should a leader look at in a range of days, and what was looked at already?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from dispatch.domain.findings import (
    KIND_NAMES,
    MARK_NAMES,
    OF_PEOPLE,
    ActSeen,
    Finding,
    FindingKind,
    Mark,
    PhotoSeen,
    VisitSeen,
    after_week,
    monday_of,
    no_such_finding,
    people_findings,
    photo_findings,
    read_key,
    visit_findings,
)
from dispatch.domain.offline_time import SKEWED_SECONDS
from dispatch.domain.periods import Period
from dispatch.domain.place import Point
from dispatch.domain.sentences import LocalName
from dispatch.domain.ticket_kinds import PLANNED_KINDS
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.domain.visit_state import Cause, VisitState
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.findings import FindingMark
from dispatch.models.people import Crew, User
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.queries.policies import policy_of
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement, Row

    from dispatch.domain.findings import Limits
    from dispatch.domain.permissions import Scope

_Pair = tuple[Finding, "About"]
_VISIT_COLUMNS: tuple[Any, ...] = (
    Visit.id, Visit.ticket_id, Visit.state, Visit.arrived_at, Visit.ended_at, Visit.arrival_grade,
    Ticket.level, Ticket.kind, Ticket.lat, Ticket.lon, Ticket.policy_id,
    Crew.name.label("crew"), Crew.name_zh.label("crew_zh"),
    TicketEvent.actor, TicketEvent.user_id, TicketEvent.acting_for_crew_id,
    TicketEvent.lat.label("tap_lat"), TicketEvent.lon.label("tap_lon"), TicketEvent.accuracy_metres,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """Which ticket and crew, or whose account, a finding is about."""

    number: str | None = None
    crew: LocalName | None = None
    person: str | None = None
    user_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with what it is about and what a leader said, None where nobody has looked."""

    finding: Finding
    about: About
    mark: FindingMark | None

    def as_json(self) -> dict[str, Any]:
        """Return the row as programs read it; sentences are worded at the edge."""
        mark = self.mark
        return {
            "key": self.finding.key,
            "kind": str(self.finding.kind),
            "kind_name": KIND_NAMES[self.finding.kind],
            "at": self.finding.at,
            "ticket": self.about.number,
            "crew": self.about.crew and str(self.about.crew),
            "crew_zh": self.about.crew and self.about.crew.chinese,
            "person": self.about.person,
            "evidence": self.finding.evidence,
            "mark": mark and mark.mark,
            "mark_name": mark and MARK_NAMES[Mark(mark.mark)],
            "note": mark and mark.note,
            "marked_at": mark and mark.marked_at,
            "marked_by": mark and mark.marked_by,
        }


def findings_for(
    period: Period,
    scope: Scope,
    limits: Limits,
    kind: str | None = None,
    *,
    crew: str | None = None,
) -> list[FindingRow]:
    """Return the findings of a period about the crews and people of the asker's scope.

    Those that nobody has looked at come first, then those to be followed up, then the rest, each
    the newest first. `crew` is the name of one. What is about a person counts whole
    weeks, those that the period touches.
    """
    marks = _marks(period)
    rows = [
        FindingRow(finding, about, marks.get(finding.key))
        for finding, about in _found(period, scope, limits)
        if kind in (None, finding.kind) and (crew is None or str(about.crew) == crew)
    ]
    rows.sort(key=lambda row: (row.finding.at, row.finding.key), reverse=True)
    return sorted(rows, key=_turn)


def crews_asked_about(scope: Scope) -> Sequence[Row[str, str | None]]:
    """Return the names of the crews that the asker may be told about, past ones as well."""
    asked = in_scope(select(Crew.name, Crew.name_zh), scope, crew=Crew)
    return db.session.execute(asked.order_by(Crew.name)).all()


def _turn(row: FindingRow) -> int:
    if row.mark is None:
        return 0
    return 1 if row.mark.mark == Mark.FOLLOW_UP else 2


def finding_row(key: str, scope: Scope, limits: Limits, zone: ZoneInfo) -> FindingRow:
    """Return one finding by its key.

    Raises:
        NotFound: when there is none, or it is about a crew or person outside the asker's scope.
    """
    asked = read_key(key)
    day = asked.monday or _day_of(asked.kind, asked.row_id, zone)
    until = after_week(day) if asked.kind in OF_PEOPLE else day + timedelta(days=1)
    for row in findings_for(Period(day, until, zone), scope, limits, asked.kind):
        if row.finding.key == key:
            return row
    raise no_such_finding()


def standing_mark(key: str) -> FindingMark | None:
    """Return what a leader said about a finding, None where nobody did or it was taken back."""
    return db.session.scalars(
        select(FindingMark).where(FindingMark.finding == key, FindingMark.undone_at.is_(None))
    ).one_or_none()


def _day_of(kind: FindingKind, row_id: int, zone: ZoneInfo) -> date:
    """Return the day on which a visit began or a photo came."""
    if kind in (FindingKind.PHOTO_TWICE, FindingKind.PHOTO_OLD):
        at = db.session.scalar(select(Attachment.received_at).where(Attachment.id == row_id))
    else:
        at = db.session.scalar(select(Visit.arrived_at).where(Visit.id == row_id))
    if at is None:
        raise no_such_finding()
    return at.astimezone(zone).date()


def _marks(period: Period) -> dict[str, FindingMark]:
    since = datetime.combine(monday_of(period.first), time(), period.zone)
    rows = db.session.scalars(
        select(FindingMark).where(FindingMark.undone_at.is_(None), FindingMark.marked_at >= since)
    )
    return {row.finding: row for row in rows}


def _found(period: Period, scope: Scope, limits: Limits) -> list[_Pair]:
    return [
        *_of_visits(period, scope, limits),
        *_of_photos(period, scope, limits),
        *_of_people(period, scope, limits),
    ]


def _of_visits(period: Period, scope: Scope, limits: Limits) -> list[_Pair]:
    photos = (
        select(func.count(Attachment.id))
        .where(
            Attachment.ticket_id == Visit.ticket_id,
            Attachment.visit_id == Visit.id,
            Attachment.deleted_at.is_(None),
        )
        .correlate(Visit)
        .scalar_subquery()
    )
    arrival = and_(
        TicketEvent.ticket_id == Visit.ticket_id,
        TicketEvent.visit_id == Visit.id,
        TicketEvent.kind == str(EventKind.ARRIVED),
    )
    statement = (
        select(*_VISIT_COLUMNS, photos.label("photos"))
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .join(Crew, Crew.id == Visit.crew_id)
        .join(TicketEvent, arrival)
        .where(
            Visit.arrived_at >= period.from_at,
            Visit.arrived_at < period.to_at,
            ~Ticket.imported,
        )
        .order_by(Visit.id)
    )
    rows = db.session.execute(in_scope(statement, scope, crew=Crew)).all()
    about = {row.id: _about(row.ticket_id, row.crew, row.crew_zh, row.user_id) for row in rows}
    found = visit_findings((_visit_seen(row) for row in rows), limits)
    return [(each, about[read_key(each.key).row_id]) for each in found]


def _visit_seen(row: Row[*tuple[Any, ...]]) -> VisitSeen:
    return VisitSeen(
        visit_id=row.id,
        level=row.level,
        is_repair=row.kind not in PLANNED_KINDS,
        is_completed=row.state == VisitState.COMPLETED,
        arrived_at=row.arrived_at,
        ended_at=row.ended_at,
        grade=row.arrival_grade,
        tap=_point(row.tap_lat, row.tap_lon),
        accuracy_metres=row.accuracy_metres,
        place=_point(row.lat, row.lon),
        photos=row.photos,
        tapped_by=row.actor,
        is_for_crew=row.acting_for_crew_id is not None,
        fence_metres=policy_of(row.policy_id).policy.arrival.fence_metres,
    )


def _point(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)


def _about(ticket_id: int, crew: str, crew_zh: str | None, user_id: int | None) -> About:
    people = frozenset({user_id} if user_id is not None else ())
    return About(ticket_number(ticket_id), LocalName(crew, crew_zh), None, people)


def _of_photos(period: Period, scope: Scope, limits: Limits) -> list[_Pair]:
    older, earlier = aliased(Attachment), aliased(Attachment)
    first = (
        select(func.min(older.id))
        .where(older.sha256 == Attachment.sha256, older.id < Attachment.id)
        .correlate(Attachment)
        .scalar_subquery()
    )
    statement = (
        select(Attachment, Visit.arrived_at, Crew, earlier.ticket_id, earlier.received_at)
        .join(Visit, Visit.id == Attachment.visit_id)
        .join(Crew, Crew.id == Visit.crew_id)
        .outerjoin(earlier, earlier.id == first)
        .where(
            Attachment.received_at >= period.from_at,
            Attachment.received_at < period.to_at,
            Attachment.deleted_at.is_(None),
        )
        .order_by(Attachment.id)
    )
    rows = db.session.execute(in_scope(statement, scope, crew=Crew)).all()
    about = {
        photo.id: _about(photo.ticket_id, crew.name, crew.name_zh, photo.user_id)
        for photo, _arrived_at, crew, *_earlier in rows
    }
    behind = _clocks_behind(period)
    seen = [
        PhotoSeen(
            photo_id=photo.id,
            received_at=photo.received_at,
            taken_at=photo.taken_at,
            arrived_at=arrived_at,
            earlier_number=None if earlier_id is None else ticket_number(earlier_id),
            earlier_at=earlier_at,
            behind=behind.get(photo.visit_id, timedelta()),
        )
        for photo, arrived_at, _crew, earlier_id, earlier_at in rows
    ]
    found = photo_findings(seen, limits)
    return [(each, about[read_key(each.key).row_id]) for each in found]


def _clocks_behind(period: Period) -> dict[int | None, timedelta]:
    """Return by visit how far a phone of its crew was behind, where a photo looks old for it."""
    statement = (
        select(TicketEvent.visit_id, TicketEvent.device_at, TicketEvent.effective_at)
        .join(
            Attachment,
            (Attachment.ticket_id == TicketEvent.ticket_id)
            & (Attachment.visit_id == TicketEvent.visit_id),
        )
        .join(Visit, Visit.id == Attachment.visit_id)
        .where(
            Attachment.received_at >= period.from_at,
            Attachment.received_at < period.to_at,
            Attachment.taken_at < Visit.arrived_at,
            TicketEvent.device_at.is_not(None),
        )
        .distinct()
    )
    found: dict[int | None, timedelta] = {}
    for visit_id, device_at, at in db.session.execute(statement):
        behind = at - (device_at or at)
        if behind >= timedelta(seconds=SKEWED_SECONDS):
            found[visit_id] = max(behind, found.get(visit_id, timedelta()))
    return found


def _of_people(period: Period, scope: Scope, limits: Limits) -> list[_Pair]:
    monday = monday_of(period.first)
    weeks = Period(monday, after_week(monday_of(period.last)), period.zone)
    statement = (
        select(TicketEvent.kind, User.id, TicketEvent.ticket_id,
               TicketEvent.recorded_at, User.name, Crew)
        .join(User, User.id == TicketEvent.user_id)
        .outerjoin(Crew, Crew.id == User.crew_id)
        .where(
            TicketEvent.recorded_at >= weeks.from_at,
            TicketEvent.recorded_at < weeks.to_at,
            _is_counted(),
        )
        .order_by(TicketEvent.id)
    )  # fmt: skip
    if not scope.everything:
        own = scope.team_id or 0
        statement = statement.where(or_(User.team_id == own, Crew.team_id == own))
    rows = db.session.execute(statement).all()
    about = {
        user_id: About(
            crew=LocalName(crew.name, crew.name_zh) if crew else None,
            person=name,
            user_ids=frozenset({user_id}),
        )
        for _kind, user_id, _ticket_id, _at, name, crew in rows
    }
    acts = [
        ActSeen(_act_kind(kind), user_id, ticket_number(ticket_id), at)
        for kind, user_id, ticket_id, at, _name, _crew in rows
    ]
    found = people_findings(acts, limits, period.zone)
    return [(each, about[user_id]) for each, user_id in found]


def _is_counted() -> ColumnElement[bool]:
    shut = and_(
        TicketEvent.kind == str(EventKind.CANNOT_COMPLETE),
        TicketEvent.reason == str(Cause.NO_ACCESS),
    )
    kinds = (str(EventKind.TIME_CORRECTED), str(EventKind.CALL_UNANSWERED))
    return or_(TicketEvent.kind.in_(kinds), shut)


def _act_kind(kind: str) -> FindingKind:
    if kind == EventKind.TIME_CORRECTED:
        return FindingKind.CORRECTIONS
    return FindingKind.NOT_REACHED

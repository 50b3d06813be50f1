"""Which people, teams, crews, grids, promises and changes does an administrator look at?"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.accounts import tidy_sign_in_name
from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import LocalName, say
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat
from dispatch.models.people import (
    Crew,
    CrewSkill,
    Member,
    ServicePolicyVersion,
    SettingsEvent,
    Shift,
    Team,
    User,
    UserSession,
)
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.crew_areas import area_in_force
from dispatch.queries.policies import policy_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.queries.policies import PolicyInForce

MOST_DRAWN = 10
#: Kinds of drawn changes of grids, as their settings events are keyed.
DRAWN = ("draw", "edit", "split", "merge", "restore")
ROWS_A_PAGE = 50
# A larger number is no key of ours, and the databases refuse it with an error of their own.
LARGEST_VERSION = 2**31 - 1


@dataclass(frozen=True)
class Counts:
    """How much of everything there is, for the first look."""

    users: int
    administrators: int
    teams: int
    crews: int
    crews_without_shift: int
    grids: int
    grids_without_team: int
    tickets: int
    policy_version: int


@dataclass(frozen=True)
class PersonRow:
    """One account in the list."""

    id: int
    sign_in_name: str
    name: str
    role: str
    team: str | None
    team_zh: str | None
    crew: str | None
    active: bool
    has_password: bool
    open_sessions: int
    last_sign_in_at: datetime | None


@dataclass(frozen=True)
class CrewRow:
    """One crew with its shifts, skills and members."""

    id: int
    name: str
    vehicle: str | None
    vehicle_class: str | None
    carries: list[str] | None
    contractor: str | None
    area: list[str] | None
    active: bool
    has_base: bool
    shifts: list[Shift]
    skills: list[str]
    members: list[str]


@dataclass(frozen=True)
class TeamRow:
    """One team with its crews and the number of grids it owns now."""

    id: int
    name: str
    name_zh: str | None
    grids: int
    crews: list[CrewRow]


@dataclass(frozen=True)
class GridRow:
    """One grid version without its polygon."""

    id: int
    name: str
    name_zh: str | None
    version: int
    team: str | None
    team_zh: str | None
    zone: str
    in_circle: bool
    valid_from: datetime
    valid_to: datetime | None
    versions: int


@dataclass(frozen=True)
class PolicyRow:
    """One version of the promises, with why it was stored."""

    version: int
    valid_from: datetime
    created_by: str
    reason: str
    changes: int


@dataclass(frozen=True)
class ChangePage:
    """One page of the settings' story, newest first."""

    rows: Sequence[SettingsEvent]
    page: int
    pages: int
    total: int


def counts(now: datetime) -> Counts:
    """Count what is set up and what is missing."""
    with_shift = select(Shift.crew_id)
    valid = (Grid.valid_from <= now) & (Grid.valid_to.is_(None) | (Grid.valid_to > now))
    numbers = db.session.execute(
        select(
            _count(User, User.active),
            _count(User, User.active & (User.role == "administrator")),
            _count(Team),
            _count(Crew, Crew.active),
            _count(Crew, Crew.active & Crew.id.not_in(with_shift)),
            _count(Grid, valid),
            _count(Grid, valid & Grid.team_id.is_(None)),
            _count(Ticket),
            select(func.coalesce(func.max(ServicePolicyVersion.version), 0)).scalar_subquery(),
        )
    ).one()
    return Counts(*numbers)


def _count(table: Any, *conditions: Any) -> Any:
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


def people(now: datetime) -> list[PersonRow]:
    """Return every account by name, the paused ones last."""
    is_open = UserSession.revoked_at.is_(None) & (UserSession.expires_at > now)
    sessions = (
        select(
            UserSession.user_id,
            func.count().filter(is_open & (UserSession.kind != "link")).label("open"),
            func.max(UserSession.created_at).filter(UserSession.kind == "browser").label("last"),
        )
        .group_by(UserSession.user_id)
        .subquery()
    )
    found = db.session.execute(
        select(User, Team.name, Team.name_zh, Crew, sessions.c.open, sessions.c.last)
        .outerjoin(Team, Team.id == User.team_id)
        .outerjoin(Crew, Crew.id == User.crew_id)
        .outerjoin(sessions, sessions.c.user_id == User.id)
        .order_by(User.active.desc(), User.name)
    )
    return [
        PersonRow(
            id=user.id,
            sign_in_name=user.sign_in_name,
            name=user.name,
            role=user.role,
            team=team,
            team_zh=team_zh,
            crew=LocalName(crew.name, crew.name_zh) if crew else None,
            active=user.active,
            has_password=user.password_hash is not None,
            open_sessions=number or 0,
            last_sign_in_at=last,
        )
        for user, team, team_zh, crew, number, last in found
    ]


def person_for_change(user_id: int) -> User:
    """Return one account; raises NotFound when there is none."""
    user = db.session.get(User, user_id) if user_id <= LARGEST_ROW_ID else None
    if user is None:
        raise NotFound(say("There is no such account."))
    return user


def person_named(sign_in_name: str) -> User:
    """Return the account with a sign-in name; raises NotFound when there is none."""
    name = tidy_sign_in_name(sign_in_name)
    user = db.session.scalars(select(User).where(User.sign_in_name == name)).one_or_none()
    if user is None:
        raise NotFound(
            say("There is no account “%(name)s”: “onevisit user list” shows them all.", name=name)
        )
    return user


def team_choices() -> list[tuple[int, str, str | None]]:
    """Return each team's id, name and Chinese name, by name."""
    rows = db.session.execute(_named(Team).add_columns(Team.name_zh))
    return [(row.id, row.name, row.name_zh) for row in rows]


def crew_choices() -> list[tuple[int, str]]:
    """Return each active crew's id and name, by name."""
    return [(row.id, row.name) for row in db.session.execute(_named(Crew).where(Crew.active))]


def _named(table: Any) -> Any:
    return select(table.id, table.name).order_by(table.name)


def teams(now: datetime) -> list[TeamRow]:
    """Return every team with its crews, shifts, skills and members."""
    skills, members, shifts = defaultdict(list), defaultdict(list), defaultdict(list)
    for skill in db.session.scalars(select(CrewSkill).order_by(CrewSkill.skill_key)):
        skills[skill.crew_id].append(skill.skill_key)
    for member in db.session.scalars(select(Member).order_by(Member.is_leader.desc(), Member.name)):
        members[member.crew_id].append(member.name)
    for shift in db.session.scalars(select(Shift).order_by(Shift.start_minute)):
        shifts[shift.crew_id].append(shift)
    crews = defaultdict(list)
    for crew in db.session.scalars(select(Crew).order_by(Crew.active.desc(), Crew.name)):
        crews[crew.team_id].append(
            CrewRow(
                id=crew.id,
                name=LocalName(crew.name, crew.name_zh),
                vehicle=crew.vehicle,
                vehicle_class=crew.vehicle_class,
                carries=crew.carries,
                **area_in_force(crew.contractor, crew.area),
                active=crew.active,
                has_base=crew.base_lat is not None,
                shifts=shifts[crew.id],
                skills=skills[crew.id],
                members=members[crew.id],
            )
        )
    owned = _grids_owned(now)
    return [
        TeamRow(team.id, team.name, team.name_zh, owned.get(team.id, 0), crews[team.id])
        for team in db.session.scalars(select(Team).order_by(Team.name))
    ]


def _grids_owned(now: datetime) -> dict[int | None, int]:
    found = db.session.execute(
        select(Grid.team_id, func.count())
        .where(Grid.valid_from <= now, Grid.valid_to.is_(None) | (Grid.valid_to > now))
        .group_by(Grid.team_id)
    )
    return {row[0]: row[1] for row in found}


def grid_versions(now: datetime) -> list[GridRow]:
    """Return the valid version of every grid by name, with how many versions it has had."""
    versions = select(Grid.name, func.count().label("number")).group_by(Grid.name).subquery()
    found = db.session.execute(
        select(
            Grid.id,
            Grid.name,
            Grid.name_zh,
            Grid.version,
            Team.name,
            Team.name_zh,
            Grid.zone,
            Grid.in_circle,
            Grid.valid_from,
            Grid.valid_to,
            versions.c.number,
        )
        .outerjoin(Team, Team.id == Grid.team_id)
        .join(versions, versions.c.name == Grid.name)
        .where(Grid.valid_from <= now, Grid.valid_to.is_(None) | (Grid.valid_to > now))
        .order_by(Grid.name)
    )
    return [GridRow(*row) for row in found]


def policy_history() -> list[PolicyRow]:
    """Return every version of the promises, newest first, with who changed it and why."""
    written = {
        event.subject_key: event.now or {}
        for event in db.session.scalars(
            select(SettingsEvent).where(SettingsEvent.subject == "service_policy")
        )
    }
    rows = db.session.scalars(
        select(ServicePolicyVersion).order_by(ServicePolicyVersion.version.desc())
    )
    return [
        PolicyRow(
            version=row.version,
            valid_from=row.valid_from,
            created_by=row.created_by,
            reason=str(written.get(str(row.version), {}).get("reason", "")),
            changes=max(len(written.get(str(row.version), {})) - 1, 0),
        )
        for row in rows
    ]


def policy_version(version: int) -> PolicyInForce:
    """Return one version of the promises; raises NotFound when there is none."""
    wanted = select(ServicePolicyVersion.id).where(ServicePolicyVersion.version == version)
    row_id = db.session.scalar(wanted) if version <= LARGEST_VERSION else None
    if row_id is None:
        raise NotFound(say("There is no such version of the promises."))
    return policy_of(row_id)


def changes(page: int, subject: str = "") -> ChangePage:
    """Return one page of the settings' story, newest first; pages count from 1."""
    wanted = select(SettingsEvent)
    if subject:
        wanted = wanted.where(SettingsEvent.subject == subject)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(math.ceil(total / ROWS_A_PAGE), 1)
    page = min(max(page, 1), pages)
    rows = db.session.scalars(
        wanted.order_by(SettingsEvent.at.desc(), SettingsEvent.id.desc())
        .offset((page - 1) * ROWS_A_PAGE)
        .limit(ROWS_A_PAGE)
    ).all()
    return ChangePage(rows, page, pages, total)


def drawn_changes() -> list[SettingsEvent]:
    """Return the newest changes of grids that were drawn and can be taken back, newest first."""
    wanted = select(SettingsEvent).where(
        SettingsEvent.subject == "grids", SettingsEvent.subject_key.in_(DRAWN)
    )
    newest = wanted.order_by(SettingsEvent.id.desc()).limit(MOST_DRAWN)
    return list(db.session.scalars(newest))


def last_change(subject: str, key: str | None = None) -> SettingsEvent | None:
    """Return the newest change of a kind of setting, None where it was never changed.

    Its id is the version of settings that have no version of their own.
    """
    wanted = select(SettingsEvent).where(SettingsEvent.subject == subject)
    if key is not None:
        wanted = wanted.where(SettingsEvent.subject_key == key)
    return db.session.scalars(wanted.order_by(SettingsEvent.id.desc()).limit(1)).one_or_none()


def settings_version(subject: str) -> int:
    """Return the version of a kind of setting, 0 where it was never changed."""
    last = last_change(subject)
    return last.id if last else 0


def change_subjects() -> list[str]:
    """Return what has been changed at all, for the filter of the story."""
    return list(
        db.session.scalars(select(SettingsEvent.subject).distinct().order_by(SettingsEvent.subject))
    )


def heartbeats() -> Sequence[Heartbeat]:
    """Return when each loop of the clockwork last ran, by job and runner."""
    return db.session.scalars(select(Heartbeat).order_by(Heartbeat.job, Heartbeat.runner)).all()

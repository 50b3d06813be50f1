"""Where is each crew, and what is it doing?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, select

from dispatch.domain.sentences import say
from dispatch.domain.shifts import ShiftRule, duty_at
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import ACTIVE, ROAD, VISIT_STATE_NAMES, VisitState
from dispatch.domain.whereabouts import STALE_POSITION_SECONDS
from dispatch.models.base import db
from dispatch.models.people import Crew, CrewSkill, Position, Shift, Team
from dispatch.models.tickets import Visit
from dispatch.queries.crew_areas import area_in_force
from dispatch.queries.policies import policy_in_force
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from dispatch.domain.permissions import Scope
    from dispatch.domain.shifts import Duty

_ACTIVE = tuple(sorted(str(state) for state in ACTIVE))
_CREW: tuple[Any, ...] = (
    Crew.id, Crew.name, Crew.name_zh, Crew.vehicle, Crew.vehicle_class, Crew.carries,
    Crew.contractor, Crew.area, Crew.base_lat, Crew.base_lon, Crew.team_id,
    Team.name.label("team"), Team.name_zh.label("team_zh"), Position.lat, Position.lon,
    Position.accuracy_metres, Position.measured_at,
)  # fmt: skip
_SHIFT: tuple[Any, ...] = (
    Shift.start_minute,
    Shift.end_minute,
    Shift.weekdays,
    Shift.valid_from,
    Shift.valid_to,
)


def crew_rows(
    scope: Scope, now: datetime, *, only: Collection[int] | None = None
) -> list[dict[str, Any]]:
    """Return the crews in the asker's scope, by name: duty, position and its age, visits.

    `state` is ``off_duty``, ``free``, or the state of the visit that is furthest. `only` narrows
    the answer to some crews by id. Names are sentences and instants are aware.
    """
    if only is not None and not only:
        return []
    asked = (
        select(*_CREW)
        .join(Team, Team.id == Crew.team_id)
        .outerjoin(Position, Position.crew_id == Crew.id)
        .where(Crew.active)
        .order_by(Crew.name, Crew.id)
    )
    if only is not None:
        asked = asked.where(Crew.id.in_(only))
    crews = db.session.execute(in_scope(asked, scope, crew=Crew)).mappings().all()
    duties, skills, visits = _duties(now), _skills(), _visits()
    return [
        _crew(crew, duties.get(crew["id"]), skills[crew["id"]], visits[crew["id"]], now)
        for crew in crews
    ]


def _crew(
    crew: RowMapping,
    duty: Duty | None,
    skills: list[str],
    visits: list[dict[str, Any]],
    now: datetime,
) -> dict[str, Any]:
    state = "free" if duty else "off_duty"
    name = say("free") if duty else say("off duty")
    furthest = max(visits, key=lambda visit: ROAD.index(VisitState(visit["state"])), default=None)
    if furthest is not None:
        state = furthest["state"]
        name = VISIT_STATE_NAMES[VisitState(state)]
    based = crew["base_lat"] is not None and crew["base_lon"] is not None
    return {
        "id": crew["id"],
        "name": crew["name"],
        "name_zh": crew["name_zh"],
        **{key: crew[key] for key in ("vehicle", "vehicle_class", "carries")},
        **area_in_force(crew["contractor"], crew["area"]),
        "team": {"id": crew["team_id"], "name": crew["team"], "name_zh": crew["team_zh"]},
        "skills": skills,
        "on_duty": duty is not None,
        "duty_ends_at": duty.ends_at if duty else None,
        "base": {"lat": crew["base_lat"], "lon": crew["base_lon"]} if based else None,
        "position": _position(crew, now),
        "state": state,
        "state_name": name,
        "ticket": furthest["ticket"] if furthest else None,
        "visits": visits,
    }


def _position(crew: RowMapping, now: datetime) -> dict[str, Any] | None:
    if crew["measured_at"] is None:
        return None
    age = max(0, int((now - crew["measured_at"]).total_seconds()))
    return {
        "lat": crew["lat"],
        "lon": crew["lon"],
        "accuracy_metres": crew["accuracy_metres"],
        "measured_at": crew["measured_at"],
        "age_seconds": age,
        "stale": age > STALE_POSITION_SECONDS,
    }


def _duties(now: datetime) -> dict[int, Duty]:
    zone = policy_in_force().policy.calendar.zone
    rules: dict[int, list[ShiftRule]] = defaultdict(list)
    for crew_id, *rule in db.session.execute(select(Shift.crew_id, *_SHIFT)):
        rules[crew_id].append(ShiftRule(*rule))
    found = {crew_id: duty_at(those, zone, now) for crew_id, those in rules.items()}
    return {crew_id: duty for crew_id, duty in found.items() if duty is not None}


def _skills() -> dict[int, list[str]]:
    skills: dict[int, list[str]] = defaultdict(list)
    asked = select(CrewSkill.crew_id, CrewSkill.skill_key).order_by(CrewSkill.skill_key)
    for crew_id, skill in db.session.execute(asked):
        skills[crew_id].append(skill)
    return skills


def _visits() -> dict[int, list[dict[str, Any]]]:
    visits: dict[int, list[dict[str, Any]]] = defaultdict(list)
    asked = select(
        Visit.id, Visit.crew_id, Visit.ticket_id, Visit.crew_role, Visit.state, Visit.eta_at
    ).where(Visit.state.in_(_ACTIVE))
    for row in db.session.execute(asked.order_by(Visit.id)):
        visits[row.crew_id].append(
            {
                "id": row.id,
                "ticket": ticket_number(row.ticket_id),
                "role": row.crew_role,
                "state": row.state,
                "eta_at": row.eta_at,
            }
        )
    return visits

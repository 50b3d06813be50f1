"""How do the crews of a table become the crews on duty?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from dispatch.actions.settings_log import record_setting
from dispatch.domain.crew_rows import check_areas
from dispatch.models.base import db
from dispatch.models.people import Crew, CrewSkill, Shift, Skill, Team
from dispatch.models.places import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.crew_rows import CrewDraft
    from dispatch.domain.permissions import Actor

EVERY_DAY = 0b1111111


@dataclass
class CrewImport:
    """What an import of crews did, by their names; `teams` are those it made."""

    imported: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    already_there: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)


def import_crews(
    drafts: Sequence[CrewDraft], *, file: str, actor: Actor, now: datetime
) -> CrewImport:
    """Make each crew as its draft says, known by its name; teams and skills are made as needed.

    The shift of the draft replaces every shift of that crew, and a crew that was off the list is
    active again. Crews that the table does not name stay as they are, and so does what it has no
    column for.

    Raises:
        Invalid: naming the lines whose area has a grid that there is not.
    """
    if any(draft.area for draft in drafts):
        check_areas(drafts, set(db.session.scalars(select(Grid.name).distinct())), file)
    outcome = CrewImport()
    teams = {team.name: team for team in db.session.scalars(select(Team))}
    crews = {crew.name: crew for crew in db.session.scalars(select(Crew))}
    _add_skills({skill for draft in drafts for skill in draft.skills})
    for draft in drafts:
        team = teams.get(draft.team)
        if team is None:
            team = teams[draft.team] = Team(name=draft.team)
            db.session.add(team)
            db.session.flush()
            outcome.teams.append(draft.team)
        crew = crews.get(draft.name)
        if crew is None:
            crew = Crew(name=draft.name, team_id=team.id)
            db.session.add(crew)
            outcome.imported.append(draft.name)
        elif _is_same(crew, draft, team):
            outcome.already_there.append(draft.name)
            continue
        else:
            outcome.changed.append(draft.name)
        _set(crew, draft, team)
    if outcome.imported or outcome.changed:
        _record(outcome, actor, now)
    db.session.flush()
    return outcome


def _add_skills(wanted: set[str]) -> None:
    known = set(db.session.scalars(select(Skill.key)))
    db.session.add_all(Skill(key=key) for key in sorted(wanted - known))
    db.session.flush()


def _is_same(crew: Crew, draft: CrewDraft, team: Team) -> bool:
    skills = db.session.scalars(select(CrewSkill.skill_key).where(CrewSkill.crew_id == crew.id))
    shifts = db.session.execute(
        select(
            Shift.start_minute, Shift.end_minute, Shift.weekdays, Shift.valid_from, Shift.valid_to
        ).where(Shift.crew_id == crew.id)
    )
    is_same_crew = (
        crew.active
        and crew.team_id == team.id
        and crew.vehicle == draft.vehicle
        and (crew.base_lat, crew.base_lon) == _base(draft)
        and all(getattr(crew, name) == value for name, value in draft.more().items())
    )
    return (
        is_same_crew
        and tuple(sorted(skills)) == draft.skills
        and [tuple(shift) for shift in shifts]
        == [(draft.shift_start, draft.shift_end, EVERY_DAY, None, None)]
    )


def _base(draft: CrewDraft) -> tuple[float | None, float | None]:
    return (draft.base.lat, draft.base.lon) if draft.base else (None, None)


def _set(crew: Crew, draft: CrewDraft, team: Team) -> None:
    crew.team_id = team.id
    crew.vehicle = draft.vehicle
    for name, value in draft.more().items():
        setattr(crew, name, value)
    crew.base_lat, crew.base_lon = _base(draft)
    crew.active = True
    db.session.flush()
    db.session.execute(delete(CrewSkill).where(CrewSkill.crew_id == crew.id))
    db.session.execute(delete(Shift).where(Shift.crew_id == crew.id))
    db.session.add_all(CrewSkill(crew_id=crew.id, skill_key=skill) for skill in draft.skills)
    db.session.add(
        Shift(
            crew_id=crew.id,
            start_minute=draft.shift_start,
            end_minute=draft.shift_end,
            weekdays=EVERY_DAY,
        )
    )


def _record(outcome: CrewImport, actor: Actor, now: datetime) -> None:
    brought = {"imported": outcome.imported, "changed": outcome.changed, "teams": outcome.teams}
    record_setting("crews", "import", None, brought, actor=actor, now=now)

"""How do the grids of a file become the grids in force?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shapely.geometry import mapping, shape
from sqlalchemy import select

from dispatch.actions.bulk_rows import allow_a_long_transaction
from dispatch.actions.settings_log import record_setting
from dispatch.domain.errors import Invalid
from dispatch.domain.grids import GridIndex, GridShape
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.queries.grids import valid_grids

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.grid_features import GridDraft
    from dispatch.domain.permissions import Actor
    from dispatch.domain.sentences import Sentence

MOST_WARNINGS = 20


@dataclass
class GridImport:
    """What an import of grids did, by the names of the grids; warnings change nothing."""

    imported: list[str] = field(default_factory=list)
    already_there: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    warnings: list[Sentence] = field(default_factory=list)


def import_grids(drafts: Sequence[GridDraft], *, actor: Actor, now: datetime) -> GridImport:
    """Make each draft the version of its grid that is in force; one that is the same adds nothing.

    A changed grid gets a new version and the one before it ends now, so past tickets keep theirs.
    Team and zone stay as they were where the file does not name them; a new grid goes to the only
    team there is, or to none. Teams that do not exist are made.

    Raises:
        Invalid: when a version of the grid begins later than now.
    """
    allow_a_long_transaction()
    outcome = GridImport()
    known = {grid.name: grid for grid in valid_grids(now)}
    teams = {team.name: team for team in db.session.scalars(select(Team))}
    only_team = next(iter(teams.values())) if len(teams) == 1 else None
    for draft in drafts:
        if draft.repaired:
            outcome.repaired.append(draft.name)
        if draft.dropped is not None:
            reason = say("“%(name)s”: %(reason)s", name=draft.name, reason=draft.dropped)
            outcome.warnings.append(reason)
        before = known.get(draft.name)
        team = _team(draft, teams, before, only_team)
        if before is not None and _is_same(before, draft, team):
            outcome.already_there.append(draft.name)
            continue
        known[draft.name] = _new_version(draft, before, team, now)
        outcome.imported.append(draft.name)
    db.session.flush()
    outcome.warnings += _overlaps(list(known.values()), {draft.name for draft in drafts})
    if outcome.imported:
        _record(outcome, actor, now)
    return outcome


def _team(
    draft: GridDraft, teams: dict[str, Team], before: Grid | None, only_team: Team | None
) -> int | None:
    if draft.team is None:
        if before is not None:
            return before.team_id
        return only_team.id if only_team else None
    team = teams.get(draft.team)
    if team is None:
        team = teams[draft.team] = Team(name=draft.team, name_zh=draft.team_zh)
        db.session.add(team)
        db.session.flush()
    return team.id


def _geometry(draft: GridDraft) -> dict[str, Any]:
    """Return GeoJSON as the database gives it back: lists, where shapely has tuples."""
    drawn = mapping(draft.shape)
    return {"type": drawn["type"], "coordinates": _as_lists(drawn["coordinates"])}


def _as_lists(value: Any) -> Any:
    return [_as_lists(each) for each in value] if isinstance(value, tuple | list) else value


def _is_same(before: Grid, draft: GridDraft, team_id: int | None) -> bool:
    return (
        before.team_id == team_id
        and (draft.zone is None or before.zone == draft.zone)
        and (draft.name_zh is None or before.name_zh == draft.name_zh)
        and before.geometry == _geometry(draft)
    )


def _new_version(draft: GridDraft, before: Grid | None, team_id: int | None, now: datetime) -> Grid:
    newest = db.session.scalar(
        select(Grid).where(Grid.name == draft.name).order_by(Grid.version.desc()).limit(1)
    )
    if newest is not None and newest.valid_from > now:
        raise Invalid(
            say(
                "A version of the grid “%(name)s” begins at %(when)s: import after that.",
                name=draft.name,
                when=newest.valid_from,
            )
        )
    if before is not None:
        before.valid_to = now
    grid = Grid(
        name=draft.name,
        name_zh=draft.name_zh or (before.name_zh if before else None),
        version=newest.version + 1 if newest else 1,
        team_id=team_id,
        zone=str(draft.zone or (before.zone if before else "town")),
        in_circle=before.in_circle if before else True,
        geometry=_geometry(draft),
        valid_from=now,
    )
    db.session.add(grid)
    return grid


def _overlaps(grids: list[Grid], drawn: set[str]) -> list[Sentence]:
    index = GridIndex(
        [
            GridShape(key=grid.id, name=grid.name, team_id=grid.team_id, shape=shape(grid.geometry))
            for grid in grids
        ]
    )
    found = []
    for fault in index.overlaps_and_gaps():
        if fault.b is None:
            continue
        names = (index.grid(fault.a).name, index.grid(fault.b).name)
        if drawn.isdisjoint(names):
            continue
        found.append(
            say(
                "“%(a)s” and “%(b)s” both own %(area)s m²; a point there goes to the smaller.",
                a=names[0],
                b=names[1],
                area=round(fault.square_metres),
            )
        )
    return found[:MOST_WARNINGS]


def _record(outcome: GridImport, actor: Actor, now: datetime) -> None:
    brought = {"imported": outcome.imported, "repaired": outcome.repaired}
    record_setting("grids", "import", None, brought, actor=actor, now=now)

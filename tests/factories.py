"""How do tests make the people, places and tickets that they need?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dispatch.actions.intake import NewReport, Opened, open_ticket
from dispatch.actions.placing import GivenPlace
from dispatch.domain.permissions import Actor, Role
from dispatch.models.base import db
from dispatch.models.people import Crew, CrewSkill, Shift, Skill, Team, User
from dispatch.models.places import Grid, Household

if TYPE_CHECKING:
    from datetime import datetime

DESK = Actor(name="Li Na", role=Role.DISPATCHER, source="desk")

WEST = (112.90, 28.10, 113.00, 28.20)
EAST = (113.00, 28.10, 113.10, 28.20)
IN_WEST = GivenPlace(28.15, 112.95)
IN_EAST = GivenPlace(28.15, 113.05)
NOWHERE = GivenPlace(40.0, 116.0)


def make_team(name: str = "West Team", **columns: Any) -> Team:
    """Add a team."""
    team = Team(name=name, **columns)
    db.session.add(team)
    db.session.flush()
    return team


def make_grid(
    name: str = "West",
    box: tuple[float, float, float, float] = WEST,
    *,
    team: Team | None,
    now: datetime,
    **columns: Any,
) -> Grid:
    """Add a rectangular grid: west, south, east, north in degrees."""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    grid = Grid(
        name=name,
        team_id=team.id if team else None,
        geometry={"type": "Polygon", "coordinates": [ring]},
        valid_from=now.replace(year=now.year - 1),
        **columns,
    )
    db.session.add(grid)
    db.session.flush()
    return grid


def make_crew(
    name: str,
    *,
    team: Team,
    skills: tuple[str, ...] = ("general", "mains", "meter", "quality"),
    shift: tuple[int, int] = (0, 0),
    base: tuple[float, float] = (28.15, 112.95),
) -> Crew:
    """Add a crew on duty around the clock unless a shift in local minutes is given."""
    crew = Crew(name=name, team_id=team.id, base_lat=base[0], base_lon=base[1], vehicle="van")
    db.session.add(crew)
    db.session.flush()
    for skill in skills:
        if db.session.get(Skill, skill) is None:
            db.session.add(Skill(key=skill))
            db.session.flush()
        db.session.add(CrewSkill(crew_id=crew.id, skill_key=skill))
    db.session.add(Shift(crew_id=crew.id, start_minute=shift[0], end_minute=shift[1]))
    db.session.flush()
    return crew


def make_ticket(
    now: datetime,
    *,
    category: str = "burst",
    place: GivenPlace | None = IN_WEST,
    **report: Any,
) -> Opened:
    """Open a ticket as the desk would."""
    new = NewReport(
        category=category,
        address=report.pop("address", "Wuyi Road 12"),
        place=place,
        channel=report.pop("channel", "phone"),
        **report,
    )
    return open_ticket(new, actor=DESK, now=now)


def make_household() -> Household:
    """Add the household in the west whose member calls."""
    household = Household(
        account="H-1", name="Chen", phone="13800005678", address="Furong Road 8",
        lat=28.151, lon=112.951,
    )  # fmt: skip
    db.session.add(household)
    return household


class City(NamedTuple):
    """Two teams with a grid each, and the crews that are sent: two in the west, one in the east."""

    west: Team
    east: Team
    crews: list[Crew]


def make_city(now: datetime) -> City:
    """Add two teams, two grids and three crews."""
    west, east = make_team("West Team"), make_team("East Team")
    make_grid("West", WEST, team=west, now=now)
    make_grid("East", EAST, team=east, now=now)
    crews = [make_crew("W1", team=west), make_crew("W2", team=west)]
    crews.append(make_crew("E1", team=east, base=(28.15, 113.05)))
    return City(west, east, crews)


def make_account(role: Role, now: datetime, **columns: Any) -> Actor:
    """Add an account and return it as the actor that it signs in as."""
    name = columns.pop("name", f"the {role}")
    user = User(sign_in_name=name, name=name, role=str(role), created_at=now, **columns)
    db.session.add(user)
    db.session.flush()
    return Actor(
        name=name,
        role=role,
        user_id=user.id,
        team_id=user.team_id,
        crew_id=user.crew_id,
        source="mobile" if role is Role.CREW else "desk",
    )

"""Whom does the rota name now, and by which ladder are they told?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, case, exists, select

from dispatch.domain.permissions import Role
from dispatch.domain.rota import (
    DEFAULT_LADDER,
    Chosen,
    DutyRole,
    LadderRule,
    RotaRule,
    choose_people,
)
from dispatch.domain.shifts import ShiftRule, duty_at
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.alerts import LadderStep, RotaEntry
from dispatch.models.base import db
from dispatch.models.messages import PushSubscription
from dispatch.models.people import Shift, Team, User
from dispatch.models.tickets import Visit
from dispatch.queries.policies import policy_in_force

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import BindParameter, Row


_ACTIVE = tuple(sorted(str(state) for state in ACTIVE))


class Contact(NamedTuple):
    """How a person is reached beside the console."""

    id: int
    name: str
    language: str | None
    phone: str | None
    email: str | None
    channel: str | None
    has_device: bool = False


@dataclass(frozen=True)
class Watch:
    """Everybody who may be told, read once for a round of the clockwork.

    `crews` are the accounts of each crew, `leading` the crew that leads each ticket.
    """

    zone: ZoneInfo
    ladder: tuple[LadderRule, ...]
    rules: tuple[RotaRule, ...]
    contacts: dict[int, Contact]
    crews: dict[int, list[int]]
    shifts: dict[int, list[ShiftRule]]
    leading: dict[int, int]
    chosen: dict[tuple[Any, ...], Chosen] = field(default_factory=dict, compare=False)

    def crew_people(self, crew_id: int | None, now: datetime) -> list[int]:
        """Return the accounts of a crew that is on shift; off shift nobody is woken."""
        if crew_id is None or crew_id not in self.crews:
            return []
        on_shift = duty_at(self.shifts.get(crew_id, ()), self.zone, now) is not None
        return self.crews[crew_id] if on_shift else []

    def choose(
        self, duty: DutyRole, *, team_id: int | None, crew_id: int | None, now: datetime
    ) -> Chosen:
        """Return who is told from a duty role upwards: worked out once for all who ask the same."""
        asked = (duty, team_id, crew_id, now)
        if asked not in self.chosen:
            crew = self.crew_people(crew_id, now)
            self.chosen[asked] = choose_people(
                duty, self.rules, crew=crew, team_id=team_id, at=now, zone=self.zone
            )
        return self.chosen[asked]


def watch(ticket_ids: Sequence[int] = ()) -> Watch:
    """Read the ladder, the rota, the crews and their shifts; paused accounts are left out.

    `ticket_ids` are those whose leading crew is asked for.
    """
    people = db.session.execute(
        select(
            User.id, User.name, User.language, User.phone, User.email, User.alert_channel,
            exists().where(PushSubscription.user_id == User.id),
            User.role, User.crew_id,
        )
        .where(User.active)
        .order_by(User.id)
    ).all()  # fmt: skip
    crews: dict[int, list[int]] = defaultdict(list)
    for person in people:
        if person.role == Role.CREW and person.crew_id is not None:
            crews[person.crew_id].append(person.id)
    contacts = {person.id: Contact(*person[:7]) for person in people}
    return Watch(
        zone=policy_in_force().policy.calendar.zone,
        ladder=ladder(),
        rules=tuple(rule for rule in _rules() if rule.person in contacts),
        contacts=contacts,
        crews=dict(crews),
        shifts=_shifts(),
        leading=_leading(ticket_ids),
    )


def _leading(ticket_ids: Sequence[int]) -> dict[int, int]:
    """Return the crew of the newest visit under way of each ticket, the leading one if any."""
    # In the text itself: hundreds of parameters take longer than the answer.
    ids: BindParameter[Any] = bindparam("ids", ticket_ids, expanding=True, literal_execute=True)
    rows = db.session.execute(
        select(Visit.ticket_id, Visit.crew_id)
        .where(Visit.ticket_id.in_(ids), Visit.state.in_(_ACTIVE))
        .order_by(case((Visit.crew_role == "lead", 1), else_=0), Visit.id)
    ).all()
    return {row.ticket_id: row.crew_id for row in rows}


def _shifts() -> dict[int, list[ShiftRule]]:
    rules: dict[int, list[ShiftRule]] = defaultdict(list)
    for row in db.session.execute(
        select(
            Shift.crew_id, Shift.start_minute, Shift.end_minute, Shift.weekdays,
            Shift.valid_from, Shift.valid_to,
        )
    ):  # fmt: skip
        rules[row[0]].append(ShiftRule(*row[1:]))
    return rules


def _rules() -> list[RotaRule]:
    return [_rule(entry) for entry in db.session.scalars(select(RotaEntry).order_by(RotaEntry.id))]


def _rule(entry: RotaEntry) -> RotaRule:
    return RotaRule(
        duty=DutyRole(entry.duty),
        person=entry.user_id,
        start_minute=entry.start_minute,
        end_minute=entry.end_minute,
        weekdays=entry.weekdays,
        team_id=entry.team_id,
        from_date=entry.from_date,
        to_date=entry.to_date,
    )


def ladder() -> tuple[LadderRule, ...]:
    """Return the ladder in force: the one that was written down, else the built-in one."""
    steps = db.session.execute(
        select(LadderStep.fraction, LadderStep.duty, LadderStep.pass_on_minutes).order_by(
            LadderStep.fraction
        )
    ).all()
    return (
        tuple(LadderRule(step[0], DutyRole(step[1]), step[2]) for step in steps) or DEFAULT_LADDER
    )


def named_duties() -> set[DutyRole]:
    """Return the duty roles for which the rota names an account that is not paused."""
    rows = db.session.scalars(
        select(RotaEntry.duty).join(User, User.id == RotaEntry.user_id).where(User.active)
    )
    return {DutyRole(duty) for duty in rows}


class RotaRow(NamedTuple):
    """One entry of the rota as people read it."""

    id: int
    duty: DutyRole
    team: str | None
    team_zh: str | None
    person: str
    person_name: str
    weekdays: int
    start_minute: int
    end_minute: int
    from_date: date | None
    to_date: date | None
    active: bool
    on_duty: bool


def rota_rows(now: datetime) -> list[RotaRow]:
    """Return the rota, from the crew upwards, and who of it is on duty now."""
    zone = policy_in_force().policy.calendar.zone
    found = db.session.execute(
        select(RotaEntry, Team.name, Team.name_zh, User.sign_in_name, User.name, User.active)
        .join(User, User.id == RotaEntry.user_id)
        .outerjoin(Team, Team.id == RotaEntry.team_id)
        .order_by(RotaEntry.id)
    ).all()
    rows = [
        RotaRow(
            entry.id, DutyRole(entry.duty), team, team_zh, person, name, entry.weekdays,
            entry.start_minute, entry.end_minute, entry.from_date, entry.to_date, active,
            active and _rule(entry).is_on_duty(now, zone),
        )
        for entry, team, team_zh, person, name, active in found
    ]  # fmt: skip
    order = list(DutyRole)
    return sorted(rows, key=lambda row: (order.index(row.duty), row.team or "", row.id))


def people_for_rota() -> Sequence[Row[str, str]]:
    """Return the sign-in names and names of the accounts that the rota may name."""
    return db.session.execute(
        select(User.sign_in_name, User.name)
        .where(User.active, User.role != Role.API_CLIENT)
        .order_by(User.name, User.id)
    ).all()


def teams_by_name() -> dict[str, int]:
    """Return the row id of each team by its name, in English and in Chinese."""
    found: dict[str, int] = {}
    for team_id, name, chinese in db.session.execute(select(Team.id, Team.name, Team.name_zh)):
        found |= {each: team_id for each in (chinese, name) if each}
    return found

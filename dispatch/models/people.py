"""Who works here: teams, crews, members, skills, shifts, positions, and the accounts they use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.models.base import Code, Model, RowId


class Team(Model):
    """A steward team that owns grids."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    crews: Mapped[list[Crew]] = relationship(back_populates="team", lazy="raise")


class Crew(Model):
    """The unit that is sent: stewards with a vehicle.

    `vehicle` is its name; `vehicle_class` and `carries` are keys of `crew_fit`, None when not
    recorded. A crew with an `area` works only in the grids of these names, in those of its own team
    when none is named.
    """

    __tablename__ = "crew"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str | None]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    vehicle: Mapped[str | None]
    vehicle_class: Mapped[str | None] = mapped_column(Code)
    carries: Mapped[list[Any] | None]
    contractor: Mapped[str | None]
    area: Mapped[list[Any] | None]
    base_lat: Mapped[float | None]
    base_lon: Mapped[float | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    team: Mapped[Team] = relationship(back_populates="crews", lazy="raise")
    skills: Mapped[list[CrewSkill]] = relationship(lazy="raise", cascade="all, delete-orphan")
    shifts: Mapped[list[Shift]] = relationship(lazy="raise", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}


class Skill(Model):
    """Something a crew must be able to do for some categories."""

    __tablename__ = "skill"

    key: Mapped[str] = mapped_column(Code, primary_key=True)


class CrewSkill(Model):
    """One skill of one crew."""

    __tablename__ = "crew_skill"

    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"), primary_key=True)
    skill_key: Mapped[str] = mapped_column(ForeignKey("skill.key"), primary_key=True)


class Shift(Model):
    """When a crew is on duty: minutes of the utility's local day; an end before the start wraps.

    `weekdays` is a bit mask, Monday = 1. Equal start and end is the whole day.
    """

    __tablename__ = "shift"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"), index=True)
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    weekdays: Mapped[int] = mapped_column(default=127)
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]


class Position(Model):
    """The latest known position of a crew, WGS-84; one row a crew, overwritten."""

    __tablename__ = "position"

    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"), primary_key=True)
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_metres: Mapped[float | None]
    measured_at: Mapped[datetime]


class CrewTrack(Model):
    """The thinned positions of a crew on shift in one hour, packed as in `domain.tracks`.

    The first `settled` of them are thinned; what came since is still as it was sent.
    """

    __tablename__ = "crew_track"

    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"), primary_key=True)
    begins_at: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    points: Mapped[bytes]
    settled: Mapped[int]


class Member(Model):
    """One water steward, a member of a crew."""

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"), index=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    is_leader: Mapped[bool] = mapped_column(default=False)


class User(Model):
    """An account that signs in; `version` guards changes to it.

    `alert_channel` is the one by which alerts reach the person beside the console, None for none.
    `pin_hash` is of the six digits with which the person signs in on a phone of the crew.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    sign_in_name: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(Code)
    password_hash: Mapped[str | None]
    pin_hash: Mapped[str | None]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crew.id"))
    language: Mapped[str | None] = mapped_column(Code)
    phone: Mapped[str | None]
    email: Mapped[str | None]
    alert_channel: Mapped[str | None] = mapped_column(Code)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class UserSession(Model):
    """A signed-in browser or an API token; only the hash of its secret is stored.

    `kind` is ``browser``, ``token`` or ``link`` (a one-time sign-in link). `device_id` is the phone
    of a crew that it was opened on.
    """

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    secret_hash: Mapped[str] = mapped_column(Code, unique=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    address: Mapped[str | None] = mapped_column(Code)
    agent: Mapped[str | None]
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))


class SignInTry(Model):
    """One failed try to sign in, counted for all web processes together.

    `sign_in_name` also names what else is tried: a PIN on a phone, a code that enrols one.
    """

    __tablename__ = "sign_in_try"
    __table_args__ = (
        Index(None, "sign_in_name", "tried_at"),
        Index(None, "address", "tried_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    sign_in_name: Mapped[str] = mapped_column(Code)
    address: Mapped[str] = mapped_column(Code)
    tried_at: Mapped[datetime]


class Device(Model):
    """A phone that a crew holds; its commands carry a gap-free sequence.

    `waiting` is how many commands it said it still keeps when it was last seen.
    """

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crew.id"))
    name: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(Code, unique=True)
    last_sequence: Mapped[int] = mapped_column(default=0)
    enrolled_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    last_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    waiting: Mapped[int | None]
    app_version: Mapped[str | None] = mapped_column(Code)
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoked_reason: Mapped[str | None]


class SettingsEvent(Model):
    """One change of a setting: who, when, from what, to what; never changed afterwards."""

    __tablename__ = "settings_event"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor: Mapped[str]
    subject: Mapped[str] = mapped_column(Code)
    subject_key: Mapped[str] = mapped_column(Code)
    was: Mapped[dict[str, Any] | None]
    now: Mapped[dict[str, Any] | None]


class ServicePolicyVersion(Model):
    """One version of the promises; a ticket keeps the version it was promised under."""

    __tablename__ = "service_policy"
    __table_args__ = (UniqueConstraint("version"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int]
    valid_from: Mapped[datetime]
    policy: Mapped[dict[str, Any]]
    created_by: Mapped[str]

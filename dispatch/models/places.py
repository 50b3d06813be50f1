"""Where things are: grids with their versions, and the households of the city."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.models.base import Code, Model, RowId, Telephone
from dispatch.models.people import Team


class Grid(Model):
    """One version of one grid. `geometry` is GeoJSON in WGS-84.

    A grid is known by its name; a new version closes the one before it (`valid_to`).
    """

    __tablename__ = "grid"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        Index(None, "valid_to"),
        Index(None, "valid_from"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    zone: Mapped[str] = mapped_column(Code, default="town")
    in_circle: Mapped[bool] = mapped_column(default=True)
    geometry: Mapped[dict[str, Any]]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    team: Mapped[Team | None] = relationship(lazy="raise")


class Household(Model):
    """A service point. Points are WGS-84; what was given at first stays beside them.

    `vulnerable` says that its people need water or help first, and never why.
    """

    __tablename__ = "household"
    __table_args__ = (Index(None, "phone"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(Telephone)
    address: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    remarks: Mapped[str | None]
    vulnerable: Mapped[bool] = mapped_column(default=False, server_default=false())

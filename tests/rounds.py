"""How do tests make households, planned tickets and the rounds that go there?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from dispatch.actions.rounds import Wanted, add_to_round
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.places import Household
from tests.factories import DESK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Actor

TODAY = date(2026, 3, 2)


def add_households(
    count: int = 3, *, first: int = 1, street: str = "Furong Road %d", name: str = "Chen"
) -> None:
    """Add households north of each other, in the grid of the west: H-1, H-2, …."""
    with transaction():
        for each in range(first, first + count):
            db.session.add(
                Household(
                    account=f"H-{each}",
                    name=name,
                    address=street % each,
                    lat=28.15 + each / 1000,
                    lon=112.95,
                )
            )


def go_round(
    now: datetime,
    accounts: Sequence[str] = (),
    tickets: Sequence[str] = (),
    *,
    crew_id: int = 1,
    day: date = TODAY,
    today: date = TODAY,
    actor: Actor = DESK,
) -> None:
    """Put stops onto the round of a crew."""
    with transaction():
        crew = db.session.get_one(Crew, crew_id)
        wanted = Wanted(tickets, accounts)
        add_to_round(crew, day, wanted, today=today, actor=actor, now=now)

"""Do sums, blocks and facts say the same after a year of calls, corrections and roll-ups?"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from dispatch.actions import facts as fact_actions
from dispatch.actions.facts import pack_span
from dispatch.actions.unit_of_work import transaction
from dispatch.domain import fact_sums as domain_sums
from dispatch.domain.fact_columns import BLOCK_US
from dispatch.domain.microseconds import micros
from dispatch.domain.periods import Period
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.facts import FactBlock
from dispatch.models.tickets import Ticket
from dispatch.queries import fact_sums
from dispatch.queries.facts import facts_for
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from tests.queries.histories import POINTS, SHANGHAI, START, make_places
from tests.queries.test_fact_sums import assert_same, both
from tests.queries.test_facts import EVERYTHING, in_order

FIRST, DAYS = START - timedelta(days=300), 299
STEPS = (
    "dispatched_at", "acknowledged_at", "en_route_at", "arrived_at", "working_at", "restored_at",
    "completed_at", "verified_at", "closed_at",
)  # fmt: skip
TURNS = 25


class City:
    """A city's tickets as one throw of dice has them, changed at random as time goes by."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now, self.tickets = random.Random(seed), START, 0  # noqa: S311  no secret

    def any_time(self) -> Any:
        return FIRST + timedelta(days=self.dice.random() * DAYS)

    def ticket(self, received: Any) -> dict[str, Any]:
        dice, at, times = self.dice, received, {}
        for name in STEPS:
            is_soon = dice.random() < 0.97
            at += timedelta(minutes=15) * dice.random() if is_soon else timedelta(days=40)
            times[name] = None if dice.random() < 0.07 else at
        if dice.random() < 0.03:
            times["closed_at"] = received - timedelta(hours=2)
        lat, lon = dice.choice(POINTS)
        return times | {
            "state": "closed" if times["closed_at"] else dice.choice(["accepted", "completed"]),
            "kind": dice.choice(["repair", "repair", "inspection"]),
            "category": dice.choice(["burst", "leak"]), "level": dice.randint(1, 4),
            "storm": dice.random() < 0.2, "imported": dice.random() < 0.2,
            "flags": [] if dice.random() < 0.9 else ["closes_before_opening"],
            "household_id": dice.choice([None, 1, 2]), "lat": lat, "lon": lon,
            "place_standing": "inside" if lat else "not_located",
            "grid_id": dice.choice([None, 1, 2]), "team_id": dice.choice([None, 1, 2]),
            "received_at": received, "changed_at": received, "dispatches": dice.randint(0, 2),
            "arrive_due_at": received + timedelta(minutes=dice.choice([30, 30, 60])),
            "repair_due_at": received + timedelta(days=1) if dice.random() < 0.9 else None,
        }  # fmt: skip

    def call(self, received: Any) -> None:
        self.tickets += 1
        db.session.execute(insert(Ticket), [{"id": self.tickets, **self.ticket(received)}])

    def change(self) -> None:
        """Take a call, delete, correct, move or reopen one of the tickets."""
        dice = self.dice
        one = Ticket.id == dice.choice(db.session.scalars(select(Ticket.id)).all())
        teams = {"level": dice.randint(1, 4), "team_id": dice.choice([None, 1, 2])}
        [what] = dice.choices(range(5), [3, 1, 2, 2, 1])
        if what == 0:
            self.call(self.now - timedelta(days=dice.random() * dice.choice([0.1, 40])))
        elif what == 1:
            db.session.execute(delete(Ticket).where(one))
        else:
            moved = self.ticket(self.any_time())
            values = (teams, moved, {"closed_at": None, "state": "accepted"})[what - 2]
            db.session.execute(update(Ticket).where(one).values(**values))

    def pack(self) -> None:
        """Write some of the blocks and their sums anew."""
        first, last = (int(at) // BLOCK_US for at in micros([FIRST, self.now]))
        for number in range(first, last + 1):
            if self.dice.random() < 0.6:
                with transaction():
                    pack_span(number, SHANGHAI, self.now)


@pytest.fixture
def of_few_tickets(monkeypatch):
    monkeypatch.setattr(fact_actions, "FEWEST_TO_SUM", 1)
    monkeypatch.setattr(fact_sums, "FEWEST_SUMMED", 1)
    monkeypatch.setattr(domain_sums, "MOST_APART", 0.9)


@pytest.mark.parametrize("seed", [0, 3])
def test_however_tickets_are_read_they_are_the_same(session, of_few_tickets, seed):
    make_places()
    city, summed_ranges = City(seed), 0
    with transaction():
        for _ in range(250):
            city.call(city.any_time())
    for turn in range(TURNS):
        city.now += timedelta(hours=city.dice.choice([0, 1, 30, 200]))
        for _ in range(city.dice.randint(0, 6)):
            with transaction():
                city.change()
        if city.dice.random() < 0.6:
            run(city.now, most=city.dice.choice([3, 500]))
        if turn == 2 or city.dice.random() < 0.5:
            city.pack()
        first = (FIRST + timedelta(days=city.dice.randint(-20, 280))).date()
        length = city.dice.choice([31, 60, 90, 365])
        period = Period(first, first + timedelta(days=length), SHANGHAI)
        for filters in (ALL_TICKETS, FigureFilters(team="First team")):
            summed, exact = both(period, city.now, filters)
            if summed is not None:
                summed_ranges += 1
                assert_same(summed, exact)
    assert summed_ranges > TURNS / 4
    whole = (FIRST - timedelta(days=40), city.now + timedelta(days=1), EVERYTHING)
    in_blocks = in_order(facts_for(*whole, now=city.now))
    db.session.execute(delete(FactBlock))
    assert in_order(facts_for(*whole, now=city.now)) == in_blocks

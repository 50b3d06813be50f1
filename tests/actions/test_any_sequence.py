"""Does any sequence of steps, legal or not, leave a ticket whole?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.actions.clockwork import fire_due
from dispatch.actions.corrections import CORRECTABLE
from dispatch.actions.disputes import Whose, decide_dispute
from dispatch.actions.endings import answer_follow_up
from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.steps import take_step
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Refused
from dispatch.domain.permissions import RESIDENT, Role, Scope
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.tickets import Report
from dispatch.queries.disputes import dispute_for_change, open_dispute_of
from tests.factories import IN_EAST, IN_WEST, make_account, make_city, make_ticket
from tests.invariants import DUES, expect_whole, rows_of, snapshot, stored

if TYPE_CHECKING:
    from datetime import datetime

MINUTE = timedelta(minutes=1)
FIELD = ("acknowledge", "set-off", "arrive", "start", "complete", "cannot-complete", "decline")
DESK = ("dispatch", "withdraw", "hold", "release", "return", "level", "place", "correct-time")
RELIEF = ("hand-over", "take-over", "refuse-hand-over", "take-back")
CALLS = ("call-back", "call-in-vain")
ENDS = ("solve-by-phone", "cancel", "close", "reopen", "merge", "separate", "answer")
ANY = (
    *FIELD,
    *RELIEF,
    *DESK,
    *CALLS,
    *ENDS,
    "restore",
    "note",
    "fire",
    "report",
    "decide",
    "no-such-step",
)
WAITING = ("dispatch", "dispatch", "dispatch", "hold", "place", "cancel", "fire")
ON_THE_WAY = ("dispatch", "withdraw", "decline", "return", "hold", "fire", "correct-time")
LIKELY = {
    "received": ("place", "place", "place", "hold", "call-in-vain"),
    "accepted": (*WAITING, *CALLS, "merge", "solve-by-phone"),
    "returned": (*WAITING, "decide"),
    "reopened": WAITING,
    "dispatched": ("acknowledge", "acknowledge", "set-off", "call-back", *ON_THE_WAY),
    "acknowledged": ("set-off", "set-off", "arrive", *RELIEF, *ON_THE_WAY),
    "en_route": ("arrive", "arrive", "arrive", *RELIEF, *ON_THE_WAY),
    "arrived": ("start", "complete", "cannot-complete", "restore", "dispatch", "hold", "return"),
    "working": (*["complete"] * 3, *RELIEF, "cannot-complete", "restore", "dispatch"),
    "completed": ("close", "answer", "answer", "reopen", "fire", "correct-time"),
    "closed": ("answer", "reopen", "correct-time"),
    "on_hold": ("release", "release", "fire", "fire", "note", "level", "place", "restore"),
    "duplicate": ("separate",),
    "solved_by_phone": ("reopen",),
    "cancelled": ("reopen",),
}
MOVES_DUES = {"level", "place", "correct-time"}
REASONS = ("waiting_for_part", "resident_unavailable", "unsafe_conditions", "wrong number", " ")


class Move(NamedTuple):
    """One thing that somebody tries, some minutes after the last one."""

    step: str | None
    likely: int
    minutes: float
    told_minutes: int | None
    crew: int
    role: str
    reason: str
    cause: str
    level: int
    correct: str
    answer: str
    by: str
    seen: int | None


moves = st.builds(
    Move,
    step=st.none() | st.none() | st.none() | st.sampled_from(ANY),
    likely=st.integers(0, 100),
    minutes=st.sampled_from([0, 0.5, 3, 11, 45, 700]),
    told_minutes=st.sampled_from([None] * 8 + [-1, -20, 1]),
    crew=st.sampled_from([0, 1, 2, 0, 1, 2, 0, 1, 2, 3]),
    role=st.sampled_from(["lead", "lead", "lead", "support"]),
    reason=st.sampled_from(REASONS),
    cause=st.sampled_from(["part_missing", "no_access", "weather_or_traffic", "lazy"]),
    level=st.sampled_from([1, 2, 3, 4, 5]),
    correct=st.sampled_from([*CORRECTABLE, *CORRECTABLE, "on_hold"]),
    answer=st.sampled_from(["fixed", "not_fixed", "not_fixed", "rather_not_say", "maybe"]),
    by=st.sampled_from(["desk"] * 12 + ["crew", "crew", "auditor"]),
    seen=st.sampled_from([None] * 8 + [0, 0, -1]),
)


class Scene:
    """A ticket and a second one beside it, with the people who change them."""

    def __init__(self, now: datetime, *, located: bool) -> None:
        """Open the two tickets."""
        with transaction():
            self.crews = [crew.id for crew in make_city(now).crews]
            self.people = {
                "desk": make_account(Role.DISPATCHER, now),
                "crew": make_account(Role.CREW, now, crew_id=self.crews[0]),
                "auditor": make_account(Role.AUDITOR, now),
                "manager": make_account(Role.MANAGER, now),
            }
        self.start = now
        self.open(now, located=located)

    def open(self, now: datetime, *, located: bool) -> None:
        """Open two new tickets in the same city."""
        self.now = now
        with transaction():
            caller = {"channel": "web", "reporter_phone": "13800000001"}
            place = IN_WEST if located else None
            self.ticket_id = make_ticket(now, place=place, **caller).ticket.id
            self.other_id = make_ticket(now, place=IN_EAST, category="leak").ticket.id

    def both(self) -> dict[str, list[Any]]:
        """Return everything that is stored about both tickets."""
        return snapshot(self.ticket_id, self.other_id)

    def step_of(self, move: Move) -> str:
        """Return the step that a move tries; most are such as the ticket's state suggests."""
        if move.step is not None:
            return move.step
        likely = LIKELY[stored(self.ticket_id).state]
        return likely[move.likely % len(likely)]

    def play(self, move: Move) -> bool:
        """Try one move in a transaction of its own; True when it was done."""
        self.now += move.minutes * MINUTE
        try:
            with transaction():
                self._do(move)
        except Refused:
            return False
        return True

    def _do(self, move: Move) -> None:
        ticket, step = stored(self.ticket_id), self.step_of(move)
        if step == "fire":
            fire_due(self.now, limit=100)
            return
        if step == "report":
            add_report(
                ticket, NewReport("burst", address="next door"), actor=RESIDENT, now=self.now
            )
            return
        if step == "answer":
            report = rows_of(Report, ticket.id)[:1]
            if report:
                answer_follow_up(ticket, report[0], move.answer, actor=RESIDENT, now=self.now)
            return
        outcome = "not_reached" if step == "call-in-vain" else "reached"
        step = "call-back" if step == "call-in-vain" else step
        if step == "decide":
            self._decide(move)
            return
        at = None if move.told_minutes is None else self.now + move.told_minutes * MINUTE
        take_step(
            ticket,
            step,
            self._args(move, step, at) | {"outcome": outcome},
            actor=self.people[move.by],
            now=self.now,
            told=Told(effective_at=at),
            seen_version=None if move.seen is None else ticket.version + move.seen,
        )

    def _decide(self, move: Move) -> None:
        disputed = open_dispute_of(self.ticket_id)
        if disputed is None:
            raise Forbidden(say("Nothing is in dispute."))
        row, ticket = dispute_for_change(disputed.id, Scope(everything=True))
        whose = Whose(1 + move.crew % 2) if move.level > 1 else Whose(department="gas")
        manager = self.people["manager"]
        decide_dispute(row, ticket, whose, reason=move.reason, actor=manager, now=self.now)

    def _near(self, move: Move, at: datetime | None) -> datetime:
        """Return a time that may be right for the step to correct: close to the one it has."""
        known = getattr(stored(self.ticket_id), f"{move.correct}_at", None)
        return at or (known or self.now) + (move.likely % 5 - 2) * MINUTE / 2

    def _args(self, move: Move, step: str, at: datetime | None) -> dict[str, Any]:
        place = IN_EAST if move.crew % 2 else IN_WEST
        crew_id = self.crews[move.crew] if move.crew < len(self.crews) else 999
        args = {
            "reason": move.reason,
            "until_at": self.now + 30 * MINUTE if move.likely % 2 else None,
            "ground": "not_our_area" if move.likely % 3 else "",
            "team_id": 1 + move.crew % 2,
            "cause": move.cause,
            "level": move.level,
            "step": move.correct,
            "at": self._near(move, at),
            "into": ticket_number(self.other_id),
            "note": "seen",
            "override_reason": "knows the valve",
            "lat": place.lat,
            "lon": place.lon,
            "crew_role": move.role,
        }
        if step == "hand-over":
            reason = move.reason if move.likely % 4 == 0 else "shift_ends"
            return args | {"reason": reason, "to_crew_id": None if move.likely % 3 else crew_id}
        return args | ({"crew_id": crew_id} if step == "dispatch" else {})


@pytest.fixture
def scene(session, now):
    return Scene(now, located=True)


def play(scene: Scene, located: bool, story: list[Move]) -> None:  # noqa: FBT001
    scene.open(scene.start, located=located)
    for move in story:
        before, ticket = scene.both(), stored(scene.ticket_id)
        step = scene.step_of(move)
        version, received = ticket.version, ticket.received_at
        was_held = ticket.state == "on_hold"
        dues = [getattr(ticket, f"{kind}_due_at") for kind in DUES]
        done = scene.play(move)
        ticket = stored(scene.ticket_id)
        if not done:
            assert scene.both() == before, f"{step} was refused, and yet changed something"
            continue
        expect_whole(scene.ticket_id)
        expect_whole(scene.other_id)
        if step == "fire" and was_held and ticket.state != "on_hold":
            assert ticket.version > version
        elif step in {"fire", "note", "call-in-vain"}:
            assert ticket.version == version, f"{step} made everybody's view stale"
        else:
            assert ticket.version > version or step == "answer"
        if step not in MOVES_DUES:
            assert dues == [getattr(ticket, f"{kind}_due_at") for kind in DUES]
        if step != "correct-time":
            assert received == ticket.received_at


stories = st.lists(moves, min_size=15, max_size=40)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(located=st.booleans(), story=stories)
def test_no_sequence_of_steps_breaks_a_ticket(scene, located, story):
    play(scene, located, story)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(located=st.booleans(), story=stories)
def test_no_sequence_of_steps_breaks_a_ticket_on_postgresql(scene, located, story):
    play(scene, located, story)

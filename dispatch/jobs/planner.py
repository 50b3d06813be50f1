"""Which crew goes to the tickets that wait, within a second and with the reasons?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from dispatch.actions.dispatching import Decision, dispatch_visit, report_nobody
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.assignment import plan
from dispatch.domain.candidates import assess
from dispatch.domain.errors import Refused
from dispatch.domain.permissions import RULE, Scope
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.written_reasons import written_reasons
from dispatch.queries.candidates import (
    crew_board,
    crew_stamp,
    free_crew,
    nobody_reported,
    refused_by,
    waiting_tickets,
)
from dispatch.queries.tickets import ticket_for_change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.assignment import Choice
    from dispatch.domain.candidates import Candidate
    from dispatch.queries.candidates import CrewBoard, CrewStamp, Waiting

MOST_AT_ONCE = 40
"""Tickets weighed in one round, so that a flood of them keeps no new one waiting."""

LOOK_AGAIN = timedelta(seconds=15)
"""A ticket that nobody can take is weighed again after this: shifts begin, positions change."""

LOOK_SOON = timedelta(seconds=3)
"""… but after this when a crew became free in between."""

EVERYWHERE = Scope(everything=True)


class Planned(NamedTuple):
    """What one round did: crews sent, tickets nobody can take, tickets left for the next round."""

    sent: int = 0
    nobody: int = 0
    left: int = 0


class _Seen(NamedTuple):
    version: int
    stamp: CrewStamp
    at: datetime


@dataclass
class Memory:
    """Which waiting tickets were weighed in vain, so that each round stays short."""

    seen: dict[int, _Seen] = field(default_factory=dict)

    def due(self, waiting: Sequence[Waiting], stamp: CrewStamp, now: datetime) -> list[Waiting]:
        """Return the tickets to weigh now: new and changed ones, else those to look at again."""
        ids = {each.need.ticket_id for each in waiting}
        self.seen = {key: value for key, value in self.seen.items() if key in ids}
        new = [each for each in waiting if self._is_new(each)]
        return new[:MOST_AT_ONCE] or [each for each in waiting if self._again(each, stamp, now)]

    def is_known(self, waiting: Waiting) -> bool:
        """Tell whether this version of a ticket was weighed in vain before."""
        return not self._is_new(waiting)

    def _is_new(self, waiting: Waiting) -> bool:
        seen = self.seen.get(waiting.need.ticket_id)
        return seen is None or seen.version != waiting.version

    def _again(self, waiting: Waiting, stamp: CrewStamp, now: datetime) -> bool:
        seen = self.seen[waiting.need.ticket_id]
        pause = LOOK_AGAIN if seen.stamp == stamp else LOOK_SOON
        # A clock that was set back must not silence the planner.
        return not timedelta() <= now - seen.at < pause


def run(now: datetime, memory: Memory | None = None) -> Planned:
    """Send a crew to every waiting ticket that one may take, each in its own transaction.

    A ticket or crew that somebody else changed in between is left for the next round. Without a
    `memory` every ticket is weighed anew.
    """
    memory = Memory() if memory is None else memory
    stamp = crew_stamp()
    due = memory.due(waiting_tickets(), stamp, now)
    if not due:
        return Planned()
    board = crew_board(now)
    weighed = _weigh(_worth_weighing(due, board, memory, stamp), board)
    waiting = {each.need.ticket_id: each for each in due}
    sent = nobody = left = 0
    for ticket_id, choice in plan([waiting[key].need for key in weighed], weighed):
        version = waiting[ticket_id].version
        candidates = weighed[ticket_id]
        if choice.crew_id is not None:
            done = _send(ticket_id, version, choice, candidates, now)
            sent += done
            left += not done
        elif any(one.excluded_by is None for one in candidates):
            left += 1  # Its crew was just given to a more urgent one: weigh it with what is left.
        else:
            nobody += 1
            version = _report(ticket_id, version, choice, now)
            memory.seen[ticket_id] = _Seen(version, stamp, now)
    return Planned(sent, nobody, left)


def _worth_weighing(
    due: Sequence[Waiting], board: CrewBoard, memory: Memory, stamp: CrewStamp
) -> list[Waiting]:
    """Leave out what was weighed in vain while still no crew that could do it is free.

    This keeps a round short when hundreds of tickets wait for crews that are all busy.
    """
    free = board.free_skills()
    found = []
    for each in due:
        if memory.is_known(each) and each.need.skill not in free:
            memory.seen[each.need.ticket_id] = _Seen(each.version, stamp, board.now)
        else:
            found.append(each)
    return found[:MOST_AT_ONCE]


def _weigh(due: Sequence[Waiting], board: CrewBoard) -> dict[int, list[Candidate]]:
    refused = refused_by(each.need.ticket_id for each in due)
    return {
        each.need.ticket_id: assess(
            each.need, board.options_for(each, refused[each.need.ticket_id]), now=board.now
        )
        for each in due
    }


def _send(
    ticket_id: int, version: int, choice: Choice, candidates: Sequence[Candidate], now: datetime
) -> bool:
    """Send the chosen crew; False when somebody was quicker."""
    chosen = next(one for one in candidates if one.crew_id == choice.crew_id)
    decision = Decision(
        automatic=True, reasons=written_reasons(choice, candidates), eta_at=chosen.arrives_at
    )
    try:
        with transaction():
            crew = free_crew(chosen.crew_id)
            if crew is None:
                return False
            ticket = ticket_for_change(ticket_number(ticket_id), EVERYWHERE)
            dispatch_visit(
                ticket, crew, actor=RULE, now=now, decision=decision, seen_version=version
            )
    except Refused:
        return False
    return True


def _report(ticket_id: int, version: int, choice: Choice, now: datetime) -> int:
    """Write once for each new situation that nobody can go; return the version to look for."""
    if nobody_reported(ticket_id) == tuple(reason.text for reason in choice.reasons):
        return version
    try:
        with transaction():
            ticket = ticket_for_change(ticket_number(ticket_id), EVERYWHERE)
            if ticket.version != version:
                return version
            report_nobody(ticket, choice.reasons, actor=RULE, now=now)
    except Refused:
        return version
    return ticket.version

"""What does a plan ask for now: which crews to send, which tickets wait and for whom?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.look_ahead import DEFAULT_WEIGHTS, look_ahead
from dispatch.domain.outlook import NOBODY
from dispatch.domain.repair_time import mean_left
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_state import ticket_number

if TYPE_CHECKING:
    from dispatch.domain.live_outlook import OnDuty, Pending, Sight
    from dispatch.domain.look_ahead import Weights
    from dispatch.domain.outlook import Flags

_LAST = datetime.max.replace(tzinfo=UTC)
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Send:
    """Send a crew now, away from `left` where it is under way to that one; `row`, `column` of it.

    `changes_mind`: a crew that is under way is turned, or gives way to this one.
    """

    ticket: Pending
    crew: OnDuty
    left: Pending | None
    row: int
    column: int
    changes_mind: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """A ticket waits, for a crew that is at work or (None) until crews can be spared, and why."""

    ticket: Pending
    crew_id: int | None
    why: Sentence


@dataclass(frozen=True, slots=True)
class Round:
    """What to do now, the most urgent first.

    `nobody` are tickets that no free crew may go to; `later` those whose only crews are just sent.
    """

    sends: list[Send]
    waits: list[Wait]
    nobody: list[Pending]
    later: list[Pending]


def plan_round(sight: Sight, now: datetime, weights: Weights = DEFAULT_WEIGHTS) -> Round:
    """Look ahead, and say what follows from it at this instant."""
    seen = sight.seen
    plan = look_ahead(seen, weights)
    crew_of = {int(row): column for column, row in enumerate(plan) if row != NOBODY}
    under_way = {int(row) for row in seen.heading if row != NOBODY}
    idle = np.array([each.is_idle for each in sight.crews], dtype=np.bool_)
    spare = idle & (plan == NOBODY)
    found = Round([], [], [], [])
    for row in sorted(range(seen.tickets), key=lambda at: urgency(sight.tickets[at])):
        ticket, column = sight.tickets[row], crew_of.get(row)
        at_work = column is not None and not np.isnan(seen.on_site[column])
        if column is not None and not at_work:
            if seen.heading[column] != row:
                found.sends.append(_send(sight, row, column, is_replaced=row in under_way))
        elif row in under_way:
            continue
        elif column is not None:
            found.waits.append(_wait_for(sight, row, column, now))
        elif np.any(seen.may_go[row] & spare):
            found.waits.append(Wait(ticket, None, _KEPT))
        else:
            taken = bool(np.any(seen.may_go[row] & idle))
            (found.later if taken else found.nobody).append(ticket)
    return found


def left_over(sight: Sight, found: Round) -> list[OnDuty]:
    """Return the idle crews that are not sent and that no ticket which still waits could use."""
    sent = {send.crew.crew.crew_id for send in found.sends}
    waiting = {id(each.ticket) for each in found.waits} | {id(each) for each in found.later}
    rows = [row for row, each in enumerate(sight.tickets) if id(each) in waiting]
    wanted: Flags = np.any(sight.seen.may_go[rows], axis=0)
    return [
        crew
        for crew, is_wanted in zip(sight.crews, wanted, strict=True)
        if crew.is_idle
        and crew.gives_up is None
        and not is_wanted
        and crew.crew.crew_id not in sent
    ]


def urgency(ticket: Pending) -> tuple[int, datetime, datetime, int]:
    """Order tickets: level, then arrival due, then age."""
    need = ticket.need
    due_at = need.arrive_due_at or _LAST
    return (int(need.level), due_at, need.received_at or _LAST, need.ticket_id)


def _send(sight: Sight, row: int, column: int, *, is_replaced: bool) -> Send:
    crew = sight.crews[column]
    heading = int(sight.seen.heading[column])
    left = None if heading == NOBODY else sight.tickets[heading]
    return Send(
        sight.tickets[row], crew, left, row, column, changes_mind=is_replaced or left is not None
    )


def _wait_for(sight: Sight, row: int, column: int, now: datetime) -> Wait:
    seen, crew = sight.seen, sight.crews[column]
    one = slice(column, column + 1)
    left = mean_left(seen.on_site[one], seen.repair_mean[one], seen.repair_sigma[one])
    there_at = now + timedelta(seconds=float(left[0] + seen.drive[row, column]))
    facts = {
        "crew": crew.crew.name,
        "minutes": max(1, round(float(left[0]) / _MINUTE)),
        "at": there_at,
    }
    why = say(
        "Waits for %(crew)s, which is expected to be free in %(minutes)s min and there by %(at)s",
        **facts,
    )
    if crew.has_told:
        why = say(
            "Waits for %(crew)s, which says that it is free in %(minutes)s min; there by %(at)s",
            **facts,
        )
    return Wait(sight.tickets[row], crew.crew.crew_id, why)


_KEPT = say(
    "Not likely in time any more: it waits until a crew can be spared from calls that still are"
)


def why_turned(send: Send, left: Pending) -> tuple[Sentence, Sentence]:
    """Say why a crew is taken from a ticket: for that ticket, and for the one that gets it."""
    crew = send.crew.crew.name
    new, old = (ticket_number(each.need.ticket_id) for each in (send.ticket, left))
    if send.ticket.need.level == Level.EMERGENCY and left.need.level > Level.EMERGENCY:
        return (
            say("%(crew)s was needed for the emergency %(ticket)s", crew=crew, ticket=new),
            say("An emergency: taken from %(ticket)s, which is less urgent", ticket=old),
        )
    return (
        say("%(crew)s keeps more promises at %(ticket)s", crew=crew, ticket=new),
        say("Turned on its way to %(ticket)s: more promises are kept this way", ticket=old),
    )

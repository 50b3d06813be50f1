"""Who held a ticket at each minute, from the call to the close?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.sentences import Sentence, say
from dispatch.domain.task_state import TaskState
from dispatch.domain.ticket_state import ENDED, WITHOUT_CREW, EventKind, TicketState
from dispatch.domain.visit_state import ROAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime


class HolderKind(StrEnum):
    """Which sort of holder a ticket has; `nobody` while it had ended and was reopened later."""

    DESK = "desk"
    TEAM = "team"
    CREW = "crew"
    DEPARTMENT = "department"
    HOLD = "hold"
    NOBODY = "nobody"


HOLDER_NAMES: dict[HolderKind, Sentence] = {
    HolderKind.DESK: say("Desk"),
    HolderKind.TEAM: say("Team"),
    HolderKind.CREW: say("Crew"),
    HolderKind.DEPARTMENT: say("Other department"),
    HolderKind.HOLD: say("On hold"),
    HolderKind.NOBODY: say("Closed in between"),
}


class Holder(NamedTuple):
    """Who holds a ticket: the id of a team or crew, the reason of a hold, or a task's kind.

    `named` is the department that the task names, where it names one.
    """

    kind: HolderKind
    key: str = ""
    named: str = ""


DESK = Holder(HolderKind.DESK)
NOBODY = Holder(HolderKind.NOBODY)


class Happened(NamedTuple):
    """One event of a ticket, as far as it says who holds the ticket from then on.

    `owner` is the id of the team of a new place, empty for none, None where the place stays.
    """

    at: datetime
    kind: str
    to_state: str | None = None
    visit_id: int | None = None
    crew_id: int | None = None
    owner: str | None = None
    reason: str = ""
    task_id: int | None = None
    task_kind: str = ""
    task_state: str = ""
    department: str = ""


class Correction(NamedTuple):
    """A time that a person mended: of which state, from when to when."""

    step: str
    was: datetime
    now: datetime


class Span(NamedTuple):
    """One stretch of time in one pair of hands; the end is not included."""

    from_at: datetime
    to_at: datetime
    holder: Holder

    @property
    def seconds(self) -> float:
        """Return how long it lasted."""
        return (self.to_at - self.from_at).total_seconds()


class Held(NamedTuple):
    """What one holder adds up to: seconds, and the share of the whole time."""

    holder: Holder
    seconds: float
    share: float


_ROAD = tuple(str(state) for state in ROAD)
_LEAVES = frozenset(
    str(kind)
    for kind in (
        EventKind.DECLINED,
        EventKind.WITHDRAWN,
        EventKind.HANDED_OVER,
        EventKind.CANNOT_COMPLETE,
        EventKind.COMPLETED,
    )
)
_ENTERS = {
    str(EventKind.DISPATCHED): 0,
    str(EventKind.ACKNOWLEDGED): 1,
    str(EventKind.SET_OFF): 2,
    str(EventKind.ARRIVED): 3,
    str(EventKind.STARTED): 4,
}
_WORKED_ON = frozenset({str(TaskState.OPEN), str(TaskState.IN_PROGRESS)})


@dataclass
class _Hands:
    """What is known about a ticket after some of its events."""

    before_crew: frozenset[int]
    state: TicketState = TicketState.RECEIVED
    owner: str = ""
    reason: str = ""
    crews: dict[int, tuple[int, int]] = field(default_factory=dict)
    tasks: dict[int, Happened] = field(default_factory=dict)

    def take_in(self, event: Happened) -> None:
        if event.to_state is not None:
            self.state = TicketState(event.to_state)
        if event.owner is not None:
            self.owner = event.owner
        if event.kind == EventKind.HELD:
            self.reason = event.reason
        if event.task_id is not None:
            self.tasks[event.task_id] = event
        if event.visit_id is None or event.crew_id is None:
            return
        if event.kind in _LEAVES:
            self.crews.pop(event.visit_id, None)
        elif event.kind in _ENTERS:
            self.crews[event.visit_id] = (_ENTERS[event.kind], event.crew_id)

    def holder(self) -> Holder:
        if self.state in ENDED:
            return NOBODY
        if self.state is TicketState.ON_HOLD:
            return Holder(HolderKind.HOLD, self.reason)
        if self.state in _ROAD and self.crews:
            # The crew that is furthest speaks for the ticket; of two equals the one sent first.
            visit = max(self.crews, key=lambda each: (self.crews[each][0], -each))
            return Holder(HolderKind.CREW, str(self.crews[visit][1]))
        return self._department() or self._without_crew()

    def _without_crew(self) -> Holder:
        at_desk = {TicketState.RECEIVED, TicketState.RETURNED, TicketState.COMPLETED}
        if self.owner and self.state not in at_desk:
            return Holder(HolderKind.TEAM, self.owner)
        return DESK

    def _department(self) -> Holder | None:
        """Return whose task the ticket waits for, None where it waits for no task."""
        worked_on = {key: each for key, each in self.tasks.items() if each.task_state in _WORKED_ON}
        if self.state in WITHOUT_CREW:
            waiting = any(
                self.tasks[key].task_state == TaskState.WAITING
                for key in self.before_crew & self.tasks.keys()
            )
            awaited = worked_on if waiting else worked_on.keys() & self.before_crew
        else:
            awaited = worked_on if self.state is TicketState.COMPLETED else {}
        if not awaited:
            return None
        first = worked_on[min(awaited)]
        return Holder(HolderKind.DEPARTMENT, first.task_kind, first.department)


def spans_of(
    events: Iterable[Happened],
    *,
    received_at: datetime,
    now: datetime,
    corrections: Sequence[Correction] = (),
    before_crew: frozenset[int] = frozenset(),
) -> list[Span]:
    """Return who held a ticket, gapless from its receipt to its end, or to `now` while it is open.

    An accepted ticket is its team's, who must find a crew; without a team, returned, and after the
    repair it is the desk's; from dispatch on it is the crew's that is furthest; a pause is a hold
    with its reason; a department's while no crew can go, or the ticket cannot close, before its
    task is settled. The effective times count, corrected ones as corrected. `before_crew` are the
    ids of the tasks that a crew must wait for. Source: product.md, E4.
    """
    hands = _Hands(before_crew)
    holder, since = DESK, received_at
    spans: list[Span] = []
    for event in _in_order(events, corrections):
        hands.take_in(event)
        at = min(max(event.at, received_at), max(now, received_at))
        after = hands.holder()
        if after != holder:
            spans.append(Span(since, at, holder))
            holder, since = after, at
    if hands.state not in ENDED:
        spans.append(Span(since, max(now, received_at), holder))
    return list(_joined(span for span in spans if span.from_at < span.to_at))


def _in_order(events: Iterable[Happened], corrections: Sequence[Correction]) -> list[Happened]:
    mended = [_mended(event, corrections) for event in events]
    return sorted(mended, key=attrgetter("at"))


def _mended(event: Happened, corrections: Sequence[Correction]) -> Happened:
    for each in corrections:
        if event.to_state == each.step and event.at == each.was:
            event = event._replace(at=each.now)
    return event


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Make one of neighbours in the same hands, with nothing of length between them."""
    last: Span | None = None
    for span in spans:
        if last is not None and last.holder == span.holder:
            last = last._replace(to_at=span.to_at)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def held_by(spans: Sequence[Span]) -> list[Held]:
    """Add up the spans of each holder, in the order in which they first held the ticket."""
    seconds: dict[Holder, float] = {}
    for span in spans:
        seconds[span.holder] = seconds.get(span.holder, 0.0) + span.seconds
    whole = sum(seconds.values())
    return [Held(holder, lasted, lasted / whole) for holder, lasted in seconds.items()]


def holder_at(spans: Sequence[Span], at: datetime) -> Holder | None:
    """Return who held the ticket at an instant, None before the receipt or after the end.

    The very end of the last span still belongs to it: a promise may break as a ticket closes.
    """
    for span in spans:
        if span.from_at <= at < span.to_at:
            return span.holder
    return spans[-1].holder if spans and at == spans[-1].to_at else None

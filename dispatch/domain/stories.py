"""What does one ticket's story hold, as far as the figures need it?

A story is read once from the event log and handed to every figure. Instants are the *effective*
times of events; a row's update time has no place here. They may be given in any zone and are kept
in UTC; a time without a zone raises ValueError. None means "not recorded".
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from dispatch.domain.instants import as_utc

Outcome = Literal["duplicate", "solved_by_phone", "answered_by_notice", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStory:
    """One trip of one crew for the ticket, in the order of dispatch.

    `outcome` is "completed", "cannot_complete" or None while it lasts; `cause` is from the closed
    list of causes. `role` is "lead", or "support" for a crew sent to lend a hand. `planned_task`
    is true for a task of another department that was planned before the first crew left. `grade`
    is how well the arrival is proven, by the evidence as it stands now; None where nobody graded.
    `given_back` is true when the crew declined it, was called off or handed it over.
    """

    arrived_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    cause: str | None = None
    crew: str | None = None
    role: str = "lead"
    planned_task: bool = False
    grade: str | None = None
    given_back: bool = False

    TIMES: ClassVar[tuple[str, ...]] = ("arrived_at", "ended_at")

    def __post_init__(self) -> None:
        _keep_in_utc(self, self.TIMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStory:
    """One follow-up: a question put to one reporter, with the answer if there was one.

    `answered_at` None is silence, or with `refused` a person who did not want to be asked. `fixed`
    None after an answer is "rather not say"; satisfied None is a score that was skipped.
    """

    asked_at: datetime
    answered_at: datetime | None = None
    fixed: bool | None = None
    process_satisfied: bool | None = None
    result_satisfied: bool | None = None
    refused: bool = False

    TIMES: ClassVar[tuple[str, ...]] = ("asked_at", "answered_at")

    def __post_init__(self) -> None:
        _keep_in_utc(self, self.TIMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketStory:
    """One ticket from the ring to the close. Degrees are WGS-84; holds are seconds.

    `dispatched_at` … `working_at` are the first of their kind. `held_seconds` is the time on hold
    before the first arrival (before now, while nobody has arrived); `held_seconds_total` that
    before completion; two holds that overlap count once. `flags` names faults in the ticket's own
    times, such as "closes_before_opening": a flagged ticket is kept and counted, and left out of
    every duration. `contacts_by_reporter` is the largest number of contacts by one reporter,
    `reports` all contacts, `duplicates` the tickets merged into this one, `teams` and `crews` how
    many of them took it on, `auto` whether a rule chose the first crew, `override` whether a person
    overruled it.
    """

    number: str
    received_at: datetime
    kind: str = "repair"
    category: str = "other"
    level: int | None = None
    grid: str | None = None
    team: str | None = None
    household: str | None = None
    lat: float | None = None
    lon: float | None = None
    located: bool = True
    storm: bool = False
    imported: bool = False
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    dispatched_at: datetime | None = None
    acknowledged_at: datetime | None = None
    en_route_at: datetime | None = None
    arrived_at: datetime | None = None
    working_at: datetime | None = None
    restored_at: datetime | None = None
    completed_at: datetime | None = None
    verified_at: datetime | None = None
    closed_at: datetime | None = None
    arrive_due_at: datetime | None = None
    repair_due_at: datetime | None = None
    call_back_due_at: datetime | None = None
    called_back_at: datetime | None = None
    held_seconds: float = 0.0
    held_seconds_total: float = 0.0
    outcome: Outcome | None = None
    flags: frozenset[str] = frozenset()
    returns: int = 0
    dispatches: int = 0
    reopened: int = 0
    reports: int = 0
    duplicates: int = 0
    contacts_by_reporter: int = 0
    override: bool = False
    auto: bool = False
    teams: int = 0
    crews: int = 0
    visits: tuple[VisitStory, ...] = ()
    answers: tuple[AnswerStory, ...] = ()

    TIMES: ClassVar[tuple[str, ...]] = (
        "received_at",
        "rang_at",
        "answered_at",
        "dispatched_at",
        "acknowledged_at",
        "en_route_at",
        "arrived_at",
        "working_at",
        "restored_at",
        "completed_at",
        "verified_at",
        "closed_at",
        "arrive_due_at",
        "repair_due_at",
        "call_back_due_at",
        "called_back_at",
    )

    def __post_init__(self) -> None:
        _keep_in_utc(self, self.TIMES)

    @property
    def evidence(self) -> str | None:
        """Tell how well the first arrival of a ticket is proven; figures can be split by it.

        Formula: the grade of the first visit that arrived, by its evidence as it stands now. Two of
        three confirm: the crew's tap, a stay of its phone at the place, a code, signature or photo
        from there. One alone leaves it told by the crew only, or seen by its phone only; a position
        clearly elsewhere contradicts it.
        In: every ticket.
        Out: nothing. Tickets without a graded arrival are a row of their own: open ones, whose
        broken promises count there as missed, and imported ones.
        """
        first = min(
            (visit for visit in self.visits if visit.arrived_at is not None),
            key=lambda visit: visit.arrived_at or self.received_at,
            default=None,
        )
        return first.grade if first else None


def _keep_in_utc(story: Any, names: tuple[str, ...]) -> None:
    """Bring the named times of a new story to UTC, where comparing and subtracting are right."""
    for name in names:
        at = getattr(story, name)
        if at is not None and at.tzinfo is not UTC:
            object.__setattr__(story, name, as_utc(at))

"""What does a call-taker tell somebody whose fault is known already?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import TicketState

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.sentences import Sentence

_METRES_PER_KM = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFault:
    """An open ticket as a caller may hear of it; `metres` from its crew to the place.

    `callers` counts the one on the line, too; `promised_at` is when a crew was to be there.
    """

    number: str
    callers: int
    state: TicketState
    promised_at: datetime | None = None
    crew: str | None = None
    is_moving: bool = False
    arrived_at: datetime | None = None
    expected_at: datetime | None = None
    metres: int | None = None
    until_at: datetime | None = None


def words_for_caller(known: KnownFault, now: datetime) -> Sentence:
    """Say that the fault is known, where the crew is, and when it comes; honest when it is late."""
    return say(
        "Tell the caller: we know of it already, as %(number)s; %(callers)s have called. %(where)s",
        number=known.number,
        callers=known.callers,
        where=_where(known, now),
    )


def _where(known: KnownFault, now: datetime) -> Sentence:
    if known.state is TicketState.ON_HOLD:
        return _on_hold(known)
    if known.state is TicketState.COMPLETED:
        return say("The crew says that it is fixed: ask whether it is so where the caller is.")
    if known.crew is None:
        return _without_crew(known, now)
    if known.arrived_at is not None:
        return say(
            "Crew %(crew)s has been there since %(time)s.", crew=known.crew, time=known.arrived_at
        )
    return _on_its_way(known, now)


def _on_hold(known: KnownFault) -> Sentence:
    if known.until_at is None:
        return say("The work is paused; the desk goes on with it as soon as it can.")
    return say("The work is paused until %(time)s.", time=known.until_at)


def _without_crew(known: KnownFault, now: datetime) -> Sentence:
    if known.promised_at is None:
        return say("A crew is being chosen.")
    if known.promised_at < now:
        return say(
            "No crew is there yet, though we promised one by %(time)s: say that we are sorry.",
            time=known.promised_at,
        )
    return say("A crew is being chosen; we promise one by %(time)s.", time=known.promised_at)


def _on_its_way(known: KnownFault, now: datetime) -> Sentence:
    crew = _where_the_crew_is(known)
    if known.expected_at is None or known.expected_at < now:
        if known.promised_at is None or known.promised_at < now:
            return say("%(crew)s; the desk asks when it comes.", crew=crew)
        return say("%(crew)s; we promise it by %(time)s.", crew=crew, time=known.promised_at)
    if known.promised_at is not None and known.expected_at > known.promised_at:
        return say(
            "%(crew)s, expected at %(time)s and not by %(promised)s as we promised.",
            crew=crew,
            time=known.expected_at,
            promised=known.promised_at,
        )
    return say("%(crew)s, expected at %(time)s.", crew=crew, time=known.expected_at)


def _where_the_crew_is(known: KnownFault) -> Sentence:
    if not known.is_moving:
        return say("Crew %(crew)s has been chosen", crew=known.crew)
    if known.metres is None:
        return say("Crew %(crew)s is on its way", crew=known.crew)
    if known.metres < _METRES_PER_KM:
        return say(
            "Crew %(crew)s is on its way, %(metres)s m from there",
            crew=known.crew,
            metres=known.metres,
        )
    return say(
        "Crew %(crew)s is on its way, %(km)s km from there",
        crew=known.crew,
        km=f"{known.metres / _METRES_PER_KM:.1f}",
    )

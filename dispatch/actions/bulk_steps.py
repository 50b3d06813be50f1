"""What does a step that is asked for many tickets at once do to each one of them?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from dispatch.actions.steps import STEPS, take_step
from dispatch.actions.telling import take_message_back, tell_reporters_of
from dispatch.actions.ticket_log import check_version
from dispatch.domain.assignment import choose
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed
from dispatch.domain.look_ahead import DEFAULT_WEIGHTS
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.queries.candidates import NOT_ASKED, candidates_for, need_of
from dispatch.queries.visits import active_visits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from dispatch.domain.look_ahead import Weights
    from dispatch.domain.permissions import Actor
    from dispatch.domain.travel import Leg
    from dispatch.models.tickets import Ticket, Visit

SINGLE_STEP = {
    "dispatch": "dispatch",
    "redispatch": "dispatch",
    "merge": "merge",
    "close": "close",
    "cancel": "cancel",
    "note": "note",
    "withdraw": "withdraw",
    "separate": "separate",
    "reopen": "reopen",
}
"""The single step behind each step for many, whose permission it needs."""

SENDS = frozenset({"dispatch", "redispatch"})
WRITES = frozenset({"message", "unsend"})
"""Steps to the reporters; there is no single one behind them, and `args` hold the `message`."""
APPEND_ONLY = frozenset({"note", *WRITES})
"""Steps that no other change can make wrong, so they need no version."""


class Undo(NamedTuple):
    """The step for many that takes this one back, with the crew it sends or the message's key."""

    step: str
    crew_id: int | None = None
    message_key: str | None = None


class Taken(NamedTuple):
    """What a step did to one ticket: the crew that it sent, the way back, whom it wrote to."""

    crew_id: int | None = None
    undo: Undo | None = None
    recipients: int | None = None


@dataclass(frozen=True)
class Wish:
    """What is asked of each ticket, by whom and when; `drives` are those to this one."""

    step: str
    args: dict[str, Any]
    actor: Actor
    now: datetime
    seen_version: int | None = None
    crew_id: int | None = None
    drives: Mapping[int, Leg] = field(default_factory=lambda: NOT_ASKED)
    weights: Weights = DEFAULT_WEIGHTS


def check_may(step: str, actor: Actor) -> None:
    """Refuse a step for many to whom the single step is refused.

    Raises:
        NotAllowed: when the asker's role may not take it.
    """
    needed = Permission.DISPATCH if step in WRITES else STEPS[SINGLE_STEP[step]].permission
    if not actor.can(needed):
        raise NotAllowed(say("Your role may not take this step. Ask a dispatcher."))


def check_args(step: str, args: Mapping[str, Any]) -> None:
    """Refuse a step without what it needs, before any ticket is touched.

    Raises:
        Invalid: naming the field that is missing.
    """
    if step == "merge" and not args.get("into"):
        fault = say("Name the ticket that stays.")
        raise Invalid(fault, fields={"into": fault})
    if step == "note" and not args.get("note"):
        fault = say("Write the note first.")
        raise Invalid(fault, fields={"note": fault})
    if step in {"close", "cancel", "reopen", "withdraw"} and not args.get("reason"):
        fault = say("Give a reason.")
        raise Invalid(fault, fields={"reason": fault})


def take_for_one(ticket: Ticket, wish: Wish) -> Taken:
    """Take the step on one ticket, inside the caller's transaction.

    Raises:
        Refused: whatever the single step refuses; a crew is neither sent twice by `dispatch` nor
            sent anew by `redispatch` where none is.
    """
    check_version(ticket, wish.seen_version)
    if wish.step in SENDS:
        return _send(ticket, wish)
    if wish.step in WRITES:
        return _write(ticket, wish)
    _single(ticket, wish, wish.args)
    undo = _UNDO.get(wish.step)
    return Taken(undo=undo and undo(ticket))


_UNDO: dict[str, Callable[[Ticket], Undo]] = {
    "merge": lambda _ticket: Undo("separate"),
    "close": lambda _ticket: Undo("reopen"),
    "cancel": lambda _ticket: Undo("reopen"),
}


def _write(ticket: Ticket, wish: Wish) -> Taken:
    message = wish.args["message"]
    if wish.step == "unsend":
        count = take_message_back(ticket, message, actor=wish.actor, now=wish.now)
        return Taken(recipients=count)
    count = tell_reporters_of(ticket, message, actor=wish.actor, now=wish.now)
    return Taken(undo=Undo("unsend", message_key=message.key), recipients=count)


def _single(ticket: Ticket, wish: Wish, args: dict[str, Any]) -> None:
    take_step(
        ticket,
        SINGLE_STEP[wish.step],
        args,
        actor=wish.actor,
        now=wish.now,
        seen_version=wish.seen_version,
        drives=wish.drives,
        weights=wish.weights,
    )
    db.session.flush()


def _send(ticket: Ticket, wish: Wish) -> Taken:
    before = _lead_of(ticket)
    if wish.step == "dispatch" and before is not None:
        raise Forbidden(say("A crew was sent to this ticket already. Send another instead."))
    if wish.step == "redispatch" and before is None:
        raise Forbidden(say("No crew is on this ticket. Send one first."))
    crew_id, why = wish.crew_id, wish.args.get("reason")
    if crew_id is None:
        crew_id, why = _best_for(ticket, wish), None
    _single(ticket, wish, {"crew_id": crew_id, "override_reason": why})
    undo = Undo("withdraw") if before is None else Undo("redispatch", before.crew_id)
    return Taken(crew_id, undo)


def _best_for(ticket: Ticket, wish: Wish) -> int:
    """Return the crew that the rule would send now; one that is on a ticket already is not free."""
    candidates = candidates_for(ticket, wish.now, wish.drives)
    choice = choose(need_of(ticket), candidates, weights=wish.weights)
    if choice.crew_id is None:
        what, why, *_ = choice.reasons
        raise Forbidden(say("%(what)s. %(why)s.", what=what, why=why))
    return choice.crew_id


def _lead_of(ticket: Ticket) -> Visit | None:
    visits = active_visits_of(ticket.id)
    return next((each for each in visits if each.crew_role == "lead"), None)

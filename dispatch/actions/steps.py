"""Which named steps can a person or a program ask for, and what does each one need?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dispatch.actions import (
    calling_back,
    corrections,
    dispatching,
    endings,
    holds,
    intake,
    merging,
    pinning,
    placing,
    relief,
    resident_codes,
    site_facts,
    visits,
)
from dispatch.actions.details import MENDABLE, change_details
from dispatch.actions.disputes import NewDispute, Whose
from dispatch.actions.ticket_log import JUST_NOW, Told, check_version
from dispatch.domain.assignment import choose
from dispatch.domain.call_back import CallOutcome
from dispatch.domain.checklists import TickList
from dispatch.domain.errors import Invalid, NotAllowed, NotFound
from dispatch.domain.field_commands import RELIEVING
from dispatch.domain.look_ahead import DEFAULT_WEIGHTS
from dispatch.domain.next_visit import check_needs
from dispatch.domain.permissions import Permission, Role
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.written_reasons import expected_there, written_basis, written_reasons
from dispatch.queries.candidates import NOT_ASKED, candidates_for, need_of
from dispatch.queries.relief import visit_asking
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.visits import active_visit_of, crew_for_change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dispatch.domain.look_ahead import Weights
    from dispatch.domain.permissions import Actor
    from dispatch.domain.travel import Leg
    from dispatch.models.people import Crew
    from dispatch.models.tickets import Ticket, Visit


@dataclass(frozen=True)
class Request:
    """One asked-for step: on what, with which values, by whom, when.

    `drives` are those that a source of travel times was asked for beforehand, by crew; `weights`
    say which crew the rule would send; `relieves`: the visit is the one that asks to be relieved.
    """

    ticket: Ticket
    args: dict[str, Any]
    actor: Actor
    now: datetime
    told: Told
    seen_version: int | None
    drives: Mapping[int, Leg] = field(default_factory=dict)
    weights: Weights = DEFAULT_WEIGHTS
    relieves: bool = False

    @property
    def by(self) -> dict[str, Any]:
        """Return who, when, how it is known and which version was seen, for an action."""
        return {
            "actor": self.actor,
            "now": self.now,
            "told": self.told,
            "seen_version": self.seen_version,
        }

    @property
    def by_desk(self) -> dict[str, Any]:
        """Return the same for an action that is always told "just now"."""
        return {"actor": self.actor, "now": self.now, "seen_version": self.seen_version}

    def text(self, name: str) -> str:
        """Return a text argument, empty when absent."""
        return str(self.args.get(name) or "")

    def visit(self) -> Visit:
        """Return the visit under way: the asker's own crew's, else the one named or leading."""
        if self.actor.role is Role.CREW:
            return active_visit_of(self.ticket.id, self.actor.crew_id or 0)
        crew_id = self.args.get("crew_id")
        asking = visit_asking(self.ticket.id) if self.relieves and crew_id is None else None
        return asking or active_visit_of(self.ticket.id, crew_id)

    def instant(self, name: str) -> datetime | None:
        """Return an instant, None when absent; raises Invalid for one without a zone."""
        at = self.args.get(name)
        if at is None or (isinstance(at, datetime) and at.tzinfo is not None):
            return at
        fault = say("Give the right time with its zone.")
        raise Invalid(fault, fields={name: fault})

    def whole(self, name: str) -> int | None:
        """Return a whole number, None for anything else."""
        value = self.args.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True)
class Step:
    """What one step does, and who may ask for it; `on_visit` steps a dispatcher does for a crew."""

    permission: Permission
    do: Callable[[Request], object]
    on_visit: bool = False


def _dispatch(request: Request) -> object:
    crew_id = request.whole("crew_id")
    if crew_id is None:
        fault = say("Name the crew to send.")
        raise Invalid(fault, fields={"crew_id": fault})
    check_version(request.ticket, request.seen_version)
    crew = crew_for_change(crew_id, request.actor.scope)
    decision = _by_hand(request, crew)
    return dispatching.dispatch_visit(request.ticket, crew, decision=decision, **request.by)


def _by_hand(request: Request, crew: Crew) -> dispatching.Decision:
    """Keep the same reasons as the rule would; another choice than the rule's needs its own."""
    role = request.text("crew_role") or "lead"
    why = request.text("override_reason").strip() or None
    candidates = candidates_for(request.ticket, request.now, request.drives)
    choice = choose(need_of(request.ticket), candidates, weights=request.weights)
    if role == "lead" and choice.crew_id != crew.id and why is None:
        fault = say("This is not the crew that the rule would send. Give a reason.")
        raise Invalid(fault, fields={"override_reason": fault})
    overrides = choice.crew_id != crew.id
    chosen = replace(choice, crew_id=crew.id, reasons=() if overrides else choice.reasons)
    return dispatching.Decision(
        reasons=written_reasons(chosen, candidates),
        eta_at=expected_there(crew.id, candidates),
        eta_basis=written_basis(crew.id, candidates),
        override_reason=why if overrides else None,
        crew_role=role,
    )


def _merge(request: Request) -> None:
    into = ticket_for_change(request.text("into"), request.actor.scope)
    merging.merge_ticket(request.ticket, into, **request.by)


def _separate(request: Request) -> None:
    if request.ticket.parent_id is None:
        raise NotFound(say("This ticket is not a duplicate of another."))
    parent = ticket_for_change(ticket_number(request.ticket.parent_id), request.actor.scope)
    merging.separate_ticket(request.ticket, parent, **request.by_desk)


def _place(request: Request) -> None:
    args = request.args
    if not (_is_number(args.get("lat")) and _is_number(args.get("lon"))):
        fault = say("Give the latitude and the longitude.")
        raise Invalid(fault, fields={"lat": fault})
    given = placing.GivenPlace(
        lat=args["lat"],
        lon=args["lon"],
        datum=request.text("datum") or "wgs84",
        source=request.text("place_source") or "pin",
        accuracy_metres=args.get("accuracy_metres"),
    )
    placing.place_ticket(request.ticket, given, address=args.get("address"), **request.by)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _correct(request: Request) -> None:
    at = request.instant("at")
    if at is None:
        fault = say("Give the right time with its zone.")
        raise Invalid(fault, fields={"at": fault})
    corrections.correct_time(
        request.ticket,
        request.text("step"),
        at,
        reason=request.text("reason"),
        **request.by_desk,
    )


def _level(request: Request) -> None:
    level = request.whole("level")
    if level is None:
        fault = say("The level is a whole number from 1 to 4.")
        raise Invalid(fault, fields={"level": fault})
    intake.change_level(request.ticket, level, reason=request.text("reason"), **request.by_desk)


def _return(request: Request) -> None:
    whose = Whose(request.whole("team_id"), request.text("department"))
    ground = request.text("ground")
    dispute = NewDispute(ground, whose) if ground else None
    holds.return_ticket(
        request.ticket, reason=request.text("reason"), dispute=dispute, **request.by
    )


def _close(request: Request) -> None:
    endings.close_ticket(request.ticket, reason=request.text("reason"), **request.by)


def _call_back(request: Request) -> None:
    calling_back.call_back(
        request.ticket,
        outcome=request.text("outcome") or CallOutcome.REACHED,
        note=request.text("note"),
        **request.by,
    )


def _details(request: Request) -> None:
    changes = {name: request.args[name] for name in MENDABLE if name in request.args}
    change_details(request.ticket, changes, **request.by_desk)


def _reasoned(action: Callable[..., object]) -> Callable[[Request], object]:
    return lambda asked: action(asked.ticket, reason=asked.text("reason"), **asked.by)


def _pin(*, pinned: bool) -> Callable[[Request], object]:
    return lambda asked: pinning.pin_ticket(
        asked.ticket, pinned=pinned, reason=asked.text("reason"), **asked.by_desk
    )


def _on_visit(action: Callable[..., object], *names: str) -> Callable[[Request], object]:
    return lambda asked: action(
        asked.ticket, asked.visit(), **{name: asked.text(name) for name in names}, **asked.by
    )


def _ticked_before(
    action: Callable[..., object], tick_list: TickList, *names: str
) -> Callable[[Request], object]:
    """Take a step of a visit that names what should have been ticked by then."""

    def do(asked: Request) -> object:
        visit, words = asked.visit(), {name: asked.text(name) for name in names}
        told = site_facts.with_unticked(asked.ticket, visit, asked.told, asked.actor, tick_list)
        return action(asked.ticket, visit, **words, **asked.by | {"told": told})

    return do


def _cannot_complete(request: Request) -> None:
    """End the visit; what the next one needs is checked first, and is a fact of its own."""
    check_needs(request.args.get("parts"), request.args.get("needs"))
    _on_visit(visits.cannot_complete, "cause", "note")(request)
    site_facts.add_needs(
        request.ticket, request.args, actor=request.actor, now=request.now, told=request.told
    )


def _hand_over(request: Request) -> None:
    to = request.whole("to_crew_id")
    wish = relief.Wish(request.text("reason"), request.text("note"), to)
    relief.ask_relief(request.ticket, request.visit(), wish, **request.by)


def _relieve(action: Callable[..., object], *names: str) -> Callable[[Request], object]:
    """Answer for the crew that was asked: a crew for itself, the desk for any."""

    def do(asked: Request) -> object:
        own = asked.actor.role is Role.CREW
        crew_id = (asked.actor.crew_id or 0) if own else asked.whole("crew_id")
        words = {name: asked.text(name) for name in names}
        return action(asked.ticket, crew_id, **words, **asked.by)

    return do


def _fact(kind: str) -> Callable[[Request], object]:
    return lambda asked: site_facts.add_fact(
        asked.ticket,
        kind,
        asked.args,
        actor=asked.actor,
        now=asked.now,
        told=asked.told,
        for_crew_id=asked.whole("crew_id"),
        visit_id=asked.whole("visit_id"),
    )


P = Permission
FIELD = P.DO_FIELD_WORK

OWN_VISIT_ONLY = frozenset({"restore", "return"})
"""Steps of the whole ticket that a crew takes only while it is on it."""

_NOT_FOR_ITS_VISIT = RELIEVING | {"restore", *site_facts.SITE_FACTS}

STEPS: dict[str, Step] = {
    "acknowledge": Step(FIELD, _on_visit(visits.acknowledge), on_visit=True),
    "set-off": Step(FIELD, _on_visit(visits.set_off), on_visit=True),
    "arrive": Step(FIELD, _on_visit(visits.arrive), on_visit=True),
    "start": Step(FIELD, _ticked_before(visits.start_work, TickList.SAFETY), on_visit=True),
    "restore": Step(
        FIELD, lambda asked: visits.restore_supply(asked.ticket, **asked.by), on_visit=True
    ),
    "complete": Step(
        FIELD, _ticked_before(visits.complete_visit, TickList.CHECK, "note"), on_visit=True
    ),
    "cannot-complete": Step(FIELD, _cannot_complete, on_visit=True),
    "decline": Step(FIELD, _on_visit(dispatching.decline_visit, "reason"), on_visit=True),
    "hand-over": Step(FIELD, _hand_over, on_visit=True),
    "take-back": Step(FIELD, _on_visit(relief.take_back), on_visit=True),
    "take-over": Step(FIELD, _relieve(relief.take_over), on_visit=True),
    "refuse-hand-over": Step(FIELD, _relieve(relief.decline_relief, "reason"), on_visit=True),
    "dispatch": Step(P.DISPATCH, _dispatch),
    "pin": Step(P.DISPATCH, _pin(pinned=True)),
    "unpin": Step(P.DISPATCH, _pin(pinned=False)),
    "withdraw": Step(P.DISPATCH, _on_visit(dispatching.withdraw_visit, "reason")),
    "hold": Step(
        P.HOLD_TICKET,
        lambda asked: holds.hold_ticket(
            asked.ticket,
            reason=asked.text("reason"),
            until_at=asked.instant("until_at"),
            **asked.by,
        ),
    ),
    "release": Step(P.HOLD_TICKET, lambda asked: holds.release_hold(asked.ticket, **asked.by)),
    "return": Step(P.RETURN_TICKET, _return),
    "call-back": Step(P.TAKE_CALL, _call_back),
    "solve-by-phone": Step(P.TAKE_CALL, _reasoned(endings.solve_by_phone)),
    "cancel": Step(P.CLOSE_TICKET, _reasoned(endings.cancel_ticket)),
    "close": Step(P.CLOSE_TICKET, _close),
    "reopen": Step(P.CLOSE_TICKET, _reasoned(endings.reopen_ticket)),
    "level": Step(P.PLACE_TICKET, _level),
    "details": Step(P.PLACE_TICKET, _details),
    "place": Step(P.PLACE_TICKET, _place),
    "merge": Step(P.TAKE_CALL, _merge),
    "separate": Step(P.TAKE_CALL, _separate),
    "correct-time": Step(P.CORRECT_TIME, _correct),
    "note": Step(
        P.WRITE_NOTE,
        lambda asked: intake.add_note(
            asked.ticket, asked.text("note"), actor=asked.actor, now=asked.now, told=asked.told
        ),
    ),
    "code": Step(
        FIELD,
        lambda asked: resident_codes.add_code(
            asked.ticket, asked.text("code"), actor=asked.actor, now=asked.now, told=asked.told
        ),
    ),
} | {kind: Step(FIELD, _fact(kind), on_visit=True) for kind in site_facts.SITE_FACTS}


def take_step(
    ticket: Ticket,
    step: str,
    args: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
    drives: Mapping[int, Leg] = NOT_ASKED,
    weights: Weights = DEFAULT_WEIGHTS,
) -> None:
    """Take one step by its name; a dispatcher's field step is marked as done for the crew.

    Raises:
        NotFound: when there is no such step.
        NotAllowed: when the asker's role may not take it.
        Refused: whatever the action itself refuses.
    """
    if step not in STEPS:
        fault = say("There is no step “%(step)s”.", step=step)
        raise NotFound(fault, fields={"step": fault}, facts={"steps": sorted(STEPS)})
    known = STEPS[step]
    for_crew = known.on_visit and not actor.can(known.permission)
    if not actor.can(Permission.ACT_FOR_CREW if for_crew else known.permission):
        raise NotAllowed(say("Your role may not take this step. Ask a dispatcher."))
    relieves = step in {"hand-over", "take-back"}
    request = Request(ticket, args, actor, now, told, seen_version, drives, weights, relieves)
    if for_crew and step not in _NOT_FOR_ITS_VISIT:
        told = replace(told, acting_for_crew_id=request.visit().crew_id)
        request = replace(request, told=told)
    if actor.role is Role.CREW and step in OWN_VISIT_ONLY:
        request.visit()
    known.do(request)

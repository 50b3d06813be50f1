"""How does a program read tickets and move them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify
from werkzeug.exceptions import PreconditionRequired

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.revealing import reveal_reporter
from dispatch.actions.steps import STEPS, take_step
from dispatch.actions.unit_of_work import transaction
from dispatch.api.drives import drives_to, road_to
from dispatch.api.paging import read_cursor, write_cursor
from dispatch.api.parsing import ApiBlueprint, idempotency_key, seen_version
from dispatch.api.wording import in_words
from dispatch.domain.assignment import choose
from dispatch.domain.field_commands import FACTS
from dispatch.domain.permissions import Permission
from dispatch.queries.candidates import NOT_ASKED, candidates_for, need_of
from dispatch.queries.events import events_of, reports_of
from dispatch.queries.last_said import pinned_by
from dispatch.queries.responsibility import responsibility
from dispatch.queries.tickets import (
    TicketFilters,
    lock_merging,
    ticket_for_change,
    ticket_page,
    ticket_row,
    ticket_seen,
)
from dispatch.schemas.replies import (
    CandidatesReply,
    EventsReply,
    OneTicketReply,
    ReportsReply,
    RevealedReply,
    RoadReply,
    TicketsReply,
)
from dispatch.schemas.responsibility import ResponsibilityReply
from dispatch.schemas.tickets import RevealShape, StepArguments, TicketQuery

if TYPE_CHECKING:
    from dispatch.domain.candidates import Candidate
    from dispatch.domain.look_ahead import Weights

blueprint = ApiBlueprint(
    "tickets",
    __name__,
    url_prefix="/api/v1",
    description="Faults from the call to the close, and the steps that move them",
)

APPEND_ONLY = FACTS
"""Steps that no other change can make wrong, so they need no version."""
MERGING = frozenset({"merge", "separate"})
_METRE_DIGITS = 5


@blueprint.gets("/tickets")
@requires(Permission.SEE_TICKETS)
@blueprint.reads(TicketQuery, "query")
@blueprint.answers(200, TicketsReply)
def list_tickets(asked: dict[str, Any]) -> Response:
    """List tickets, the newest call first."""
    personal = current_actor().can(Permission.SEE_PERSONAL)
    page = ticket_page(
        current_scope(),
        _filters(asked, personal=personal),
        limit=asked["limit"],
        after=read_cursor(asked["cursor"]),
    )
    rows = [for_reader(row, personal=personal) for row in page.rows]
    return jsonify({"tickets": rows, "next": write_cursor(page.next_after)})


def _filters(asked: dict[str, Any], *, personal: bool) -> TicketFilters:
    return TicketFilters(
        states=asked["state"],
        grid=asked["grid"],
        team=asked["team"],
        crew_id=asked["crew"],
        level=asked["level"],
        category=asked["category"],
        since=asked["since"],
        before=asked["before"],
        changed_since=asked["changed_since"],
        open_only=asked["open"],
        imported=asked["imported"],
        search=asked["q"],
        search_phones=personal,
    )


@blueprint.gets("/tickets/<number>")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, OneTicketReply)
def one_ticket(number: str) -> Response:
    """Return one ticket, with why each crew was chosen."""
    ticket = _read(number)
    answer = jsonify({"ticket": ticket})
    answer.headers["ETag"] = f'"{ticket["version"]}"'
    return answer


@blueprint.gets("/tickets/<number>/events")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, EventsReply)
def ticket_events(number: str) -> Response:
    """Return the story of a ticket, oldest first."""
    ticket = ticket_seen(number, current_scope())
    personal = current_actor().can(Permission.SEE_PERSONAL)
    return jsonify({"events": events_of(ticket, personal=personal)})


@blueprint.gets("/tickets/<number>/responsibility")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, ResponsibilityReply)
def ticket_responsibility(number: str) -> Response:
    """Return who held a ticket in each span, and who when a promise broke."""
    ticket = ticket_seen(number, current_scope())
    return jsonify({"responsibility": responsibility(ticket, current_time())})


@blueprint.gets("/tickets/<number>/reports")
@requires(Permission.SEE_PERSONAL)
@blueprint.answers(200, ReportsReply)
def ticket_reports(number: str) -> Response:
    """Return who reported the fault; names and telephone numbers are masked."""
    return jsonify({"reports": reports_of(ticket_seen(number, current_scope()))})


@blueprint.posts("/tickets/<number>/reveal")
@requires(Permission.SEE_PERSONAL)
@blueprint.reads(RevealShape)
@blueprint.answers(200, RevealedReply)
def reveal(asked: dict[str, Any], number: str) -> Response:
    """Show a reporter's name and number; who looked and why is written down."""
    actor, now = current_actor(), current_time()
    with transaction():
        ticket = ticket_for_change(number, actor.scope)
        seen = reveal_reporter(
            ticket, asked["report"], reason=asked["reason"], actor=actor, now=now
        )
    return jsonify({"report": {"id": seen.id, "name": seen.name, "phone": seen.phone}})


@blueprint.gets("/tickets/<number>/candidates")
@requires(Permission.DISPATCH)
@blueprint.answers(200, CandidatesReply)
def ticket_candidates(number: str) -> Response:
    """Return every crew as it stands now for a ticket, the one that the rule would send first."""
    now = current_time()
    drives = drives_to(number, current_scope(), now)
    ticket = ticket_seen(number, current_scope())
    found = candidates_for(ticket, now, drives.by_crew)
    best = choose(need_of(ticket), found, weights=_weights()).crew_id
    found.sort(key=lambda each: each.crew_id != best)
    return jsonify(
        {
            "candidates": [_candidate(each, best) for each in found],
            "travel_note": drives.note,
            "planner_note": pinned_by(ticket),
        }
    )


@blueprint.gets("/tickets/<number>/road")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, RoadReply)
def ticket_road(number: str) -> Response:
    """Return the streets that the ticket's crew drives from where it is now."""
    found = road_to(number, current_scope(), current_time())
    if found is None or found.places is None:
        return jsonify({"crew_id": found and found.crew_id, "source": None, "points": None})
    points = found.places.round(_METRE_DIGITS).tolist()
    return jsonify({"crew_id": found.crew_id, "source": found.source, "points": points})


def _weights() -> Weights:
    weights: Weights = current_app.config["SETTINGS"].planner_weights
    return weights


def _candidate(candidate: Candidate, best: int | None) -> dict[str, Any]:
    return {
        "is_best": candidate.crew_id == best,
        "crew_id": candidate.crew_id,
        "crew": candidate.name,
        "eta_seconds": candidate.eta_seconds,
        "arrives_at": candidate.arrives_at,
        "makes_promise": candidate.makes_promise,
        "chance": candidate.chance,
        "eta_source": candidate.eta_source,
        "excluded_by": candidate.excluded_by,
        "home": candidate.home,
        "neighbour": candidate.neighbour,
        "metres": candidate.metres,
        "visits": candidate.visits,
        "reasons": list(candidate.reasons),
    }


@blueprint.posts("/tickets/<number>/<step>")
@requires(Permission.SEE_TICKETS)
@blueprint.reads(StepArguments)
@blueprint.answers(200, OneTicketReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def step(asked: dict[str, Any], number: str, step: str) -> Response:
    """Take one step of a ticket, such as dispatch, arrive, hold, return or close."""
    key, version = idempotency_key(), seen_version()
    if version is None and step in STEPS and step not in APPEND_ONLY:
        raise PreconditionRequired
    actor, now = current_actor(), current_time()
    drives = drives_to(number, actor.scope, now).by_crew if step == "dispatch" else NOT_ASKED

    def take() -> tuple[int, dict[str, Any]]:
        if step in MERGING:
            lock_merging(number, asked.get("into") or "")
        ticket = ticket_for_change(number, actor.scope)
        take_step(
            ticket,
            step,
            asked,
            actor=actor,
            now=now,
            seen_version=version,
            drives=drives,
            weights=_weights(),
        )
        return 200, in_words({"ticket": _read(number)})

    with transaction():
        done = once(
            f"step/{actor.user_id}",
            key,
            {"number": number, "step": step, "version": version, "args": asked},
            now=now,
            do=take,
        )
    return replied(done.status, done.reply, replayed=done.replayed)


def replied(status: int, reply: dict[str, Any], *, replayed: bool) -> Response:
    """Return a reply that may have been given before, and says so."""
    answer = jsonify(reply)
    answer.status_code = status
    if replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    version = reply.get("ticket", {}).get("version")
    if version is not None:
        answer.headers["ETag"] = f'"{version}"'
    return answer


def _read(number: str) -> dict[str, Any]:
    personal = current_actor().can(Permission.SEE_PERSONAL)
    return for_reader(ticket_row(number, current_scope()), personal=personal)


def for_reader(ticket: dict[str, Any], *, personal: bool) -> dict[str, Any]:
    """Return a ticket without the free notes of its visits where the reader may not see them."""
    if not personal:
        for visit in ticket["visits"]:
            visit["note"] = None
    return ticket

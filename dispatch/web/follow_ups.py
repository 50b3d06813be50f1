"""How does the desk, and how does a manager, call reporters one after the other?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request
from flask_babel import gettext

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.follow_ups import (
    Said,
    claim,
    nobody_answered,
    refuse_to_answer,
    release,
    reveal_for_call,
    take_answer,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Refused, Stale
from dispatch.domain.follow_up import FIXED_NAMES, UNFINISHED, Fixed
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.audit_calls import audit_comparison
from dispatch.queries.follow_ups import (
    AUDIT,
    NORMAL,
    call_counts,
    call_list,
    call_seen,
    follow_up_for_change,
    next_call,
)
from dispatch.queries.policies import policy_in_force
from dispatch.refusals import STATUS, worded
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.follow_ups import AnswerShape, SilenceShape
from dispatch.web.call_script import script_for
from dispatch.web.circle_words import percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from dispatch.models.follow_ups import FollowUp
    from dispatch.models.tickets import Ticket

blueprint = Blueprint("calls", __name__)

PAUSES = (30, 60, 120, 240, 1440)
TRIES = 5


class CallPages(NamedTuple):
    """One list of calls: where it is, who makes them, which rounds, and how it is headed."""

    name: str
    path: str
    permission: Permission
    rounds: tuple[str, ...]
    heading: Sentence
    template: str


DESK = CallPages(
    "desk", "/desk/follow-ups", Permission.FOLLOW_UP, NORMAL, say("Follow-up calls"),
    "follow_ups.html",
)  # fmt: skip
MANAGERS = CallPages(
    "audit", "/circle/audit-calls", Permission.AUDIT_CALL, AUDIT, say("Audit calls"),
    "audit_calls.html",
)  # fmt: skip


def _page(pages: CallPages) -> Response:
    """Show the calls that are due, and the one that is being made."""
    asked = request.args.get("call", type=int)
    return _shown(pages, asked)


def _shown(
    pages: CallPages,
    row_id: int | None = None,
    *,
    phone: str | None = None,
    refusal: Refused | None = None,
) -> Response:
    now, scope = current_time(), current_scope()
    call = call_seen(row_id, now, scope, pages.rounds) if row_id is not None else None
    midnight = now.astimezone(current_app.config["SETTINGS"].zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    mine = call is not None and call["taken_by_id"] == current_actor().user_id
    page = render_template(
        pages.template,
        pages=pages,
        rows=call_list(now, scope, pages.rounds),
        counts=call_counts(now, midnight, scope, pages.rounds),
        call=call,
        is_mine=mine and call is not None and call["state"] in UNFINISHED,
        script=script_for(call) if call else (),
        phone=phone,
        typed=request.form if refusal else {},
        problem=worded(refusal.sentence) if refusal else None,
        faults={name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
        tries=policy_in_force().policy.asking.tries,
        pauses=PAUSES,
        fixed_names=FIXED_NAMES,
        Fixed=Fixed,
        now=now,
        percent=percent,
        compared=audit_comparison(scope) if pages is MANAGERS else None,
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


def _take_next(pages: CallPages) -> Response:
    """Take the call that comes next; of two people who ask at once each gets another."""
    for _ in range(TRIES):
        try:
            row_id = _claim_next(pages)
        except Stale:
            continue
        if row_id is None:
            break
        return redirect(f"{pages.path}?call={row_id}", 303)
    flash(gettext("Nobody is to be called now."), "success")
    return redirect(pages.path, 303)


def _claim_next(pages: CallPages) -> int | None:
    actor, now = current_actor(), current_time()
    with transaction():
        row_id = next_call(now, actor.scope, actor.user_id, pages.rounds)
        if row_id is not None:
            row, _ticket = follow_up_for_change(row_id, actor.scope, pages.rounds)
            claim(row, actor=actor, now=now)
    return row_id


def _take(pages: CallPages, row_id: int) -> Response:
    """Take one call off the list."""
    return _act(pages, row_id, _claimed, stay=True)


def _claimed(row: FollowUp, _ticket: Ticket) -> None:
    claim(row, actor=current_actor(), now=current_time())


def _leave(pages: CallPages, row_id: int) -> Response:
    """Give a call back to the list."""

    def give_back(row: FollowUp, _ticket: Ticket) -> None:
        release(row, actor=current_actor(), now=current_time())

    return _act(pages, row_id, give_back)


def _number(pages: CallPages, row_id: int) -> Response:
    """Show the number to whoever makes the call; that it was shown is written down."""
    actor, now = current_actor(), current_time()
    try:
        with transaction():
            row, ticket = follow_up_for_change(row_id, actor.scope, pages.rounds)
            phone = reveal_for_call(row, ticket, actor=actor, now=now).phone
    except (Forbidden, Stale) as refusal:
        return _shown(pages, row_id, refusal=refusal)
    return _shown(pages, row_id, phone=phone)


def _answer(pages: CallPages, row_id: int) -> Response:
    """Write down what the reporter said."""

    def answered(row: FollowUp, ticket: Ticket) -> None:
        names = ("answer", "process", "result", "note", "version")
        given = loaded(AnswerShape, filled(request.form, names))
        said = Said(given["answer"], given["process"], given["result"], given["note"])
        take_answer(
            row,
            ticket,
            said,
            channel="call",
            actor=current_actor(),
            now=current_time(),
            seen_version=given["version"],
        )
        if said.fixed == Fixed.NOT_FIXED:
            number = ticket_number(ticket.id)
            flash(gettext("%(number)s is open again, for another crew.", number=number), "success")

    return _act(pages, row_id, answered)


def _no_answer(pages: CallPages, row_id: int) -> Response:
    """Note that nobody took the call."""

    def silent(row: FollowUp, ticket: Ticket) -> None:
        given = loaded(SilenceShape, filled(request.form, ("again_in", "version")))
        nobody_answered(
            row,
            ticket,
            again_in=given["again_in"],
            actor=current_actor(),
            now=current_time(),
            seen_version=given["version"],
        )

    return _act(pages, row_id, silent)


def _refused(pages: CallPages, row_id: int) -> Response:
    """Note that the reporter does not want to be asked."""

    def refused(row: FollowUp, ticket: Ticket) -> None:
        given = loaded(SilenceShape, filled(request.form, ("version",)))
        refuse_to_answer(
            row,
            ticket,
            actor=current_actor(),
            now=current_time(),
            seen_version=given["version"],
        )

    return _act(pages, row_id, refused)


def _act(
    pages: CallPages,
    row_id: int,
    act: Callable[[FollowUp, Ticket], None],
    *,
    stay: bool = False,
) -> Response:
    """Act on one call and go on; what is refused is shown beside what was typed."""
    try:
        with transaction():
            act(*follow_up_for_change(row_id, current_actor().scope, pages.rounds))
    except (Invalid, Forbidden, Stale) as refusal:
        return _shown(pages, row_id, refusal=refusal)
    return redirect(f"{pages.path}?call={row_id}" if stay else pages.path, 303)


_ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "", "page", _page),
    ("POST", "/next", "next", _take_next),
    ("POST", "/<int:row_id>/take", "take", _take),
    ("POST", "/<int:row_id>/leave", "leave", _leave),
    ("POST", "/<int:row_id>/number", "number", _number),
    ("POST", "/<int:row_id>/answer", "answer", _answer),
    ("POST", "/<int:row_id>/no-answer", "no_answer", _no_answer),
    ("POST", "/<int:row_id>/refused", "refused", _refused),
)
for _pages in (DESK, MANAGERS):
    for _method, _path, _name, _view in _ROUTES:
        blueprint.add_url_rule(
            f"{_pages.path}{_path}",
            f"{_pages.name}_{_name}",
            requires(_pages.permission)(partial(_view, _pages)),
            methods=[_method],
        )

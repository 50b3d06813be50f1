"""How is one step taken on many tickets, and what became of each?"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.bulk_steps import (
    APPEND_ONLY,
    SENDS,
    WRITES,
    Wish,
    check_args,
    check_may,
    take_for_one,
)
from dispatch.actions.idempotency import once
from dispatch.actions.unit_of_work import savepoint, transaction, trial
from dispatch.api.drives import drives_to
from dispatch.api.parsing import ApiBlueprint, idempotency_key
from dispatch.api.wording import in_words
from dispatch.domain.desk_message import DeskMessage, desk_message
from dispatch.domain.errors import Invalid, NotFound, Refused, Reused, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_id_of
from dispatch.queries.bulk import crew_shown, ticket_shown
from dispatch.queries.candidates import NOT_ASKED
from dispatch.queries.tickets import lock_merging, ticket_for_change, ticket_seen
from dispatch.schemas.bulk import BulkReply, BulkShape
from dispatch.schemas.fields import REQUIRED, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dispatch.domain.travel import Leg

blueprint = ApiBlueprint(
    "bulk",
    __name__,
    url_prefix="/api/v1",
    description="One step on many tickets, each in a transaction of its own",
)

MERGING = frozenset({"merge", "separate"})
NOTHING: dict[str, Any] = {
    "message": None,
    "version": None,
    "state": None,
    "state_name": None,
    "category_name": None,
    "address": None,
    "crew": None,
    "recipients": None,
    "undo": None,
}


@dataclass(frozen=True)
class _Asked:
    """What is asked of every ticket, and the key that makes it once."""

    step: str
    args: dict[str, Any]
    key: str | None
    body: dict[str, Any]


@blueprint.posts("/tickets/bulk")
@requires(Permission.SEE_TICKETS)
@blueprint.reads(BulkShape)
@blueprint.answers(200, BulkReply)
@blueprint.hears("Idempotency-Key")
def bulk(asked: dict[str, Any]) -> Response:
    """Take one step on at most 200 tickets; each is refused or done by itself.

    The same key and body again answer the same rows, and finish what was broken off.
    """
    args = {name: asked[name] for name in ("reason", "note", "into") if asked.get(name)}
    if asked["step"] in WRITES:
        args["message"] = _message(asked)
    body = {name: value for name, value in asked.items() if name != "preview"}
    wanted = _Asked(asked["step"], args, idempotency_key(), body)
    _check(wanted, asked)
    rows = list(_previewed(wanted, asked) if asked["preview"] else _taken(wanted, asked))
    done = sum(row["outcome"] == "done" for row in rows)
    return jsonify({"preview": asked["preview"], "done": done, "rows": rows})


def _message(asked: Mapping[str, Any]) -> DeskMessage:
    """Return the message that is written, or the one that is taken back."""
    key = str(asked.get("message_key") or "")
    fallback = current_app.config["SETTINGS"].language
    if asked["step"] == "message":
        return desk_message(key or secrets.token_hex(16), asked.get("texts") or {}, fallback)
    if not key:
        raise Invalid(REQUIRED[0], fields={"message_key": REQUIRED[0]})
    return DeskMessage(key, {}, fallback)


def _check(wanted: _Asked, asked: Mapping[str, Any]) -> None:
    """Refuse the whole request where no ticket could be done."""
    check_may(wanted.step, current_actor())
    check_args(wanted.step, wanted.args)
    if "into" in wanted.args:
        _check_into(wanted.args["into"])
    if not asked["preview"] and wanted.step not in APPEND_ONLY:
        faults = {
            f"tickets.{at}.version": REQUIRED[0]
            for at, each in enumerate(asked["tickets"])
            if each["version"] is None
        }
        if faults:
            raise refusal_of(faults)


def _check_into(number: str) -> None:
    try:
        ticket_seen(number, current_scope())
    except NotFound as missing:
        raise Invalid(missing.sentence, fields={"into": missing.sentence}) from missing


def _each(asked: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Return each ticket that is named, and whether it was named before."""
    seen: set[int | str] = set()
    for each in asked["tickets"]:
        name = ticket_id_of(each["number"]) or each["number"]
        yield each, name in seen
        seen.add(name)


def _taken(wanted: _Asked, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    _claim(wanted)
    for each, is_repeated in _each(asked):
        yield repeated_row(each["number"]) if is_repeated else _take_once(wanted, each)


def _claim(wanted: _Asked) -> None:
    """Tie the key to this request, so that it cannot be used for another."""
    if wanted.key is not None:
        with transaction():
            scope = f"bulk/{current_actor().user_id}"
            once(scope, wanted.key, wanted.body, now=current_time(), do=lambda: (200, {}))


def _take_once(wanted: _Asked, each: dict[str, Any]) -> dict[str, Any]:
    """Take the step on one ticket in its own transaction; what came of it is kept with the key."""
    try:
        wish = _wish(wanted, each)
        with transaction():
            return _keep(wanted, each, lambda: in_words(_take(wish, each["number"])))
    except Reused:
        raise
    except Refused as refusal:
        row = in_words(_refused(each, refusal))
        with transaction():
            return _keep(wanted, each, lambda: row)


def _keep(wanted: _Asked, each: dict[str, Any], do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    key = wanted.key and hashlib.sha256(f"{wanted.key}/{each['number']}".encode()).hexdigest()
    scope, body = f"bulk/{current_actor().user_id}", wanted.body | {"tickets": each}
    return once(scope, key, body, now=current_time(), do=lambda: (200, do())).reply


def _previewed(wanted: _Asked, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Take the step on all of them, one after the other, and keep nothing of it.

    Each row tells the version that there is now, for those who have seen none yet.
    """
    scope = current_scope()
    wishes = [
        (each, is_repeated, ticket_shown(each["number"], scope), _or_refusal(wanted, each))
        for each, is_repeated in _each(asked)
    ]
    with trial():
        for each, is_repeated, before, wish in wishes:
            row = repeated_row(each["number"]) if is_repeated else _tried(each, wish)
            yield in_words(row | {"undo": None, "version": before.get("version")})


def _tried(each: Mapping[str, Any], wish: Wish | Refused) -> dict[str, Any]:
    if isinstance(wish, Refused):
        return _refused(each, wish)
    try:
        with savepoint():
            return _take(wish, each["number"])
    except Refused as refusal:
        return _refused(each, refusal)


def _or_refusal(wanted: _Asked, each: Mapping[str, Any]) -> Wish | Refused:
    try:
        return _wish(wanted, each)
    except Refused as refusal:
        return refusal


def _wish(wanted: _Asked, each: Mapping[str, Any]) -> Wish:
    """Gather what is asked of one ticket; a road server is asked here, outside of transactions."""
    actor, now = current_actor(), current_time()
    drives: Mapping[int, Leg] = NOT_ASKED
    if wanted.step in SENDS:
        drives = drives_to(each["number"], actor.scope, now).by_crew
    return Wish(
        wanted.step,
        wanted.args,
        actor,
        now,
        seen_version=None if wanted.step in APPEND_ONLY else each["version"],
        crew_id=each["crew_id"],
        drives=drives,
        weights=current_app.config["SETTINGS"].planner_weights,
    )


def _take(wish: Wish, number: str) -> dict[str, Any]:
    if wish.step in MERGING:
        lock_merging(number, wish.args.get("into", ""))
    ticket = ticket_for_change(number, wish.actor.scope)
    taken = take_for_one(ticket, wish)
    return NOTHING | {
        **ticket_shown(number, wish.actor.scope),
        "outcome": "done",
        "crew": crew_shown(taken.crew_id),
        "recipients": taken.recipients,
        "undo": taken.undo and taken.undo._asdict(),
    }


def _refused(each: Mapping[str, Any], refusal: Refused) -> dict[str, Any]:
    outcome = "stale" if isinstance(refusal, Stale) else "refused"
    if isinstance(refusal, NotFound):
        outcome = "not_found"
    shown = ticket_shown(each["number"], current_scope())
    return NOTHING | {"outcome": outcome, "message": refusal.sentence} | shown


def repeated_row(number: str) -> dict[str, Any]:
    """Return the row of a number that was named before."""
    told = say("This number was named before; it is taken once.")
    return NOTHING | {"number": number, "outcome": "repeated", "message": told}

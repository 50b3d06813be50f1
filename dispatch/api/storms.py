"""Where is storm mode on, how is it switched, and which tickets belong together in it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, make_response, request
from werkzeug.exceptions import PreconditionRequired

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.households import mark_vulnerable
from dispatch.actions.idempotency import once
from dispatch.actions.storms import begin_storm, change_end, end_storm
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key, seen_version
from dispatch.api.wording import in_words
from dispatch.domain.permissions import Permission
from dispatch.domain.storm import Wanted
from dispatch.queries.storm_desk import storm_cards
from dispatch.queries.storms import shown_storm, storm_rows
from dispatch.schemas.messages import NoShape
from dispatch.schemas.storms import (
    CardsReply,
    OneStormReply,
    StormEndShape,
    StormReply,
    StormShape,
    StormsReply,
    VulnerableReply,
    VulnerableShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.models.storms import Storm

blueprint = ApiBlueprint(
    "storms", __name__, url_prefix="/api/v1", description="Storm mode: the switch and its cards"
)


@blueprint.gets("/storms")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, StormsReply)
def listing() -> Response:
    """List the newest storms, those that are on first."""
    rows = [{name: row[name] for name in StormReply().fields} for row in storm_rows(current_time())]
    return jsonify({"storms": rows})


@blueprint.posts("/storms")
@requires(Permission.RUN_STORM)
@blueprint.reads(StormShape)
@blueprint.answers(201, OneStormReply)
@blueprint.hears("Idempotency-Key")
def begin(asked: dict[str, Any]) -> Response:
    """Switch storm mode on, for some grids or the whole city, with an expected end."""
    wanted = Wanted(asked["kind"], asked["reason"], tuple(asked["grids"]), asked["ends_at"])
    body = asked | {"ends_at": asked["ends_at"].isoformat()}
    actor, now = current_actor(), current_time()
    return _once({"new": body}, lambda: begin_storm(wanted, actor=actor, now=now), status=201)


@blueprint.posts("/storms/<int:storm_id>/prolong")
@requires(Permission.RUN_STORM)
@blueprint.reads(StormEndShape)
@blueprint.answers(200, OneStormReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def prolong(asked: dict[str, Any], storm_id: int) -> Response:
    """Give a storm that is on another expected end, sooner or later."""
    version, ends_at = _version(), asked["ends_at"]
    actor, now = current_actor(), current_time()
    return _once(
        {"storm": storm_id, "version": version, "ends_at": ends_at.isoformat()},
        lambda: change_end(storm_id, ends_at, actor=actor, now=now, seen_version=version),
    )


@blueprint.posts("/storms/<int:storm_id>/end")
@requires(Permission.RUN_STORM)
@blueprint.reads(NoShape)
@blueprint.answers(200, OneStormReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def end(_asked: dict[str, Any], storm_id: int) -> Response:
    """Switch storm mode off."""
    version, actor, now = _version(), current_actor(), current_time()
    return _once(
        {"storm": storm_id, "version": version, "step": "end"},
        lambda: end_storm(storm_id, actor=actor, now=now, seen_version=version),
    )


@blueprint.gets("/storms/cards")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, CardsReply)
def cards() -> Response:
    """Return one card for each place where tickets of a storm belong together."""
    answer = jsonify(storm_cards(current_scope(), current_time()))
    answer.add_etag()
    answer.headers["Cache-Control"] = "private, no-cache"
    return make_response(answer.make_conditional(request))


@blueprint.posts("/households/vulnerable")
@requires(Permission.TAKE_CALL)
@blueprint.reads(VulnerableShape)
@blueprint.answers(200, VulnerableReply)
def vulnerable(asked: dict[str, Any]) -> Response:
    """Mark that the people of a household need water or help first, or no longer."""
    account, wanted = asked["account"], asked["vulnerable"]
    with transaction():
        mark_vulnerable(account, vulnerable=wanted, actor=current_actor(), now=current_time())
    return jsonify({"account": account, "vulnerable": wanted})


def _version() -> int:
    version = seen_version()
    if version is None:
        raise PreconditionRequired
    return version


def _once(body: dict[str, Any], do: Callable[[], Storm], *, status: int = 200) -> Response:
    now = current_time()

    def read() -> tuple[int, dict[str, Any]]:
        return status, in_words({"storm": shown_storm(do(), now)})

    with transaction():
        scope = f"storms/{current_actor().user_id}"
        done = once(scope, idempotency_key(), body, now=now, do=read)
    answer = jsonify(done.reply)
    answer.status_code = done.status
    answer.headers["ETag"] = f'"{done.reply["storm"]["version"]}"'
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer

"""How does a program read stewards' rounds, make one, and say what came of a stop?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import jsonify

from dispatch.access import current_actor, current_day, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.round_steps import take_round_step
from dispatch.actions.rounds import Wanted, add_to_round, take_off, undo_end
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key
from dispatch.api.wording import in_words
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Permission
from dispatch.domain.place import Datum, check_point
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.rounds import round_seen, rounds_on, stop_for_change, stop_view
from dispatch.queries.visits import crew_for_change
from dispatch.schemas.rounds import (
    FindShape,
    FoundReply,
    NothingShape,
    OneRoundReply,
    OneStopReply,
    RoundShape,
    RoundsQuery,
    RoundsReply,
    StopTapShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from dispatch.queries.rounds import RoundView, StopView

TAPS = {"done": "round-done", "nobody-home": "round-nobody-home"}

blueprint = ApiBlueprint(
    "rounds", __name__, url_prefix="/api/v1/rounds", description="Where stewards go between faults"
)


@blueprint.gets("")
@requires(Permission.SEE_TICKETS)
@blueprint.reads(RoundsQuery, "query")
@blueprint.answers(200, RoundsReply)
def listing(asked: dict[str, Any]) -> Response:
    """List the rounds of a day, those of the asker's crews."""
    found = rounds_on(asked["day"] or current_day(), current_scope())
    return jsonify(in_words({"rounds": [_round(each) for each in found]}))


@blueprint.gets("/<int:round_id>")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, OneRoundReply)
def one_round(round_id: int) -> Response:
    """Return one round of the asker's crews."""
    return jsonify(_read(round_id))


@blueprint.posts("")
@requires(Permission.DISPATCH)
@blueprint.reads(RoundShape)
@blueprint.answers(200, OneRoundReply)
@blueprint.hears("Idempotency-Key")
def add(asked: dict[str, Any]) -> Response:
    """Put stops onto a crew's round of a day; it is made where there is none."""
    actor, now, today = current_actor(), current_time(), current_day()

    def do() -> tuple[int, dict[str, Any]]:
        crew = crew_for_change(asked["crew"], actor.scope)
        wanted = Wanted(asked["tickets"], asked["households"])
        going = add_to_round(crew, asked["day"] or today, wanted, today=today, actor=actor, now=now)
        return 200, _read(going.id)

    return _once({"add": asked}, do)


@blueprint.posts("/stops/<int:stop_id>/take-off")
@requires(Permission.DISPATCH)
@blueprint.reads(NothingShape)
@blueprint.answers(200, OneStopReply)
@blueprint.hears("Idempotency-Key")
def take_one_off(_asked: dict[str, Any], stop_id: int) -> Response:
    """Take a stop off a round before anybody was there."""
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        row, _crew = stop_for_change(stop_id, actor.scope)
        take_off(row, actor=actor, now=now)
        return 200, _stop_now(stop_id)

    return _once({"take-off": stop_id}, do)


def _goes_round() -> bool:
    return current_actor().can(Permission.DO_FIELD_WORK)


@blueprint.posts("/stops/<int:stop_id>/undo")
@requires(Permission.DISPATCH, unless=_goes_round)
@blueprint.reads(NothingShape)
@blueprint.answers(200, OneStopReply)
@blueprint.hears("Idempotency-Key")
def undo(_asked: dict[str, Any], stop_id: int) -> Response:
    """Let a stop wait again that was ended by a wrong tap; a crew may on the day of the round."""
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        undo_end(*stop_for_change(stop_id, actor.scope), actor=actor, now=now)
        return 200, _stop_now(stop_id)

    return _once({"undo": stop_id}, do)


@blueprint.posts("/stops/<int:stop_id>/<outcome>")
@requires(Permission.DO_FIELD_WORK)
@blueprint.reads(StopTapShape)
@blueprint.answers(200, OneStopReply)
@blueprint.hears("Idempotency-Key")
def end(asked: dict[str, Any], stop_id: int, outcome: str) -> Response:
    """Say what came of a stop of the own round: `done` or `nobody-home`."""
    if outcome not in TAPS:
        raise NotFound(say("There is no step “%(step)s”.", step=outcome))

    def do() -> tuple[int, dict[str, Any]]:
        _tap(TAPS[outcome], asked | {"stop": stop_id})
        return 200, _stop_now(stop_id)

    return _once({"stop": stop_id, "outcome": outcome, "said": asked}, do)


@blueprint.posts("/stops/<int:stop_id>/fault")
@requires(Permission.DO_FIELD_WORK)
@blueprint.reads(FindShape)
@blueprint.answers(201, FoundReply)
@blueprint.hears("Idempotency-Key")
def find_there(asked: dict[str, Any], stop_id: int) -> Response:
    """Report a fault that was found at a stop of the own round, which ends there."""
    return _once({"fault": stop_id, "said": asked}, lambda: _find(asked | {"stop": stop_id}))


@blueprint.posts("/faults")
@requires(Permission.DO_FIELD_WORK)
@blueprint.reads(FindShape)
@blueprint.answers(201, FoundReply)
@blueprint.hears("Idempotency-Key")
def find_on_the_way(asked: dict[str, Any]) -> Response:
    """Report a fault that was seen on the way."""
    return _once({"fault": None, "said": asked}, lambda: _find(asked))


def _find(args: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 201, {"ticket": _tap("round-fault", args)}


def _tap(kind: str, args: dict[str, Any]) -> str | None:
    place = args["position"]
    told = Told()
    if place:
        point = check_point(place["lat"], place["lon"])
        accuracy = place["accuracy"]
        told = Told(position=point, datum=str(Datum.WGS84), accuracy_metres=accuracy)
    found = take_round_step(kind, args, actor=current_actor(), now=current_time(), told=told)
    return None if found is None else ticket_number(found.id)


def _once(body: dict[str, Any], do: Callable[[], tuple[int, dict[str, Any]]]) -> Response:
    with transaction():
        scope = f"rounds-api/{current_actor().user_id}"
        done = once(scope, idempotency_key(), body, now=current_time(), do=do)
    answer = jsonify(done.reply)
    answer.status_code = done.status
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _read(round_id: int) -> dict[str, Any]:
    reply: dict[str, Any] = in_words({"round": _round(round_seen(round_id, current_scope()))})
    return reply


def _stop_now(stop_id: int) -> dict[str, Any]:
    reply: dict[str, Any] = in_words({"stop": _stop(stop_view(stop_id, current_scope()))})
    return reply


def _round(shown: RoundView) -> dict[str, Any]:
    return {
        "id": shown.id,
        "day": shown.day,
        "crew_id": shown.crew_id,
        "crew": str(shown.crew),
        "crew_zh": shown.crew.chinese,
        "made_by": shown.made_by,
        "waiting": shown.waiting,
        "metres": round(shown.metres),
        "stops": [_stop(each) for each in shown.stops],
    }


_AS_IT_IS = (
    "id", "version", "turn", "state_name", "address", "account", "vulnerable", "ended_at",
    "received_at", "time_quality", "ended_by", "found", "may_undo",
)  # fmt: skip
_PERSONAL = ("name", "remarks", "note")


def _stop(shown: StopView) -> dict[str, Any]:
    may_see = current_actor().can(Permission.SEE_PERSONAL)
    point = shown.point
    return {
        **{name: getattr(shown, name) for name in _AS_IT_IS},
        **{name: getattr(shown, name) if may_see else None for name in _PERSONAL},
        "state": str(shown.state),
        "point": {"lat": point.lat, "lon": point.lon} if point else None,
        "ticket": shown.number,
        "category_name": shown.category,
    }

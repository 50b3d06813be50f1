"""Which interruptions are announced, and how does a program announce one?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request
from werkzeug.exceptions import PreconditionRequired

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.notices import (
    NoticeWish,
    change_notice,
    draft_notice,
    end_notice,
    extend_notice,
    publish_notice,
    resume_notice,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key, seen_version
from dispatch.api.wording import in_words
from dispatch.domain.grid_outline import read_area
from dispatch.domain.permissions import Permission
from dispatch.domain.place import Datum, check_point, to_wgs84
from dispatch.queries.notices import (
    notice_features,
    notice_rows,
    notice_shape,
    public_notices,
)
from dispatch.schemas.live import GridsReply
from dispatch.schemas.messages import NoShape
from dispatch.schemas.notices import (
    EarlyEndShape,
    ExtensionShape,
    NoticeShape,
    NoticesReply,
    OneNoticeReply,
    PublicNoticesReply,
)
from dispatch.schemas.tickets import PointQuery

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.models.notices import NoticeRow

blueprint = ApiBlueprint(
    "notices", __name__, url_prefix="/api/v1", description="Published interruptions of the supply"
)


@blueprint.gets("/notices")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, NoticesReply)
def listing() -> Response:
    """List the notices: in force, coming, drafts, and those that ended in the last 30 days."""
    return jsonify({"notices": notice_rows(current_time())})


@blueprint.gets("/notices.geojson")
@requires(Permission.PUBLIC)
@blueprint.answers(200, GridsReply)
@blueprint.hears("If-None-Match")
def in_force() -> Response:
    """Return the areas of the notices in force, as GeoJSON; anybody may read them."""
    features, stamp = notice_features(current_time(), unless=request.if_none_match.as_set())
    answer = jsonify({"type": "FeatureCollection", "features": features})
    answer.mimetype = "application/geo+json"
    if features is None:
        answer = Response(status=304)
    answer.set_etag(stamp)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.posts("/notices/search")
@requires(Permission.PUBLIC)
@blueprint.reads(PointQuery)
@blueprint.answers(200, PublicNoticesReply)
def near(asked: dict[str, Any]) -> Response:
    """List those in force and coming at a place; in a body, since nobody's place is logged."""
    point = to_wgs84(check_point(asked["lat"], asked["lon"]), Datum(asked["datum"]))
    return jsonify({"notices": public_notices(current_time(), near=point)})


@blueprint.posts("/notices")
@requires(Permission.WRITE_NOTICE)
@blueprint.reads(NoticeShape)
@blueprint.answers(201, OneNoticeReply)
@blueprint.hears("Idempotency-Key")
def draft(asked: dict[str, Any]) -> Response:
    """Write a draft; nobody but the desk sees it until it is published."""
    actor, now = current_actor(), current_time()
    return _once({"new": asked}, lambda: draft_notice(_wish(asked), actor=actor, now=now), 201)


@blueprint.posts("/notices/<int:notice_id>")
@requires(Permission.WRITE_NOTICE)
@blueprint.reads(NoticeShape)
@blueprint.answers(200, OneNoticeReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def change(asked: dict[str, Any], notice_id: int) -> Response:
    """Write a draft anew, or mend a notice that is published."""
    by = _by()
    return _once(
        {"notice": notice_id, "wanted": asked} | _seen(by),
        lambda: change_notice(notice_id, _wish(asked), **by),
    )


@blueprint.posts("/notices/<int:notice_id>/publish")
@requires(Permission.WRITE_NOTICE)
@blueprint.reads(NoShape)
@blueprint.answers(200, OneNoticeReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def publish(_asked: dict[str, Any], notice_id: int) -> Response:
    """Let everybody read it; from its beginning it answers calls from its area."""
    by = _by()
    return _once(
        {"notice": notice_id, "step": "publish"} | _seen(by),
        lambda: publish_notice(notice_id, **by),
    )


@blueprint.posts("/notices/<int:notice_id>/extend")
@requires(Permission.WRITE_NOTICE)
@blueprint.reads(ExtensionShape)
@blueprint.answers(200, OneNoticeReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def extend(asked: dict[str, Any], notice_id: int) -> Response:
    """Announce a later end."""
    by = _by()
    return _once(
        {"notice": notice_id, "extend": asked} | _seen(by),
        lambda: extend_notice(notice_id, asked["ends_at"], reason=asked["reason"], **by),
    )


@blueprint.posts("/notices/<int:notice_id>/end")
@requires(Permission.WRITE_NOTICE)
@blueprint.reads(EarlyEndShape)
@blueprint.answers(200, OneNoticeReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def end(asked: dict[str, Any], notice_id: int) -> Response:
    """End it before its time; a draft is dropped."""
    by = _by()
    return _once(
        {"notice": notice_id, "end": asked} | _seen(by),
        lambda: end_notice(notice_id, reason=asked["reason"], **by),
    )


@blueprint.posts("/notices/<int:notice_id>/resume")
@requires(Permission.WRITE_NOTICE)
@blueprint.reads(EarlyEndShape)
@blueprint.answers(200, OneNoticeReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def resume(asked: dict[str, Any], notice_id: int) -> Response:
    """Take an early end back, or bring a dropped draft back, until the announced end."""
    by = _by()
    return _once(
        {"notice": notice_id, "resume": asked} | _seen(by),
        lambda: resume_notice(notice_id, reason=asked["reason"], **by),
    )


def _wish(asked: dict[str, Any]) -> NoticeWish:
    outline = asked["outline"]
    return NoticeWish(
        **asked
        | {
            "categories": tuple(asked["categories"]),
            "grids": tuple(asked["grids"]),
            "outline": read_area(json.dumps(outline)) if outline is not None else None,
        }
    )


def _by() -> dict[str, Any]:
    version = seen_version()
    if version is None:
        raise PreconditionRequired
    return {"actor": current_actor(), "now": current_time(), "seen_version": version}


def _seen(by: dict[str, Any]) -> dict[str, Any]:
    return {"version": by["seen_version"]}


def _once(body: dict[str, Any], do: Callable[[], NoticeRow], status: int = 200) -> Response:
    now = current_time()

    def read() -> tuple[int, dict[str, Any]]:
        return status, in_words({"notice": notice_shape(do(), now)})

    with transaction():
        scope = f"notices/{current_actor().user_id}"
        done = once(scope, idempotency_key(), in_words(body), now=now, do=read)
    answer = jsonify(done.reply)
    answer.status_code = done.status
    answer.headers["ETag"] = f'"{done.reply["notice"]["version"]}"'
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer

"""Where does the desk announce interruptions, and where does everybody read of them?"""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from shapely.geometry import shape

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.notices import (
    change_notice,
    draft_notice,
    end_notice,
    extend_notice,
    publish_notice,
    resume_notice,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, Stale
from dispatch.domain.notices import EXPLAINED, KIND_NAMES, NoticeState
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.grids import valid_grids
from dispatch.queries.notice_subscriptions import people_told_of
from dispatch.queries.notices import (
    notice_rows,
    notice_seen,
    notice_shape,
    people_affected,
    public_notices,
    stamp_of,
    story_of,
)
from dispatch.queries.tickets import ticket_seen
from dispatch.refusals import STATUS, worded
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.files import static_url
from dispatch.web.form_keys import form_key
from dispatch.web.language import current_language, local_name
from dispatch.web.map_facts import map_facts
from dispatch.web.notice_form import fresh, local, moment_in, stored, typed_again, wish_from
from dispatch.web.notice_subscriptions import offered_channels

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as Answer

    from dispatch.models.notices import NoticeRow

blueprint = Blueprint("notice_pages", __name__)

HERE = "/desk/notices"
REFUSALS = (Invalid, Forbidden, NotFound, Stale)
STORY_NAMES: dict[str, Sentence] = {
    "drafted": say("drafted"),
    "changed": say("changed"),
    "published": say("published"),
    "extended": say("extended"),
    "ended": say("ended early"),
    "dropped": say("draft dropped"),
    "resumed": say("end taken back"),
}


@blueprint.get("/notices")
@requires(Permission.PUBLIC)
def public() -> Response:
    """Show everybody the interruptions in force and coming."""
    now = current_time()
    # The page holds the token of the form that switches the language.
    generate_csrf()
    seen_with = (
        stamp_of(now),
        current_language(),
        current_actor().is_signed_in,
        session["csrf_token"],
        static_url("shared/base.css"),
        offered_channels(),
    )
    stamp = hashlib.sha256(repr(seen_with).encode()).hexdigest()[:16]
    if stamp in request.if_none_match.as_set():
        answer = Response(status=304)
    else:
        answer = make_response(
            render_template(
                "notices_public.html", notices=public_notices(now), offered=offered_channels()
            )
        )
    answer.set_etag(stamp)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@blueprint.get(HERE)
@requires(Permission.SEE_DESK)
def listing() -> str:
    """Show the desk every notice: in force, coming, drafts, and ended lately."""
    return render_template(
        "notices.html", notices=notice_rows(current_time()), may_write=_may_write()
    )


@blueprint.get(f"{HERE}/new")
@requires(Permission.WRITE_NOTICE)
def new() -> str:
    """Show an empty form, or one that is begun for a ticket."""
    number = request.args.get("ticket", "")
    ticket = ticket_seen(number, current_scope()) if number else None
    return _form(fresh(current_time(), ticket, number), None)


@blueprint.post(HERE)
@requires(Permission.WRITE_NOTICE)
def draft() -> Answer | tuple[str, int]:
    """Keep a draft; a form that is sent twice does it once."""
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        return 201, {"id": draft_notice(wish_from(request.form), actor=actor, now=now).id}

    said = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
    try:
        with transaction():
            done = once(f"notice/{actor.user_id}", form_key(), said, now=now, do=do)
    except REFUSALS as refusal:
        return _form(typed_again(request.form), None, refusal), STATUS[type(refusal)][0]
    return redirect(url_for("notice_pages.one", notice_id=done.reply["id"]), 303)


@blueprint.get(f"{HERE}/<int:notice_id>")
@requires(Permission.SEE_DESK)
def one(notice_id: int) -> Response:
    """Show a notice, who is affected, what was done to it, and what may be done."""
    return _page(notice_id)


@blueprint.get(f"{HERE}/<int:notice_id>/edit")
@requires(Permission.WRITE_NOTICE)
def edit(notice_id: int) -> str:
    """Show the form of a notice."""
    row = notice_seen(notice_id)
    return _form(stored(row, _number(row)), row)


@blueprint.post(f"{HERE}/<int:notice_id>")
@requires(Permission.WRITE_NOTICE)
def change(notice_id: int) -> Answer | tuple[str, int]:
    """Keep what was changed."""
    try:
        with transaction():
            change_notice(notice_id, wish_from(request.form), **_by())
    except REFUSALS as refusal:
        row = notice_seen(notice_id)
        return _form(typed_again(request.form), row, refusal), STATUS[type(refusal)][0]
    return redirect(url_for("notice_pages.one", notice_id=notice_id), 303)


@blueprint.post(f"{HERE}/<int:notice_id>/publish")
@requires(Permission.WRITE_NOTICE)
def publish(notice_id: int) -> Answer:
    """Let everybody read it."""
    return _step(
        notice_id,
        lambda: publish_notice(notice_id, **_by()),
        gettext("Published. Calls from this area are answered by it from its beginning."),
    )


@blueprint.post(f"{HERE}/<int:notice_id>/extend")
@requires(Permission.WRITE_NOTICE)
def extend(notice_id: int) -> Answer:
    """Announce a later end."""
    reason = request.form.get("reason", "")
    return _step(
        notice_id,
        lambda: extend_notice(
            notice_id, moment_in(request.form, "ends_at"), reason=reason, **_by()
        ),
        gettext("The later end is announced."),
    )


@blueprint.post(f"{HERE}/<int:notice_id>/end")
@requires(Permission.WRITE_NOTICE)
def end(notice_id: int) -> Answer:
    """End it before its time, or drop a draft."""
    reason = request.form.get("reason", "")
    return _step(
        notice_id,
        lambda: end_notice(notice_id, reason=reason, **_by()),
        gettext("It has ended. Calls from there become tickets again."),
    )


@blueprint.post(f"{HERE}/<int:notice_id>/resume")
@requires(Permission.WRITE_NOTICE)
def resume(notice_id: int) -> Answer:
    """Take an early end back, or bring a dropped draft back."""
    return _step(
        notice_id,
        lambda: resume_notice(notice_id, **_by()),
        gettext("The end is taken back."),
    )


def _step(notice_id: int, do: Callable[[], object], done: str) -> Answer:
    try:
        with transaction():
            do()
    except REFUSALS as refusal:
        return _page(notice_id, refusal)
    flash(done, "success")
    return redirect(url_for("notice_pages.one", notice_id=notice_id), 303)


def _by() -> dict[str, Any]:
    seen = request.form.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < len("9" * 16) else 0
    return {"actor": current_actor(), "now": current_time(), "seen_version": version}


def _may_write() -> bool:
    return current_actor().can(Permission.WRITE_NOTICE)


def _number(row: NoticeRow) -> str:
    return ticket_number(row.ticket_id) if row.ticket_id is not None else ""


def _page(notice_id: int, refusal: Refused | None = None) -> Response:
    row, now = notice_seen(notice_id), current_time()
    notice = notice_shape(row, now)
    answer = make_response(
        render_template(
            "notice.html",
            notice=notice,
            names=[worded(category_rule(key).name) for key in row.categories],
            counts=people_affected(shape(row.geometry)),
            told=people_told_of(row, now),
            story=[(each, worded(STORY_NAMES[each.kind])) for each in story_of(row.id)],
            may_write=_may_write() and notice["state"] != NoticeState.ENDED,
            may_resume=_may_write() and row.ended_at is not None and now < row.ends_at,
            ends_at=request.form.get("ends_at") or local(row.ends_at),
            facts=_facts([], row.geometry, editable=False),
            catalogue=browser_catalogue(),
            **_told(refusal),
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


def _form(typed: dict[str, Any], row: NoticeRow | None, refusal: Refused | None = None) -> str:
    return render_template(
        "notice_form.html",
        typed=typed,
        notice=row,
        key=form_key() or str(uuid.uuid4()),
        kinds=[(str(kind), worded(name)) for kind, name in KIND_NAMES.items()],
        categories=[(key, worded(category_rule(key).name)) for key in EXPLAINED],
        grids=[(each.name, local_name(each.name, each.name_zh)) for each in _grids()],
        facts=_facts(typed.get("grids", []), None, editable=True),
        catalogue=browser_catalogue(),
        **_told(refusal),
    )


def _grids() -> Any:
    return valid_grids(current_time())


def _facts(chosen: list[str], area: dict[str, Any] | None, *, editable: bool) -> dict[str, Any]:
    settings = current_app.config["SETTINGS"]
    return {"map": map_facts(settings), "chosen": chosen, "area": area, "editable": editable}


def _told(refusal: Refused | None) -> dict[str, Any]:
    return {
        "problem": worded(refusal.sentence) if refusal else None,
        "faults": {name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
    }

"""Where does the desk look after the phones of crews, and after what they sent in vain?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.held_work import SET_ASIDE, TAKEN, set_all_aside, set_aside, take_over
from dispatch.actions.phones import (
    LONGEST_PHONE_NAME,
    LONGEST_REASON,
    make_code,
    revoke_phone,
)
from dispatch.actions.two_values import choose_value
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attachments import may_see
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Reused, Stale
from dispatch.domain.field_commands import PHOTO
from dispatch.domain.permissions import Permission
from dispatch.domain.phones import CODE_LIFETIME, code_words
from dispatch.domain.sentences import LocalName, say
from dispatch.photos import held_answer
from dispatch.queries.phones import (
    crews_to_equip,
    held_commands,
    held_photo_for,
    phone_for_change,
    phones_of,
)
from dispatch.queries.two_values import two_values
from dispatch.refusals import STATUS, worded
from dispatch.web.language import local_name
from dispatch.web.row_ids import row_id
from dispatch.web.work_order import code_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused
    from dispatch.models.field import FieldEntry

blueprint = Blueprint("phones", __name__, url_prefix="/desk/phones")

REFUSALS = (Invalid, Forbidden, NotAllowed, NotFound, Reused, Stale)
DONE = {
    TAKEN: say("Done for the crew, at the time of the tap."),
    SET_ASIDE: say("Set aside. The reason is kept."),
}
PHOTO_TAKEN = say("The photo is on its ticket, in the name of whoever took it.")
NOTED = say("The ticket has gone on since; nothing changed. Its story keeps what the phone sent.")


@blueprint.get("")
@requires(Permission.RUN_PHONES)
def page() -> Response:
    """List all of crews' work that waits for the desk's word, and the phones of the crews."""
    return _page()


@blueprint.post("")
@requires(Permission.RUN_PHONES)
def add() -> Response:
    """Give a code that enrols one phone once, and show it this once."""
    try:
        with transaction():
            code = make_code(
                request.form.get("crew", 0, type=row_id),
                request.form.get("name", ""),
                actor=current_actor(),
                now=current_time(),
            )
    except REFUSALS as refusal:
        return _page(refusal)
    base = current_app.config["SETTINGS"].base_url.rstrip("/")
    address = f"{base}/crew/join?code={code}"
    shown = render_template(
        "phone_code.html",
        name=" ".join(request.form.get("name", "").split()),
        drawn=code_of(address),
        address=address,
        typed_at=f"{base}/crew/join",
        code=code_words(code),
        ends_at=current_time() + CODE_LIFETIME,
    )
    answer = make_response(shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<int:device_id>/revoke")
@requires(Permission.RUN_PHONES)
def revoke(device_id: int) -> Response:
    """Take a phone out of use, with the reason."""
    try:
        with transaction():
            device = phone_for_change(device_id, current_scope())
            reason = request.form.get("reason", "")
            revoke_phone(device, reason, actor=current_actor(), now=current_time())
            name = device.name
    except REFUSALS as refusal:
        return _page(refusal)
    sentence = say("“%(name)s” is revoked. What it still sends is kept here.", name=name)
    flash(worded(sentence), "success")
    return _back()


@blueprint.get("/held/<int:entry_id>/<size>")
@requires(Permission.RUN_PHONES)
def picture(entry_id: int, size: str) -> Response:
    """Send a photo that waits for the desk's word."""
    actor = current_actor()
    personal = actor.can(Permission.SEE_PERSONAL)
    name = held_photo_for(entry_id, actor.scope, personal=personal)
    return held_answer(name, size, current_app.config["SETTINGS"])


@blueprint.post("/held/<int:entry_id>/take-over")
@requires(Permission.RUN_PHONES)
def take(entry_id: int) -> Response:
    """Do a held command for its crew at its own time, or keep it in the story."""
    return _decided(lambda: take_over(entry_id, actor=current_actor(), now=current_time()))


@blueprint.post("/held/<int:entry_id>/set-aside")
@requires(Permission.RUN_PHONES)
def leave(entry_id: int) -> Response:
    """Leave a held command undone, with the reason."""
    reason = request.form.get("reason", "")
    return _decided(lambda: set_aside(entry_id, reason, actor=current_actor(), now=current_time()))


@blueprint.post("/two-values/<int:event_id>")
@requires(Permission.RUN_PHONES)
def choose(event_id: int) -> Response:
    """Let one of two values count that two people wrote into one field."""
    takes_other = request.form.get("value") == "other"
    actor, now = current_actor(), current_time()
    try:
        with transaction():
            choose_value(event_id, takes_other=takes_other, actor=actor, now=now)
    except REFUSALS as refusal:
        return _page(refusal)
    flash(worded(say("It is chosen, and both values stay in the story.")), "success")
    return _back()


@blueprint.post("/<int:device_id>/set-aside")
@requires(Permission.RUN_PHONES)
def leave_all(device_id: int) -> Response:
    """Leave all undone that is held of a phone, with one reason."""
    reason, actor = request.form.get("reason", ""), current_actor()
    try:
        with transaction():
            count = set_all_aside(device_id, reason, actor=actor, now=current_time())
    except REFUSALS as refusal:
        return _page(refusal)
    sentence = say("Set aside: %(n)s. The reason is kept with each.", n=count)
    flash(worded(sentence), "success")
    return _back()


def _decided(decide: Callable[[], FieldEntry]) -> Response:
    try:
        with transaction():
            entry = decide()
            decision, is_photo = entry.decision or "", entry.kind == PHOTO
    except REFUSALS as refusal:
        return _page(refusal)
    known = PHOTO_TAKEN if is_photo and decision == TAKEN else DONE.get(decision)
    flash(worded(known or NOTED), "success" if known else "warning")
    return _back()


def _back() -> Response:
    return redirect(url_for("phones.page"), 303)


def _page(refusal: Refused | None = None) -> Response:
    scope = current_scope()
    phones = phones_of(scope)
    two_found, are_more = two_values(scope)
    answer = make_response(
        render_template(
            "phones.html",
            phones=phones,
            held=held_commands(scope),
            all_held=sum(each.held for each in phones),
            two_values=two_found,
            more_two_values=are_more,
            crews=[
                (crew.id, local_name(LocalName(crew.name, crew.name_zh)))
                for crew in crews_to_equip(scope)
            ],
            may_take=current_actor().can(Permission.ACT_FOR_CREW),
            may_see=partial(may_see, personal=current_actor().can(Permission.SEE_PERSONAL)),
            longest_name=LONGEST_PHONE_NAME,
            longest_reason=LONGEST_REASON,
            **_typed(refusal),
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


def _typed(refusal: Refused | None) -> dict[str, Any]:
    is_new = request.endpoint == "phones.add"
    return {
        "typed": request.form if refusal and is_new else {},
        "problem": worded(refusal.sentence) if refusal else None,
        "errors": {n: worded(each) for n, each in refusal.fields.items()}
        if refusal and is_new
        else {},
    }

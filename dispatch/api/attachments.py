"""How does a program send the photos of a ticket, and look at them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.attachments import add_photo, remove_photo
from dispatch.actions.covering import cover_photo, log_original_look, uncover_photo
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key
from dispatch.domain.attachments import AttachmentKind, may_see
from dispatch.domain.covering import Box
from dispatch.domain.errors import NotAllowed
from dispatch.domain.permissions import Permission
from dispatch.domain.place import check_point
from dispatch.domain.sentences import say
from dispatch.photos import (
    covered_copy,
    kept_copy,
    kept_files,
    key_of,
    original_answer,
    photo_key,
    picture_answer,
    prepare,
    remove_unneeded,
)
from dispatch.queries.attachments import photo_for, photo_row, photos_of
from dispatch.queries.tickets import ticket_for_change, ticket_seen
from dispatch.schemas.attachments import (
    CoverShape,
    OnePhotoReply,
    PhotoFile,
    PhotoForm,
    PhotosReply,
    RemovePhotoShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as AnyResponse

    from dispatch.models.attachments import Attachment

blueprint = ApiBlueprint(
    "attachments", __name__, url_prefix="/api/v1", description="The photos of a ticket"
)

_NOT_YOURS = say("Only those who may see reporters may open this photo.")


@blueprint.gets("/tickets/<number>/attachments")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, PhotosReply)
def list_photos(number: str) -> Response:
    """List the photos of a ticket, oldest first; a removed one says by whom and why."""
    ticket = ticket_seen(number, current_scope())
    return jsonify({"attachments": photos_of(ticket, personal=_personal())})


@blueprint.posts("/tickets/<number>/attachments")
@requires(Permission.WRITE_NOTE)
@blueprint.reads(PhotoFile, "files")
@blueprint.reads(PhotoForm, "form")
@blueprint.answers(201, OnePhotoReply)
@blueprint.hears("Idempotency-Key")
def add(files: dict[str, Any], told: dict[str, Any], number: str) -> Response:
    """Add one photo to a ticket in any state.

    Its `uuid`, or else an Idempotency-Key, makes sending it again harmless.
    """
    actor, settings = current_actor(), current_app.config["SETTINGS"]
    ticket_seen(number, actor.scope)
    point = None
    if told["lat"] is not None and told["lon"] is not None:
        point = check_point(told["lat"], told["lon"])
    photo = prepare(
        files.get("file"),
        AttachmentKind(told["kind"]),
        settings,
        uuid=photo_key(told["uuid"]) or key_of(actor.user_id, idempotency_key()),
        taken_at=told["taken_at"],
        place=point,
        accuracy_metres=told["accuracy_metres"] if point else None,
        signer=told["signer"] or None,
    )
    with kept_files([photo], settings), transaction():
        ticket = ticket_for_change(number, actor.scope)
        most = settings.photos_per_report
        row = add_photo(ticket, photo.new, actor=actor, now=current_time(), most=most)
        reply = _shown(row)
    answer = jsonify({"attachment": reply})
    answer.status_code = 201
    return answer


@blueprint.gets("/tickets/<number>/attachments/<photo_id>/<size>")
@requires(Permission.SEE_TICKETS)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")  # type: ignore[untyped-decorator]
def picture(number: str, photo_id: str, size: str) -> AnyResponse:
    """Send a photo: `picture` has at most 2,048 pixels along its longer edge, `thumbnail` 320."""
    photo = photo_for(ticket_seen(number, current_scope()), photo_id)
    if not may_see(photo.kind, personal=_personal()):
        raise NotAllowed(_NOT_YOURS)
    return picture_answer(photo, size, current_app.config["SETTINGS"])


@blueprint.posts("/tickets/<number>/attachments/<photo_id>/delete")
@requires(Permission.ADMINISTER)
@blueprint.reads(RemovePhotoShape)
@blueprint.answers(200, OnePhotoReply)
def delete(asked: dict[str, Any], number: str, photo_id: str) -> Response:
    """Remove a photo for good; its row stays and says by whom and why."""
    return _change(number, photo_id, remove_photo, asked["reason"])


@blueprint.gets("/tickets/<number>/attachments/<photo_id>/original")
@requires(Permission.SEE_PERSONAL)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")  # type: ignore[untyped-decorator]
def original(number: str, photo_id: str) -> AnyResponse:
    """Send a covered photo as it was taken; who looked is written down."""
    actor = current_actor()
    with transaction():
        ticket = ticket_seen(number, actor.scope)
        photo = photo_for(ticket, photo_id)
        answer = original_answer(photo, current_app.config["SETTINGS"])
        log_original_look(ticket, photo, actor=actor, now=current_time())
    return answer


@blueprint.posts("/tickets/<number>/attachments/<photo_id>/cover")
@requires(Permission.DISPATCH)
@blueprint.reads(CoverShape)
@blueprint.answers(200, OnePhotoReply)
def cover(asked: dict[str, Any], number: str, photo_id: str) -> Response:
    """Cover faces and plates: everybody is shown the covered copy in place of the photo."""
    actor, settings = current_actor(), current_app.config["SETTINGS"]
    photo = photo_for(ticket_seen(number, actor.scope), photo_id)
    if not may_see(photo.kind, personal=_personal()):
        raise NotAllowed(_NOT_YOURS)
    copy = covered_copy(photo, [Box(**each) for each in asked["boxes"]], settings)
    with kept_copy(copy, settings) as name, transaction():
        ticket = ticket_for_change(number, actor.scope)
        photo = photo_for(ticket, photo_id)
        seen, now = copy.before, current_time()
        cover_photo(ticket, photo, copy.boxes, name, seen=seen, actor=actor, now=now)
        reply = _shown(photo)
    if copy.before is not None:
        remove_unneeded(copy.before, settings)
    return jsonify({"attachment": reply})


@blueprint.posts("/tickets/<number>/attachments/<photo_id>/uncover")
@requires(Permission.ADMINISTER)
@blueprint.reads(RemovePhotoShape)
@blueprint.answers(200, OnePhotoReply)
def uncover(asked: dict[str, Any], number: str, photo_id: str) -> Response:
    """Show a photo again as it was taken."""
    return _change(number, photo_id, uncover_photo, asked["reason"])


def _change(number: str, photo_id: str, act: Callable[..., None], reason: str) -> Response:
    """Change a photo, with the reason; then let those of its files go that nothing shows."""
    actor = current_actor()
    with transaction():
        ticket = ticket_for_change(number, actor.scope)
        photo = photo_for(ticket, photo_id)
        files = [name for name in (photo.sha256, photo.covered_sha256) if name]
        act(ticket, photo, reason=reason, actor=actor, now=current_time())
        reply = _shown(photo)
    for each in files:
        remove_unneeded(each, current_app.config["SETTINGS"])
    return jsonify({"attachment": reply})


def _personal() -> bool:
    return current_actor().can(Permission.SEE_PERSONAL)


def _shown(row: Attachment) -> dict[str, Any]:
    role = current_actor().role
    return photo_row(row, str(role) if role else None, personal=_personal())

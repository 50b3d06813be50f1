"""How does a crew add a photo to its ticket, with a script and without?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, jsonify, redirect, request

from dispatch.access import (
    current_actor,
    current_time,
    is_revoked_phone,
    phone_sender,
    presented_phone,
    requires,
)
from dispatch.actions.attachments import add_photo
from dispatch.actions.field_sync import REVOKED, Sent, person_behind
from dispatch.actions.held_photos import check_room_for_photo, hold_photo, is_photo_known
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.errors import Invalid, NotAllowed
from dispatch.domain.field_commands import PhoneClock
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Permission
from dispatch.domain.place import check_point
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.photos import kept_files, photo_key, prepare, sent_hash
from dispatch.queries.attachments import photos_of
from dispatch.queries.field_sync import device_known
from dispatch.queries.phones import phone_known
from dispatch.queries.tickets import ticket_for_change, ticket_seen
from dispatch.refusals import wants_json, worded
from dispatch.schemas.attachments import CrewPhotoForm
from dispatch.schemas.fields import loaded

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.domain.permissions import Actor
    from dispatch.photos import Prepared

blueprint = Blueprint("crew_photos", __name__, url_prefix="/crew")

NOT_FIELDS = ("csrf_token",)


@blueprint.post("/<number>/photos")
@requires(Permission.DO_FIELD_WORK, unless=is_revoked_phone)
def add(number: str) -> Response:
    """Add one photo before or after the work; a form without a script comes back to the ticket.

    What a revoked phone sends is held for the desk, also when nobody is signed in on it.
    """
    if is_revoked_phone():
        return _held(number)
    if not current_actor().can(Permission.WRITE_NOTE):
        raise NotAllowed(say("You may not do this. Ask an administrator for the permission."))
    own = ticket_number(ticket_seen(number, current_actor().scope).id)
    address = f"/crew/{own}#photos"
    try:
        photo_id = _added(own)
    except Invalid as refusal:
        if wants_json():
            raise
        flash(worded(refusal.fields.get("file", refusal.sentence)), "error")
        return redirect(address, 303)
    if not wants_json():
        flash(worded(say("The photo has arrived.")), "success")
        return redirect(address, 303)
    path = f"/api/v1/tickets/{own}/attachments/{photo_id}"
    shown = {"id": photo_id, "picture": f"{path}/picture", "thumbnail": f"{path}/thumbnail"}
    return jsonify({"photo": shown})


def _told() -> dict[str, Any]:
    given = {name: text for name, text in request.form.items() if text and name not in NOT_FIELDS}
    return loaded(CrewPhotoForm, given)


def _drawn(told: dict[str, Any]) -> Prepared:
    placed = told["lat"] is not None and told["lon"] is not None
    return prepare(
        request.files.get("file"),
        AttachmentKind(told["kind"]),
        current_app.config["SETTINGS"],
        uuid=photo_key(told["uuid"]),
        taken_at=told["taken_at"],
        place=check_point(told["lat"], told["lon"]) if placed else None,
        accuracy_metres=told["accuracy_metres"] if placed else None,
        signer=told["signer"] or None,
    )


def _held(number: str) -> Response:
    """Hold a photo for the desk; the answer says nothing about the ticket."""
    told, phone_hash = _told(), secret_hash(presented_phone())
    name, device_id = photo_key(told["uuid"]), device_known(phone_hash).id
    if not is_photo_known(name, device_id, sent_hash(request.files.get("file"))):
        check_room_for_photo(device_id)
        photo, settings = _drawn(told), current_app.config["SETTINGS"]
        sent = Sent(phone_hash, phone_sender(phone_hash), PhoneClock(""), current_time())
        with kept_files([photo], settings), transaction():
            hold_photo(number, photo.new, person_id=told["person"], sent=sent)
    if wants_json():
        return jsonify({"photo": {"id": name or "held", "held": worded(REVOKED)}})
    flash(worded(REVOKED), "warning")
    return redirect("/crew", 303)


def _added(number: str) -> str:
    settings, told = current_app.config["SETTINGS"], _told()
    actor = _taker(told["person"])
    photo = _drawn(told)
    with kept_files([photo], settings), transaction():
        ticket = ticket_for_change(number, actor.scope)
        most = settings.photos_per_report
        row = add_photo(ticket, photo.new, actor=actor, now=current_time(), most=most)
        return row.public_id


def _taker(person_id: int | None) -> Actor:
    """Return who took a photo: the asker, or whoever took it on the crew's phone that sends it.

    Raises:
        NotAllowed: when the phone is not of the asker's crew, or does not know that person.
    """
    sender = current_actor()
    if person_id in {None, sender.user_id}:
        return sender
    phone = phone_known(secret_hash(presented_phone()))
    ours = phone is not None and phone.revoked_at is None and phone.crew_id == sender.crew_id
    taker = person_behind(person_id, phone, sender) if phone is not None and ours else None
    if phone is None or taker is None:
        raise NotAllowed(say("Only the person who took this photo can send it from this phone."))
    return replace(taker, device_id=phone.id)


def crew_photos(number: str) -> list[dict[str, Any]]:
    """Return the photos of a ticket that a crew may open, oldest first."""
    actor = current_actor()
    rows = photos_of(ticket_seen(number, actor.scope), personal=actor.can(Permission.SEE_PERSONAL))
    return [row for row in rows if not row["hidden"] and row["deleted_at"] is None]

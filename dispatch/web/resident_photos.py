"""How does a resident send photos of a fault, and see them again?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.attachments import add_photo
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attachments import RESIDENT_PHOTOS, AttachmentKind
from dispatch.domain.errors import Invalid, NotFound, Reused
from dispatch.domain.permissions import Permission, Scope
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.photos import kept_files, key_of, photo_key, picture_answer, prepare
from dispatch.queries.attachments import photo_of_reporter, photos_of_reporter
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.tracking import live_report, reported_ticket
from dispatch.refusals import wants_json, worded
from dispatch.schemas.attachments import ResidentPhotoShape
from dispatch.schemas.fields import loaded

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage
    from werkzeug.wrappers import Response

    from dispatch.models.attachments import Attachment
    from dispatch.photos import Prepared

blueprint = Blueprint("resident_photos", __name__)

NO_LINK = say("This link is unknown or has expired.")


@blueprint.post("/t/<token>/photos")
@requires(Permission.PUBLIC)
def add(token: str) -> Response | tuple[str, int]:
    """Take photos for a report: one with an answer for our script, some with one for a form."""
    if live_report(token, current_time()) is None:
        if wants_json():
            raise NotFound(NO_LINK)
        return render_template("track_missing.html"), 404
    if not wants_json():
        take_photos(token, sent_photos())
        return redirect(f"/t/{token}", 303)
    told = loaded(ResidentPhotoShape, request.form.to_dict())
    sent = request.files.get("file")
    uuid = photo_key(told["uuid"])
    photo = prepare(sent, AttachmentKind.REPORT, _settings(), uuid=uuid, taken_at=told["taken_at"])
    row = _keep(token, photo)
    address = f"/t/{token}/photos/{row.public_id}"
    reply = {"picture": f"{address}/picture", "thumbnail": f"{address}/thumbnail"}
    return jsonify({"photo": {"id": row.public_id} | reply})


@blueprint.get("/t/<token>/photos/<photo_id>/<size>")
@requires(Permission.PUBLIC)
def picture(token: str, photo_id: str, size: str) -> Response:
    """Send a photo to the one who holds the link."""
    report = live_report(token, current_time())
    if report is None:
        raise NotFound(NO_LINK)
    after = _settings().photos_after_to_residents
    photo = photo_of_reporter(report, reported_ticket(report), photo_id, after=after)
    answer = picture_answer(photo, size, _settings())
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def sent_photos() -> list[FileStorage]:
    """Return the photos of a plain form; a field that was left empty sends one without a name."""
    return [each for each in request.files.getlist("photos") if each.filename]


def take_photos(token: str, sent: list[FileStorage]) -> None:
    """Add the photos of a plain form to a report; the reader is told of each that is refused.

    A report never fails for a photo.
    """
    for file in sent[:RESIDENT_PHOTOS]:
        try:
            content = file.stream.read()
            file.stream.seek(0)
            uuid = key_of(token, hashlib.sha256(content).hexdigest())
            _keep(token, prepare(file, AttachmentKind.REPORT, _settings(), uuid=uuid))
        except (Invalid, Reused) as refusal:
            flash(worded(refusal.sentence), "warning")


def _keep(token: str, photo: Prepared) -> Attachment:
    settings, now = _settings(), current_time()
    with kept_files([photo], settings), transaction():
        report = live_report(token, now)
        if report is None:
            raise NotFound(NO_LINK)
        ticket = ticket_for_change(
            ticket_number(reported_ticket(report).id), Scope(everything=True)
        )
        return add_photo(
            ticket,
            photo.new,
            actor=current_actor(),
            now=now,
            most=most_photos(),
            report=report,
        )


def most_photos() -> int:
    """Return how many photos a resident may send for a report."""
    return int(min(RESIDENT_PHOTOS, _settings().photos_per_report))


def shown_photos(token: str) -> dict[str, Any]:
    """Return what a track page shows of photos, and how many more may be sent."""
    report = live_report(token, current_time())
    if report is None:
        return {"photos": [], "room": 0, "most": 0}
    after = _settings().photos_after_to_residents
    photos = photos_of_reporter(report, reported_ticket(report), after=after)
    own = sum(each["own"] for each in photos)
    most = most_photos()
    return {"photos": photos, "room": max(0, most - own), "most": most}


def _settings() -> Any:
    return current_app.config["SETTINGS"]

"""What must be there before the pages about crews' phones can be looked at?"""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from flask import current_app
from werkzeug.datastructures import FileStorage

from dispatch.access import PHONE_COOKIE
from dispatch.actions.field_sync import Sent
from dispatch.actions.held_photos import hold_photo
from dispatch.actions.phones import enrol_phone, note_seen, revoke_phone
from dispatch.actions.pins import set_pin
from dispatch.actions.site_facts import add_fact
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.field_commands import PhoneClock
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.people import Device, User
from dispatch.photos import kept_files, prepare
from dispatch.queries.tickets import ticket_for_change
from tests.factories import DESK, make_account
from tests.phones import CrewPhone
from tests.photos import photo_file
from tests.trips import step

if TYPE_CHECKING:
    from datetime import datetime

    from playwright.sync_api import Page

SECRET, LOST = "phone-in-the-van", "phone-in-a-taxi"


def furnish_phones(now: datetime) -> None:
    """Give the crews a phone in use, and one that was revoked and sent something since."""
    with transaction():
        for number, name in enumerate(("王磊", "赵敏")):
            steward = make_account(Role.CREW, now, name=name, crew_id=2)
            if number == 0:
                set_pin(db.session.get_one(User, steward.user_id), "201530", actor=DESK, now=now)
                kept = secret_hash(SECRET)
                phone = enrol_phone("2 号机", actor=steward, now=now, secret_hash=kept)
                note_seen(phone, steward, waiting=2, app="1.4", now=now)
    lost = CrewPhone(now - timedelta(minutes=40), 1, "李强", called="1 号机")
    with transaction():
        revoke_phone(lost.device, "落在出租车上", actor=DESK, now=now)
    lost.send(lost.tap("note", at=12, ticket="W000002", args={"note": "阀门卡死，已关上游阀"}), 40)
    lost.send(lost.tap("arrive", at=20, ticket="W999999"), 40)
    _hold_photo(lost)
    _write_two(lost)
    with transaction():
        db.session.get_one(Device, lost.device.id).secret_hash = secret_hash(LOST)


def _write_two(lost: CrewPhone) -> None:
    """Let the desk and the crew count the same part differently."""
    clamps = {"item": "clamps_150"}
    step(2, "parts", DESK, lost.start + timedelta(minutes=31), **clamps, count=3, crew_id=1)
    with transaction():
        ticket = ticket_for_change("W000002", DESK.scope)
        told = Told(effective_at=lost.start + timedelta(minutes=30))
        by = {"actor": lost.actor, "now": lost.start + timedelta(minutes=39)}
        add_fact(ticket, "parts", clamps | {"count": 2}, told=told, **by)


def _hold_photo(lost: CrewPhone) -> None:
    """Let the lost phone send a photo too, as its page does."""
    settings = current_app.config["SETTINGS"]
    sent = FileStorage(BytesIO(photo_file(640, 480, colour="teal")), filename="1.jpg")
    photo = prepare(sent, AttachmentKind.BEFORE, settings, taken_at=lost.start)
    now = lost.start + timedelta(minutes=40)
    with kept_files([photo], settings), transaction():
        told = Sent(lost.secret, lost.actor, PhoneClock("s"), now)
        hold_photo("W000002", photo.new, person_id=None, sent=told)


def show_people(page: Page) -> None:
    """Make this browser the phone in the van and list its people."""
    page.context.add_cookies([{"name": PHONE_COOKIE, "value": SECRET, "url": page.url}])
    page.goto("/crew/sign-in")
    page.locator(".who").first.wait_for()


def show_revoked(page: Page) -> None:
    """Make this browser the phone that was lost."""
    page.context.add_cookies([{"name": PHONE_COOKIE, "value": LOST, "url": page.url}])
    page.goto("/crew/sign-in")
    page.locator("[data-revoked]").wait_for()


def show_code(page: Page) -> None:
    """Ask for a code of another phone."""
    page.locator("[name=name]").fill("3 号机")
    page.locator("form.stack button.primary").click()
    page.locator(".phone-qr").wait_for()

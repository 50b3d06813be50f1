"""Is a report set up, paused, left and asked for only by those who may?"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dispatch.actions.saved_views import add_view
from dispatch.actions.scheduled_reports import (
    add_report,
    delete_report,
    leave_report,
    pause_report,
    send_due_report,
    send_report_now,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Stale
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.people import User
from dispatch.models.scheduled_reports import ScheduledReport
from tests.factories import make_account

ZONE = ZoneInfo("Asia/Shanghai")
WHERE = {"zone": ZONE, "base_url": "https://water.example/"}


class Story:
    """A manager with a view, and another person who sees figures."""

    def __init__(self, now) -> None:
        self.now = now
        with transaction():
            self.maker = make_account(Role.MANAGER, now, email="boss@water.example")
            self.other = make_account(Role.AUDITOR, now, email="audit@water.example")
            self.crew = make_account(Role.CREW, now, email="crew@water.example")
            self.view_id = add_view(
                "All", {}, shared=False, actor=self.maker, now=now, page="circle"
            ).id

    def add(self, recipients=None, view_id=None, every="month"):
        wanted = [self.maker.user_id] if recipients is None else recipients
        with transaction():
            return add_report(
                view_id or self.view_id, every, wanted, actor=self.maker, now=self.now, zone=ZONE
            ).id

    def pause(self, report_id, actor=None, *, paused=True, version=1):
        with transaction():
            pause_report(
                report_id, paused=paused, actor=actor or self.maker, now=self.now, zone=ZONE,
                seen_version=version,
            )  # fmt: skip

    def send(self, report_id, actor=None, now=None):
        with transaction():
            return send_report_now(
                report_id, actor=actor or self.maker, now=now or self.now, **WHERE
            )


@pytest.fixture
def story(session, now):
    return Story(now)


def row_of(report_id):
    return db.session.get_one(ScheduledReport, report_id, populate_existing=True)


def test_a_report_needs_a_view_and_readers(story):
    for recipients, view_id, every, field in (
        ([], None, "week", "recipients"), ([story.crew.user_id], None, "week", "recipients"),
        (None, 99, "week", "view"), (None, None, "day", "every"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            story.add(recipients, view_id, every)
        assert set(refusal.value.fields) == {field}


def test_only_its_maker_pauses_and_deletes_it(story):
    report_id = story.add()
    with pytest.raises(NotAllowed):
        story.pause(report_id, story.other)
    with pytest.raises(NotFound):
        story.pause(99)
    story.pause(report_id)
    with pytest.raises(Stale):
        story.pause(report_id)
    assert row_of(report_id).paused
    story.pause(report_id, paused=False, version=2)
    assert row_of(report_id).due_at > story.now
    with transaction():
        delete_report(report_id, actor=story.maker, seen_version=3)
    assert db.session.scalars(select(ScheduledReport)).all() == []


def test_a_report_that_the_last_one_left_pauses(story):
    report_id = story.add()
    with transaction():
        leave_report(report_id, actor=story.other)
        leave_report(99, actor=story.other)
    assert row_of(report_id).recipients == [story.maker.user_id]
    with transaction():
        leave_report(report_id, actor=story.maker)
    assert row_of(report_id).paused
    with transaction():
        assert send_due_report(
            report_id, {}, now=story.now + timedelta(days=60), **WHERE
        ) == 0  # fmt: skip


def test_one_is_sent_at_once_to_whoever_asks_and_not_twice_a_minute(story):
    report_id = story.add([story.other.user_id])
    assert story.send(report_id) == "boss@water.example"
    with pytest.raises(Forbidden):
        story.send(report_id)
    assert story.send(report_id, story.other) == "audit@water.example"
    story.send(report_id, now=story.now + timedelta(minutes=1))
    keys = db.session.scalars(select(Outbox.effect_key)).all()
    assert len(set(keys)) == 3
    with pytest.raises(NotAllowed):
        story.send(report_id, story.crew)
    with transaction():
        db.session.get_one(User, story.maker.user_id).email = None
    with pytest.raises(Forbidden):
        story.send(report_id)


def test_a_maker_who_has_left_sends_nothing_more(story):
    report_id = story.add([story.other.user_id])
    with transaction():
        db.session.get_one(User, story.maker.user_id).active = False
    with transaction():
        assert send_due_report(
            report_id, {}, now=story.now + timedelta(days=60), **WHERE
        ) == 0  # fmt: skip
    assert row_of(report_id).fault["text"] == "Whoever made it does not see figures any more."

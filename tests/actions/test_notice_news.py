"""Is everybody who asked told of an interruption once, of each change, and of an early end?"""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely
from sqlalchemy import select

from dispatch.actions.notices import (
    change_notice,
    draft_notice,
    end_notice,
    extend_notice,
    resume_notice,
)
from dispatch.actions.retention import forget_old_messages
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from tests.factories import DESK, make_city
from tests.notices import HOUR, announce, wish
from tests.subscribers import EAST, ask, let_out, subscribe, told

MAIL = "chen@example.org"


@pytest.fixture
def city(session, now):
    with transaction():
        make_city(now)


def by(row, now):
    return {"actor": DESK, "now": now, "seen_version": row.version}


def news(recipient: str = "13800005678", **named: str | None) -> list[str]:
    return [each for each in told(recipient, **named) if each != "notice_confirm"]


def test_who_confirmed_is_told_of_each_step_once(city, now):
    with transaction():
        subscribe(now)
        subscribe(now, MAIL, point=None, grid="West", place="West")
        subscribe(now, "13900000001", point=EAST)
        ask(now, "13900000002")
    let_out()
    with transaction():
        row = announce(now)
    assert news() == news(MAIL) == ["notice_told"]
    assert news("13900000001") == news("13900000002") == []
    let_out()
    with transaction():
        extend_notice(row.id, now + 5 * HOUR, **by(row, now))
    let_out()
    with transaction():
        change_notice(row.id, wish(now, ends_at=now + 5 * HOUR), **by(row, now))
    with transaction():
        end_notice(row.id, **by(row, now))
    assert news() == ["notice_told", "notice_changed", "notice_over"]
    let_out()
    with transaction():
        resume_notice(row.id, **by(row, now))
    assert news()[-1] == "notice_changed"


def test_what_was_not_sent_yet_is_told_as_it_stands_or_not_at_all(city, now):
    with transaction():
        subscribe(now)
        row = announce(now)
    with transaction():
        extend_notice(row.id, now + 5 * HOUR, **by(row, now))
    assert news(state="waiting") == ["notice_told"]
    message = db.session.scalars(
        select(Outbox).where(Outbox.state == "waiting").order_by(Outbox.id)
    ).all()[-1]
    assert message.content["notice"]["ends_at"] == (now + 5 * HOUR).isoformat()
    assert message.next_try_at > now
    with transaction():
        end_notice(row.id, **by(row, now))
    assert news(state="waiting") == []
    assert news(state="cancelled") == ["notice_told", "notice_told"]


def test_an_end_that_is_taken_back_before_it_was_told_tells_nobody_anything(city, now):
    with transaction():
        subscribe(now)
        row = announce(now)
    let_out()
    for step in (end_notice, resume_notice):
        with transaction():
            step(row.id, **by(row, now))
    assert news() == ["notice_told", "notice_over"]
    assert news(state="waiting") == []


def test_what_is_being_sent_counts_as_heard(city, now):
    with transaction():
        subscribe(now)
        row = announce(now)
        message = db.session.scalars(select(Outbox).where(Outbox.template == "notice_told")).one()
        message.leased_until = now + timedelta(seconds=20)
    with transaction():
        end_notice(row.id, **by(row, now))
    assert news() == ["notice_told", "notice_over"]


def test_an_area_that_moves_away_is_over_for_those_it_left(city, now):
    with transaction():
        subscribe(now)
        subscribe(now, MAIL, point=EAST)
        gone = subscribe(now, "13900000001")
        row = announce(now)
    let_out()
    with transaction():
        db.session.delete(gone)
        change_notice(row.id, wish(now, grids=("East",)), **by(row, now))
    assert news()[-1] == "notice_over"
    assert news(MAIL) == ["notice_told"]
    assert news("13900000001") == ["notice_told"]


def test_a_person_of_two_places_is_told_once_and_a_draft_tells_nobody(city, now):
    with transaction():
        subscribe(now)
        subscribe(now, point=None, grid="West", place="West")
        draft = draft_notice(wish(now), actor=DESK, now=now)
        end_notice(draft.id, **by(draft, now))
    assert news() == []
    with transaction():
        corner = shapely.box(112.94, 28.14, 112.96, 28.16)
        announce(now, grids=(), outline=corner)
    assert news() == ["notice_told"]
    lane = db.session.scalars(select(Outbox.lane).where(Outbox.template == "notice_told")).one()
    assert lane == "notice/sms"


def test_a_long_interruption_remembers_what_was_heard_of_it(city, now):
    with transaction():
        subscribe(now)
        row = announce(now)
    let_out()
    for days in (0, 25, 50, 75, 100):
        at = now + timedelta(days=days)
        with transaction():
            extend_notice(row.id, at + timedelta(days=29), **by(row, at))
            forget_old_messages(at + timedelta(days=25))
        let_out()
    assert news() == ["notice_told", *["notice_changed"] * 5]
    with transaction():
        assert forget_old_messages(now + timedelta(days=130)) == 3


def test_a_message_gets_a_new_key_though_an_older_one_is_gone(city, now):
    with transaction():
        subscribe(now)
        row = announce(now)
    let_out()
    with transaction():
        extend_notice(row.id, now + 5 * HOUR, **by(row, now))
    let_out()
    with transaction():
        first = select(Outbox).where(Outbox.template == "notice_told")
        db.session.delete(db.session.scalars(first).one())
    with transaction():
        end_notice(row.id, **by(row, now))
    assert news() == ["notice_changed", "notice_over"]

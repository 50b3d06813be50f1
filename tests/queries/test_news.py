"""Is each change that a desk shows in the digests, and nothing else?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import Position
from dispatch.queries.live import OVERLAP
from dispatch.queries.news import latest_news
from tests.factories import make_crew, make_team, make_ticket


def move(crew_id, at):
    db.session.add(Position(crew_id=crew_id, lat=28.15, lon=112.95, measured_at=at))


@pytest.mark.usefixtures("session")
def test_an_empty_city_has_a_cursor_that_stays():
    assert latest_news() == latest_news()
    assert latest_news().cursor == f"{latest_news().tickets}-{latest_news().crews}"


@pytest.mark.usefixtures("session")
def test_a_late_commit_within_the_overlap_is_news(now):
    with transaction():
        make_ticket(now)
    before = latest_news()
    with transaction():
        make_ticket(now - OVERLAP + timedelta(seconds=1))
    after = latest_news()
    assert after.tickets != before.tickets
    assert after.crews == before.crews


@pytest.mark.usefixtures("session")
def test_a_move_is_news_of_crews_alone(now):
    with transaction():
        team = make_team()
        move(make_crew("West 1", team=team).id, now)
    before = latest_news()
    with transaction():
        move(make_crew("West 2", team=team).id, now + timedelta(seconds=1))
    after = latest_news()
    assert after.tickets == before.tickets
    assert after.crews != before.crews


def test_a_past_ticket_that_is_imported_is_no_news(session, now):
    with transaction():
        make_ticket(now)
    before = latest_news()
    with transaction():
        make_ticket(now).ticket.imported = True
    assert latest_news() == before

"""Are those counted and found who are told of a place, and is an old link of no use?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.queries.notice_subscriptions import (
    ends_at,
    news_of,
    notices_at,
    people_told_of,
    public_notices_at,
    subscriber_counts,
    subscription_behind,
    subscriptions_of,
    subscriptions_touched,
)
from tests.factories import make_city
from tests.notices import announce
from tests.subscribers import EAST, PHONE, ask, subscribe

DAY = timedelta(days=1)


@pytest.fixture
def people(session, now):
    with transaction():
        make_city(now)
        return [
            subscribe(now),
            subscribe(now, point=None, grid="West", place="West"),
            subscribe(now, "a@example.org", point=EAST),
            ask(now, "13900000002"),
        ]


def test_people_places_and_open_requests_are_counted(people, now):
    assert subscriber_counts(now) == {"people": 2, "places": 3, "waiting": 1}
    assert subscriber_counts(now + 3 * DAY) == {"people": 2, "places": 3, "waiting": 0}
    assert subscriber_counts(now + 366 * DAY) == {"people": 0, "places": 0, "waiting": 0}


def test_those_are_found_whose_place_an_interruption_holds(people, now):
    with transaction():
        row = announce(now)
    first, whole, east, _ = people
    assert subscriptions_touched(row, now) == [first, whole]
    assert people_told_of(row, now) == 1
    assert subscriptions_touched(row, now + 366 * DAY) == []
    assert len(news_of(row.id)) == 1
    assert notices_at(first, now) == notices_at(whole, now) == [row]
    assert notices_at(east, now) == []
    assert [each["id"] for each in public_notices_at(first, now)] == [row.id]


def test_a_link_opens_its_subscription_until_it_ends(people, now):
    first, *_, unconfirmed = people
    assert subscription_behind(first.token, now + 364 * DAY) is first
    assert ends_at(unconfirmed) == now + 2 * DAY
    assert ends_at(first) == now + 365 * DAY
    unread = [(token, now) for token in ("x", "\0", f"{first.token}\0", "水")]
    for token, at in [(unconfirmed.token, now + 2 * DAY), *unread]:
        with pytest.raises(NotFound):
            subscription_behind(token, at)
    assert subscriptions_of([PHONE, "a@example.org"]) == people[:3]
    assert subscriptions_of([]) == []

"""Is a view shown to those who may use it, by name, and to nobody else?"""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Actor, Role
from dispatch.models.people import User
from dispatch.models.saved_views import SavedView
from dispatch.queries.saved_views import own_views, shown_view, view_for_change, view_rows


@pytest.fixture
def two(session, now):
    people = []
    for name in ("ann", "bob"):
        user = User(sign_in_name=name, name=name, role="dispatcher", created_at=now, active=True)
        session.add(user)
        session.flush()
        people.append(Actor(name, Role.DISPATCHER, user.id))
    return people


def keep(session, now, actor, name, **columns: Any):
    row = SavedView(user_id=actor.user_id, name=name, filters={}, changed_at=now, **columns)
    session.add(row)
    session.flush()
    return row


def test_own_and_shared_views_are_listed_by_name(session, now, two):
    ann, bob = two
    keep(session, now, ann, "b", shared=True)
    keep(session, now, bob, "a")
    keep(session, now, ann, "secret")
    keep(session, now, bob, "gone", deleted_at=now)
    assert [(each["name"], each["owner"]) for each in view_rows(bob)] == [("a", None), ("b", "ann")]
    assert [each.name for each in own_views(bob.user_id)] == ["a", "gone"]


def test_somebody_elses_own_view_is_not_found(session, now, two):
    ann, bob = two
    row = keep(session, now, ann, "secret")
    assert view_for_change(row.id, ann) is row
    assert shown_view(row, "ann", bob)["owner"] == "ann"
    with pytest.raises(NotFound):
        view_for_change(row.id, bob)

"""Are views kept for one person, shared by those who may, and brought back after a deletion?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.saved_views import (
    KEPT_DELETED,
    MOST_VIEWS,
    add_view,
    change_view,
    delete_view,
    rename_view,
    restore_view,
)
from dispatch.domain.errors import Invalid, NotAllowed, NotFound, Stale
from dispatch.domain.permissions import Actor, Role
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.models.saved_views import SavedView
from dispatch.queries.saved_views import deleted_views, view_rows
from tests.factories import make_team

LATE = {"due": "over"}


@pytest.fixture
def people(session, now):
    west, east = make_team("West Team"), make_team("East Team")
    chosen = {
        "ann": (Role.DISPATCHER, None), "bob": (Role.CALL_TAKER, None),
        "lea": (Role.TEAM_LEADER, west.id), "leo": (Role.TEAM_LEADER, east.id),
        "root": (Role.ADMINISTRATOR, None),
    }  # fmt: skip
    found = {}
    for name, (role, team_id) in chosen.items():
        user = User(sign_in_name=name, name=name, role=str(role), created_at=now, active=True)
        user.team_id = team_id
        session.add(user)
        session.flush()
        found[name] = Actor(name, role, user.id, team_id=team_id)
    return found


def keep(actor, now, name="Late", *, shared=False):
    return add_view(name, LATE, shared=shared, actor=actor, now=now)


def names(actor):
    return [(each["name"], each["mine"], each["owner"]) for each in view_rows(actor)]


def test_a_view_is_its_owners_until_it_is_shared(people, now):
    ann, bob = people["ann"], people["bob"]
    view = keep(ann, now)
    assert (names(ann), names(bob)) == ([("Late", True, None)], [])
    wanted = {"name": "Overdue", "filters": {"level": "1"}, "shared": True}
    change_view(view.id, wanted, actor=ann, now=now, seen_version=1)
    assert names(bob) == [("Overdue", False, "ann")]
    assert view_rows(bob)[0]["filters"] == {"level": "1"}


def test_a_team_leaders_shared_view_is_for_the_team_and_the_desk(people, now):
    keep(people["lea"], now, shared=True)
    seen = {name for name, actor in people.items() if names(actor)}
    assert seen == {"lea", "ann", "bob", "root"}


def test_who_may_not_share_keeps_it_alone(people, now):
    bob = people["bob"]
    with pytest.raises(NotAllowed):
        keep(bob, now, shared=True)
    view = keep(bob, now)
    with pytest.raises(NotAllowed):
        change_view(
            view.id, {"name": "x", "filters": {}, "shared": True}, actor=bob, now=now,
            seen_version=1,
        )  # fmt: skip


def test_only_the_maker_and_for_shared_ones_an_administrator_changes_a_view(people, now):
    shared, own = keep(people["ann"], now, shared=True), keep(people["ann"], now, "Mine")
    with pytest.raises(NotAllowed):
        delete_view(shared.id, actor=people["bob"], now=now, seen_version=1)
    with pytest.raises(NotFound):
        delete_view(own.id, actor=people["root"], now=now, seen_version=1)
    delete_view(shared.id, actor=people["root"], now=now, seen_version=1)
    assert names(people["ann"]) == [("Mine", True, None)]


def test_a_deletion_is_undone_with_all_that_was_kept(people, now):
    ann = people["ann"]
    view = keep(ann, now)
    delete_view(view.id, actor=ann, now=now, seen_version=1)
    assert names(ann) == []
    with pytest.raises(NotFound):
        change_view(
            view.id, {"name": "x", "filters": {}, "shared": False}, actor=ann, now=now,
            seen_version=2,
        )  # fmt: skip
    restore_view(view.id, actor=ann, now=now, seen_version=2)
    assert view_rows(ann)[0]["filters"] == LATE


def test_a_name_is_given_once(people, now):
    ann = people["ann"]
    first, other = keep(ann, now), keep(ann, now, "Other")
    for act in (
        lambda: keep(ann, now, "LATE"),
        lambda: change_view(
            other.id, {"name": "late", "filters": {}, "shared": False}, actor=ann, now=now,
            seen_version=1,
        ),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            act()
    delete_view(first.id, actor=ann, now=now, seen_version=1)
    keep(ann, now)
    with pytest.raises(Invalid):
        restore_view(first.id, actor=ann, now=now, seen_version=2)
    keep(people["bob"], now)


def test_a_stale_change_is_refused(people, now):
    ann = people["ann"]
    view = keep(ann, now)
    with pytest.raises(Stale):
        delete_view(view.id, actor=ann, now=now, seen_version=7)


def test_a_person_has_at_most_fifty_views(people, now):
    ann = people["ann"]
    for number in range(MOST_VIEWS):
        keep(ann, now, f"View {number}")
    with pytest.raises(Invalid, match="50"):
        keep(ann, now)


def test_what_was_deleted_long_ago_is_forgotten_at_the_next_deletion(people, now):
    ann = people["ann"]
    old, young, last = (keep(ann, now, name) for name in ("Old", "Young", "Last"))
    later = now + KEPT_DELETED
    delete_view(old.id, actor=ann, now=now, seen_version=1)
    delete_view(young.id, actor=ann, now=now + timedelta(days=1), seen_version=1)
    delete_view(last.id, actor=ann, now=later + timedelta(seconds=1), seen_version=1)
    left = db.session.scalars(db.select(SavedView.name).order_by(SavedView.id)).all()
    assert left == ["Young", "Last"]


def test_a_view_is_renamed_and_nothing_else(people, now):
    ann = people["ann"]
    view, _other = keep(ann, now), keep(ann, now, "Other")
    with pytest.raises(Invalid):
        rename_view(view.id, "OTHER", actor=ann, now=now, seen_version=1)
    rename_view(view.id, "Very late", actor=ann, now=now, seen_version=1)
    assert (view.name, view.filters, names(ann)[1][0]) == ("Very late", LATE, "Very late")
    delete_view(view.id, actor=ann, now=now, seen_version=2)
    with pytest.raises(NotFound):
        rename_view(view.id, "Gone", actor=ann, now=now, seen_version=3)
    assert [row["name"] for row in deleted_views(ann, "desk")] == ["Very late"]
    assert deleted_views(people["bob"], "desk") == []

"""Does the watcher of changes see each one, outlive its database, and know who may listen?"""

from __future__ import annotations

from queue import Queue
from typing import TYPE_CHECKING

import psycopg
import pytest

from dispatch.actions.sessions import revoke_session
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.bells import PlainBell, bell_for
from dispatch.api import stream_watch
from dispatch.api.stream_watch import Watcher
from dispatch.domain.kept_secrets import secret_hash
from dispatch.models.base import db
from dispatch.models.people import Position
from tests.factories import make_crew, make_team, make_ticket

if TYPE_CHECKING:
    from flask import Flask

LONG = 60.0


class FalteringBell(PlainBell):
    """A bell whose connection is lost at the first wait."""

    def __init__(self) -> None:
        super().__init__(0.01)
        self.losses = 1

    def wait(self) -> None:
        if self.losses:
            self.losses -= 1
            raise psycopg.OperationalError("the server closed the connection")
        super().wait()


def watch(app: Flask, bell=None) -> Watcher:
    return Watcher(app, bell or PlainBell(0.01), breath=0.01)


@pytest.fixture
def told(app, now):
    """Return a watcher of a city that has looked once, and the list of what it tells."""
    with app.app_context(), transaction():
        crew = make_crew("West 1", team=make_team())
        make_ticket(now)
        crew_id = crew.id
    watcher, said = watch(app), []
    watcher.look(said.append)
    assert said == ["tickets"]
    said.clear()
    return watcher, said, crew_id


def test_nothing_is_told_while_nothing_changes(told):
    watcher, said, _ = told
    before = watcher.cursor
    watcher.look(said.append)
    assert (said, watcher.cursor) == ([], before)


def test_a_new_ticket_and_a_move_are_told_apart(told, app, now):
    watcher, said, crew_id = told
    with app.app_context(), transaction():
        make_ticket(now)
    watcher.look(said.append)
    assert said == ["tickets"]
    with app.app_context(), transaction():
        at = {"lat": 28.15, "lon": 112.95, "measured_at": now}
        db.session.add(Position(crew_id=crew_id, **at))
    before = watcher.cursor
    watcher.look(said.append)
    assert said == ["tickets", "crews"]
    assert watcher.cursor != before


def test_a_change_by_another_process_rings_and_a_lost_connection_is_made_up_for(app, now):
    heard: Queue[str] = Queue()
    watcher = watch(app, FalteringBell())
    watcher.start(heard.put)
    try:
        assert heard.get(timeout=LONG) == "tickets"
        with app.app_context(), transaction():
            make_ticket(now)
        assert heard.get(timeout=LONG) == "tickets"
        assert watcher.age() < LONG
    finally:
        watcher.stop()


def test_a_database_that_is_away_is_looked_at_again(app, monkeypatch):
    heard: Queue[str] = Queue()
    watcher, looks = watch(app), []

    def look():
        looks.append(1)
        if len(looks) < 3:
            raise psycopg.OperationalError("away")
        return real()

    real = stream_watch.latest_news
    monkeypatch.setattr(stream_watch, "latest_news", look)
    watcher.start(heard.put)
    try:
        assert heard.get(timeout=LONG) == "tickets"
        assert len(looks) >= 3
    finally:
        watcher.stop()


def test_the_database_of_the_application_has_its_bell(app, now):
    heard: Queue[str] = Queue()
    watcher = watch(app, bell_for(app.config["SETTINGS"].sqlalchemy_url))
    watcher.start(heard.put)
    try:
        assert heard.get(timeout=LONG) == "tickets"
        with app.app_context(), transaction():
            make_ticket(now)
        assert heard.get(timeout=LONG) == "tickets"
    finally:
        watcher.stop()


def test_only_those_signed_in_who_see_tickets_may_listen(app, sign_in, now, monkeypatch):
    desk, gone = sign_in("dispatcher"), sign_in("dispatcher")
    hashes = {secret_hash(each.secret): each for each in (desk, gone)}
    watcher = watch(app)
    asked = {*hashes, secret_hash("nobody")}
    assert watcher.allowed(asked) == set(hashes)
    with app.app_context(), transaction():
        revoke_session(secret_hash(gone.secret), now)
    assert watcher.allowed(asked) == {secret_hash(desk.secret)}

    def away(_hash, _now):
        raise psycopg.OperationalError("away")

    monkeypatch.setattr(stream_watch, "signed_in_actor_for", away)
    assert watcher.allowed(asked) is None

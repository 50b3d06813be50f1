"""Does a desk on the stream hear of every change, over a cut line and a crashed database?"""

from __future__ import annotations

import http.client
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from dispatch.access import SESSION_COOKIE
from dispatch.actions.unit_of_work import transaction
from dispatch.api.stream import PATH
from dispatch.domain.permissions import Role
from tests.conftest import SECRET, close_connections, make_app
from tests.databases import DURABLE, PostgresServer
from tests.factories import make_ticket
from tests.faults.fleet import Fleet, wait_within
from tests.visitors import signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 60.0


@contextmanager
def live_process(environment, log, *more: str) -> Iterator[int]:
    """Run `onevisit live` and yield its port once it has looked at the database."""
    with Fleet(environment, log) as fleet:
        yield fleet.listener("live", *more).port or 0


class Desk:
    """A browser that listens."""

    def __init__(self, port: int, secret: str, last: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
        headers = {"Cookie": f"{SESSION_COOKIE}={secret}"}
        self.connection.request(
            "GET", PATH, headers=headers | ({"Last-Event-ID": last} if last else {})
        )
        self.answer = self.connection.getresponse()

    def event(self) -> dict[str, str]:
        """Wait for the next event."""
        found: dict[str, str] = {}
        while line := self.answer.readline().decode().strip("\n"):
            name, _, value = line.partition(": ")
            found[name] = value
        return found if "event" in found else self.event()

    def news(self) -> str:
        """Wait for the next event that says that something changed, and return its id."""
        found = self.event()
        while found["event"] == "beat":
            found = self.event()
        return found["id"]

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def open_a_ticket(app, now):
    with app.app_context(), transaction():
        make_ticket(now)


def test_a_change_by_another_process_arrives_and_one_during_a_cut_is_made_up_for(
    app, environment, now, tmp_path, sign_in
):
    secret = sign_in("dispatcher").secret
    with live_process(environment, tmp_path / "log", "--streams", "2") as port:
        with closing(Desk(port, secret)) as desk, closing(Desk(port, secret)) as other:
            before = desk.news()
            assert other.news() == before
            with closing(Desk(port, secret)) as late:
                assert late.answer.status == 503
                assert late.answer.headers["Retry-After"] == "30"
            open_a_ticket(app, now)
            heard = desk.news()
            assert heard != before
            assert other.news() == heard
        open_a_ticket(app, now)
        for _ in wait_within(LONG):
            with closing(Desk(port, secret, last=heard)) as again:
                # The places of the two that have gone are free as soon as it is noticed.
                if again.answer.status == 200:
                    found = again.event()
                    # Come back before the next look, the news follow it.
                    assert (found.get("id") or again.news()) != heard
                    break
        with closing(Desk(port, "somebody")) as stranger:
            assert stranger.answer.status == 401


@pytest.fixture
def crashing(migrate, work_folder):
    server = PostgresServer(DURABLE)
    url = server.create("onevisit")
    migrate(url)
    built = make_app(url, work_folder)
    yield server, url, built
    close_connections(built)
    server.stop()


def test_a_database_that_crashed_is_heard_again_on_the_same_stream(
    crashing, now, tmp_path, work_folder
):
    server, url, app = crashing
    secret = signed_in(app, Role.DISPATCHER, now).secret
    environment = {
        "ONEVISIT_DATABASE_URL": url,
        "ONEVISIT_DATA_DIR": str(work_folder),
        "ONEVISIT_SECRET_KEY": SECRET,
    }
    with (
        live_process(environment, tmp_path / "log") as port,
        closing(Desk(port, secret)) as desk,
    ):
        before = desk.news()
        close_connections(app)
        server.crash()
        server.restart()
        open_a_ticket(app, now)
        assert desk.news() != before

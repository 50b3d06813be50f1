"""Does exactly one of eight win whatever they all want at the same moment?"""

from __future__ import annotations

import contextlib
import http.client
import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select

from dispatch.actions.follow_ups import claim
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.tickets import Ticket
from dispatch.queries.event_chain import checked_tickets
from dispatch.queries.follow_ups import follow_up_for_change
from tests.contenders import contend
from tests.factories import make_account
from tests.faults.commands import API, Desk, trace
from tests.faults.fleet import Fleet
from tests.follow_ups import EVERYTHING
from tests.invariants import expect_whole, stored
from tests.visitors import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.faults.commands import Command
    from tests.faults.fleet import Member

CONTENDERS = 8
KINDS = (
    "assign", "accept", "acknowledge", "close", "merge", "merge into each other", "start a task",
    "take note of an alert", "answer a follow-up", "report",
)  # fmt: skip
TOLD = {409: {"stale", "forbidden_step"}, 422: {"key_reused"}}
"""What those who lose may be told, by status."""


@dataclass
class Sent:
    """One answer: its status and its JSON."""

    status: int
    reply: Any


@dataclass
class Race:
    """Eight people at the desk, and what became of what they asked for."""

    app: Flask
    desk: Desk
    people: list[tuple[str, str]]
    alone: dict[str, Any] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    rounds: Counter[str] = field(default_factory=Counter)

    def one_alone(self, kind: str, send: Callable[..., Sent]) -> None:
        """Keep what a command leaves behind when nobody else asks for it."""
        with self.app.app_context():
            command = self.desk.ready(kind)
            before = _newest()
        assert send(0, command, self.people[0][1], kind).status < http.HTTPStatus.MULTIPLE_CHOICES
        with self.app.app_context():
            self.alone[kind] = trace(*command.tickets or _since(before))

    def play(self, kind: str, send: Callable[..., Sent]) -> None:
        """Let all ask at once; one wins, and nothing but its work is left."""
        with self.app.app_context():
            command = self.desk.ready(kind)
            before = _newest()
        key = str(uuid.uuid4())
        gate = Barrier(CONTENDERS)

        def one(number: int) -> Sent:
            back = command.opposite if number % 2 and command.opposite else command
            gate.wait(timeout=60)
            return send(number, back, self.people[number][1], key)

        with ThreadPoolExecutor(CONTENDERS) as pool:
            sent = list(pool.map(one, range(CONTENDERS)))
        outcomes = [self._outcome(*each) for each in zip(self.people, sent, strict=True)]
        assert outcomes.count("won") == 1, (kind, sent)
        self.answers.update(outcomes)
        self.rounds[kind] += 1
        with self.app.app_context():
            touched = command.tickets or _since(before)
            assert trace(*touched) == self.alone[kind], kind
            for won in (each.reply for each in sent if each.status == http.HTTPStatus.OK):
                said = won.get("ticket", {}).get("version")
                assert said in {None, *(stored(each).version for each in touched)}, kind
            for each in touched:
                expect_whole(each)

    def _outcome(self, person: tuple[str, str], sent: Sent) -> str:
        said = json.dumps(sent.reply)
        assert "locked" not in said, said
        if sent.status < http.HTTPStatus.MULTIPLE_CHOICES:
            # An alert is noted once and by one person; the others read by whom.
            noted = sent.reply.get("alert", {}).get("acknowledged_by", person[0])
            return "won" if noted == person[0] else "told by whom"
        fault = sent.reply["error"]
        assert fault["code"] in TOLD.get(sent.status, ()), (sent.status, fault)
        assert fault["message"].endswith("."), fault
        return str(fault["code"])


def _newest() -> int:
    return db.session.scalar(select(func.max(Ticket.id))) or 0


def _since(newest: int) -> tuple[int, ...]:
    return tuple(db.session.scalars(select(Ticket.id).where(Ticket.id > newest)))


@pytest.fixture
def race(app, now) -> Race:
    with app.app_context():
        if db.engine.dialect.name == "postgresql":

            @event.listens_for(db.engine, "connect")
            def find_deadlocks_soon(connection: Any, _record: Any) -> None:
                connection.execute("SET deadlock_timeout = '20ms'")
                connection.commit()

        desk = Desk(now.replace(year=now.year - 1))
        desk.open(CONTENDERS)
        names = [f"Desk {number}" for number in range(CONTENDERS)]
        people = [signed_in(app, Role.DISPATCHER, now, name=name) for name in names]
    return Race(
        app, desk, [(name, each.secret or "") for name, each in zip(names, people, strict=True)]
    )


def headers_of(command: Command, token: str, key: str, number: int) -> dict[str, str]:
    """Return a contender's headers; a report is a resident's, all under one key."""
    if command.path == f"{API}/reports":
        return command.headers("", key)
    return command.headers(token, f"{key}/{number}")


@pytest.mark.timeout(1_800)
def test_one_of_eight_wins_inside_a_process(race, soak, print_counts):
    """G6: eight threads ask the application of one process."""

    def send(number: int, command: Command, token: str, key: str) -> Sent:
        answer = race.app.test_client().post(
            command.path,
            json=command.body_of(number),
            headers=headers_of(command, token, key, number),
        )
        return Sent(answer.status_code, answer.get_json())

    run(race, send, 4_000 if soak else 100, "threads", print_counts)


@pytest.mark.timeout(1_800)
def test_one_of_eight_wins_over_connections_to_two_processes(
    race, environment, tmp_path, soak, print_counts
):
    """G6: eight programs, each by connections of its own, ask two web processes."""
    with Fleet(environment, tmp_path / "log") as fleet, contextlib.ExitStack() as ends:
        webs = [fleet.web(), fleet.web()]
        lines = [connect(webs[number % 2], ends) for number in range(CONTENDERS)]

        def send(number: int, command: Command, token: str, key: str) -> Sent:
            headers = headers_of(command, token, key, number)
            body = json.dumps(command.body_of(number))
            # A server may close a connection that rested since the last round.
            lines[number].close()
            lines[number].request("POST", command.path, body, headers)
            answer = lines[number].getresponse()
            reply = json.loads(answer.read())
            assert answer.status < http.HTTPStatus.INTERNAL_SERVER_ERROR, fleet.words()
            return Sent(answer.status, reply)

        run(race, send, 1_000 if soak else 30, "connections to 2 processes", print_counts)


def connect(web: Member, ends: contextlib.ExitStack) -> http.client.HTTPConnection:
    """Name a web process to connect to, and hang up at the end."""
    line = http.client.HTTPConnection("127.0.0.1", web.port or 0, timeout=60)
    return ends.enter_context(contextlib.closing(line))


def test_one_of_eight_takes_a_call(app, now, race, soak, print_counts):
    """G6: eight people press “next call” while one call waits."""
    rounds = 400 if soak else 12
    told: Counter[str] = Counter()
    with app.app_context(), transaction():
        people = [make_account(Role.DISPATCHER, now, name=f"c{each}") for each in range(CONTENDERS)]
    for _ in range(rounds):
        with app.app_context():
            row_id = race.desk.ready("answer a follow-up").row.id

        def act(number: int, row_id: int = row_id) -> str:
            with transaction():
                row, _ticket = follow_up_for_change(row_id, EVERYTHING)
                claim(row, actor=people[number], now=now)
            return "won"

        told += contend(app, act, CONTENDERS)
        with app.app_context():
            row = db.session.get_one(FollowUp, row_id)
            assert row.claimed_by in {each.user_id for each in people}
            assert row.version == 2
    assert told == {"won": rounds, "Stale": rounds * (CONTENDERS - 1)}
    print_counts(
        f"G6 {app.config['SQLALCHEMY_DATABASE_URI'][:6]}: {rounds} calls, each taken "
        f"by one of {CONTENDERS}; {dict(told)}"
    )


def run(race: Race, send: Callable[..., Sent], rounds: int, by: str, print_counts: Any) -> None:
    """Play rounds of every kind in turn, check the whole story, and print the counts."""
    for kind in KINDS:
        race.one_alone(kind, send)
    for number in range(rounds):
        race.play(KINDS[number % len(KINDS)], send)
    with race.app.app_context():
        assert [each.number for each in checked_tickets() if each.broken_at] == []
        database = db.engine.dialect.name
    assert race.answers["won"] == rounds
    print_counts(
        f"G6 {database}: {rounds} rounds of {len(KINDS)} kinds by {CONTENDERS} {by}, "
        f"one winner each, 0 lost updates, no 5xx; {dict(race.answers)}"
    )

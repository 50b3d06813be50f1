"""Does every notification arrive, whatever the peers do and however often the sender is killed?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.messages import public_id
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import Delivery, WebhookEndpoint
from tests.receivers import Mailbox, Receiver, start_mail

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

FAULTS = ("garbage", (500, {}, b""), (429, {}, b"slow down"), (302, {"Location": "/"}, b""))
SHARE_OF_FAULTS = 0.3
MOST_FAULTS = 6  # fewer than any schedule has tries
# Every notation of this machine that a resolver may know.
INSIDE = ("localhost", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433", "127.1", "0", "127.0.0.2")


@dataclass
class Peers:
    """One HTTP receiver and one mail server that fail by lot, and kill the sender at times."""

    kill_at: set[int]
    seen: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    arrived: int = 0
    kills: int = 0
    sender: subprocess.Popen[bytes] | None = None
    lock: Any = field(default_factory=Lock)

    def respond(self, received: Any) -> Any:
        """Fail the first tries of a message by lot, then take it."""
        key = received.headers.get("webhook-id") or received.headers["idempotency-key"]
        fault = self.fault(key)
        if fault is None:
            return 200, {}, b"taken"
        return fault

    def fault(self, key: str) -> Any:
        """Return how this try of a message fails, None when it is taken; count it."""
        with self.lock:
            self.arrived += 1
            if self.arrived in self.kill_at and self.sender is not None:
                self.kills += 1
                self.sender.send_signal(signal.SIGKILL)
            self.seen[key] += 1
            lots = Random(f"{key}/{self.seen[key]}")  # noqa: S311  a lot and no secret
            if self.seen[key] <= MOST_FAULTS and lots.random() < SHARE_OF_FAULTS:
                return "hang" if lots.random() < 0.01 else lots.choice(FAULTS)
            self.taken[key] += 1
            return None


class FaultyMailbox(Mailbox):
    """A mail server that refuses some letters for now."""

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  the library's name
        self.letters.append(envelope)
        text = envelope.content.decode(errors="replace")
        key = text.partition("Message-ID: <")[2].partition("@")[0]
        return "451 later" if self.peers.fault(key) else "250 taken"


@pytest.fixture
def trap():
    found = Receiver()
    yield found
    found.stop()


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.stop()


@pytest.fixture
def mail():
    mailbox = FaultyMailbox()
    controller = start_mail(mailbox)
    yield mailbox, controller.port
    controller.stop()


def endpoint(name: str, url: str, now: datetime) -> WebhookEndpoint:
    row = WebhookEndpoint(
        name=name, url=url, kinds=["arrived"], salt="s", created_at=now, created_by="test"
    )
    db.session.add(row)
    db.session.flush()
    return row


def rows_for(count: int, good: WebhookEndpoint, now: datetime) -> list[dict[str, Any]]:
    kinds = (
        {"channel": "sms", "lane": "sms", "recipient": "13800000001", "urgency": "emergency"},
        {"channel": "webhook", "lane": f"webhook/{good.id}", "recipient": good.url,
         "urgency": "webhook", "endpoint_id": good.id},
        {"channel": "email", "lane": "email", "recipient": "desk@water.example",
         "urgency": "emergency"},
    )  # fmt: skip
    return [
        {"effect_key": f"effect {number}", "template": "arrived", "content": {"number": "W000001"},
         "next_try_at": now, "created_at": now, "endpoint_id": None} | kinds[number % 3]
        for number in range(count)
    ]  # fmt: skip


def settings_for(url: str, mail_port: int) -> dict[str, str]:
    return {
        "ONEVISIT_SMS_URL": f"{url}/sms",
        "ONEVISIT_SMTP_HOST": "127.0.0.1",
        "ONEVISIT_SMTP_PORT": str(mail_port),
        "ONEVISIT_SMTP_SECURITY": "none",
        "ONEVISIT_SMTP_FROM": "desk@water.example",
        "ONEVISIT_WEBHOOK_HOSTS": "127.0.0.1",
        "ONEVISIT_WEBHOOK_HTTP": "yes",
        "ONEVISIT_MESSAGE_SECONDS": "1",
    }


def send_until_done(peers: Peers, environment: dict[str, str], now: datetime, root: Path) -> int:
    """Start one sender after the other until one ends by itself; return how many there were."""
    for number in range(1, len(peers.kill_at) + 3):
        peers.sender = subprocess.Popen(
            [sys.executable, str(root / "tests/faults/sender_process.py"), now.isoformat()],
            env={**os.environ, **environment, "PYTHONPATH": str(root)},
            stderr=subprocess.PIPE,
        )
        _, words = peers.sender.communicate()
        if peers.sender.returncode == 0:
            return number
        assert peers.sender.returncode == -signal.SIGKILL, words.decode()
    raise AssertionError("the sender was killed more often than the peers did it")


# Three processes of our own start one after the other on each database.
@pytest.mark.timeout(1_800)
def test_all_arrive_once_by_id_through_faults_and_kills(
    app, now, environment, receiver, trap, mail, soak, root, print_counts
):
    count, kills = (10_000, 60) if soak else (120, 2)
    kill_at = set(Random(7).sample(range(count // 10, count), kills))  # noqa: S311  a lot
    peers = Peers(kill_at)
    receiver.respond = peers.respond
    mailbox, mail_port = mail
    mailbox.peers = peers
    with app.app_context(), transaction():
        good = endpoint("good", f"{receiver.url}/hook", now)
        rows = rows_for(count, good, now)
        for number, host in enumerate(INSIDE):
            bad = endpoint(host, f"http://{host}:{trap.port}/", now)
            rows.append(
                rows[1] | {"effect_key": f"inside {number}", "endpoint_id": bad.id,
                           "lane": f"webhook/{bad.id}", "recipient": bad.url}
            )  # fmt: skip
        insert_rows(Outbox, rows)
    environment |= settings_for(receiver.url, mail_port)
    senders = send_until_done(peers, environment, now, root)
    with app.app_context():
        rows = db.session.execute(select(Outbox.effect_key, Outbox.state))
        states = {row.effect_key: row.state for row in rows}
        tries = Counter(db.session.scalars(select(Delivery.outcome)))
    wanted = {public_id(f"effect {number}") for number in range(count)}
    twice = sum(1 for times in peers.taken.values() if times > 1)
    print_counts(
        f"G13: {count} messages, {peers.arrived} arrivals, {tries['later']} failed tries, "
        f"{peers.kills} kills, {senders} senders, {twice} taken twice under one id, "
        f"{len(trap.received)} internal connections"
    )
    assert {key: state for key, state in states.items() if state != "sent"} == {
        f"inside {number}": "dead" for number in range(len(INSIDE))
    }
    assert set(peers.taken) == wanted
    assert peers.kills == kills
    assert senders == kills + 1
    assert tries["later"] > count * SHARE_OF_FAULTS / 4
    assert trap.received == []

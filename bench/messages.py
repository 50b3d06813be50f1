"""How many messages a second leave the outbox, beside what the same peer takes without one?

Run `python bench/messages.py`; each line is one figure as JSON. A receiver on this machine takes
text messages; the sender leases, sends and settles each on SQLite with its usual durability. The
peer in the same run is a bare loop that posts the same bodies one after another, with no database.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent))

import flask_migrate

from bench.reporting import Report
from dispatch.actions.new_rows import insert_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.messages.channels import channels_for
from dispatch.adapters.messages.posting import Poster
from dispatch.app import MIGRATIONS, create_app
from dispatch.config import Settings
from dispatch.jobs.outbox import PostRoom, run
from dispatch.models.clockwork import Outbox
from dispatch.queries.messages import message_counts
from tests.receivers import Receiver

MESSAGES = 1_000
LEAST_A_SECOND = 20.0
report = Report("messages")


def bare(url: str) -> float:
    """Post the bodies one after another; messages a second."""
    poster = Poster(10.0)
    begun = perf_counter()
    for number in range(MESSAGES):
        poster.post(url, b'{"phone": "13800000001", "text": "x"}', {"X": str(number)})
    return MESSAGES / (perf_counter() - begun)


def sent(url: str, folder: Path) -> float:
    """Send through the outbox; messages a second."""
    settings = Settings(data_dir=folder, secret_key="s" * 24, sms_url=url, quiet_hours="")
    app = create_app(settings)
    now = datetime.now(UTC)
    with app.app_context():
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        rows = [
            {"effect_key": f"m{number}", "channel": "sms", "lane": f"lane {number % 3}",
             "recipient": "13800000001", "template": "arrived", "urgency": "emergency",
             "content": {"number": "W000001"}, "next_try_at": now, "created_at": now}
            for number in range(MESSAGES)
        ]  # fmt: skip
        with transaction():
            insert_rows(Outbox, rows)
        room = PostRoom(settings, channels_for(settings), "s")
        begun = perf_counter()
        run(now, room)
        while room.flights:
            Event().wait(0.002)
            run(now, room)
        took = perf_counter() - begun
        assert message_counts() == {("sms", "sent"): MESSAGES}
    return MESSAGES / took


def main() -> None:
    """Measure and print."""
    receiver = Receiver()
    try:
        alone = bare(receiver.url)
        with tempfile.TemporaryDirectory() as folder:
            through = sent(receiver.url, Path(folder))
    finally:
        receiver.stop()
    report("bare_posts", alone, "messages/s", peer=True)
    report("outbox", through, "messages/s", LEAST_A_SECOND, floor=True)


if __name__ == "__main__":
    main()

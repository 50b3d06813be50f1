"""What does a sender do whose clock jumps to the next message instead of waiting for it?

Run as a program: the settings from the environment, the first instant as its argument.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from threading import Event

from dispatch.adapters.messages.channels import channels_for
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.jobs.outbox import PostRoom, run
from dispatch.queries.messages import next_message_at

BREATH = 0.005
# Tries that are due within seconds of each other go out together.
TOGETHER = timedelta(seconds=5)


def main() -> None:
    """Send until nothing waits any more."""
    settings = Settings.from_env(os.environ)
    app = create_app(settings)
    now = datetime.fromisoformat(sys.argv[1])
    room = PostRoom(settings, channels_for(settings), app.config["SECRET_KEY"])
    with app.app_context():
        while True:
            run(now, room)
            if room.flights:
                Event().wait(BREATH)
                continue
            due_at = next_message_at()
            if due_at is None:
                return
            now = max(now, due_at + TOGETHER)


if __name__ == "__main__":
    main()

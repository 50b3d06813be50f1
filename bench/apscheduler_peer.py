"""How does a program fire jobs by APScheduler's own store, so that a benchmark can kill it?

`python -m bench.apscheduler_peer URL` runs until it is killed.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.blocking import BlockingScheduler

BEGUN = "begun"


def note(key: str, due: float, log: str) -> None:
    """Write that a job ran and how many seconds late: one line, whole or not at all.

    `due` is on the monotonic clock, which is one for all processes and is never set.
    """
    line = f"{key} {time.monotonic() - due:.4f}\n".encode()
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def main() -> None:
    """Fire what is due; a job is run however late it is."""
    store = SQLAlchemyJobStore(url=sys.argv[1])
    print(BEGUN, file=sys.stderr, flush=True)
    BlockingScheduler(jobstores={"default": store}, timezone=UTC).start()


if __name__ == "__main__":
    main()

"""Who wakes the watcher of changes: PostgreSQL with a notification, or the next look?"""

from __future__ import annotations

from threading import Event
from typing import Protocol

import psycopg

CHANNEL = "onevisit_news"
EVERY_SECONDS = 0.2
CONNECT_SECONDS = 5


class Bell(Protocol):
    """Something that is waited for between two looks at the database."""

    def wait(self) -> None:
        """Return when there may be news, or when it is time to look all the same.

        Raises:
            psycopg.Error: when the database is away.
        """

    def stop(self) -> None:
        """Let a wait end soon, from another thread; the next ones end at once."""

    def close(self) -> None:
        """Give back what is held."""


class PlainBell:
    """Rings five times a second: a look at SQLite costs less than a notification would."""

    def __init__(self, seconds: float = EVERY_SECONDS) -> None:
        self._seconds, self._stopped = seconds, Event()

    def wait(self) -> None:
        """Wait for the next look."""
        self._stopped.wait(self._seconds)

    def stop(self) -> None:
        """End the wait at once."""
        self._stopped.set()

    def close(self) -> None:
        """Hold nothing."""


class PostgresBell:
    """Rings when a transaction that changed a ticket commits, and each second in any case.

    `address` is that of SQLAlchemy. The connection is opened at the first wait, and anew at the
    one after a failure; what happened between is found by the look that follows each wait.
    """

    def __init__(self, address: str, seconds: float = 1.0) -> None:
        self._address = address.replace("postgresql+psycopg:", "postgresql:", 1)
        self._seconds, self._stopped = seconds, Event()
        self._connection: psycopg.Connection | None = None

    def wait(self) -> None:
        """Wait for a notification.

        Raises:
            psycopg.Error: when the database is away; the next wait connects again.
        """
        if self._stopped.is_set():
            return
        try:
            if self._connection is None:
                self._connection = self._listen()
                return
            # A surge rings once: what has come by now is all found by the next look.
            if list(self._connection.notifies(timeout=self._seconds, stop_after=1)):
                list(self._connection.notifies(timeout=0))
        except psycopg.Error:
            self.close()
            raise

    def _listen(self) -> psycopg.Connection:
        # Where the database's host is lost, the connection ends within about 15 s.
        found = psycopg.connect(
            self._address,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            keepalives_idle=5,
            keepalives_interval=5,
            keepalives_count=2,
        )
        found.execute(f"LISTEN {CHANNEL}")  # a constant
        return found

    def stop(self) -> None:
        """End within the second that a wait takes."""
        self._stopped.set()

    def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def bell_for(address: str) -> Bell:
    """Return the bell of a database by SQLAlchemy's address of it."""
    return PostgresBell(address) if address.startswith("postgresql") else PlainBell()

"""How does a test get a PostgreSQL with a synchronous standby that can take its place?"""

from __future__ import annotations

import contextlib
import os
import signal
import socket

import psycopg

from tests.databases import DURABLE, PostgresServer
from tests.faults.fleet import wait_within

FIRST, SECOND = "127.0.0.1", "127.0.0.2"
_NAME = "onevisit_standby"


class Host(PostgresServer):
    """A PostgreSQL on an address of its own; a standby is made from the one that it follows."""

    def __init__(self, address: str, port: int, follows: Host | None = None) -> None:
        """Make the cluster and start it."""
        self.port, self.follows = port, follows
        super().__init__(DURABLE | {"listen_addresses": address, "port": str(port)})

    def _make(self, cluster: str) -> None:
        if self.follows is None:
            super()._make(cluster)
            return
        primary = f"host={FIRST} port={self.port} user=postgres application_name={_NAME}"
        # -R writes what makes it a standby into its settings.
        self._run("pg_basebackup", "-D", cluster, "-d", primary, "-R", "-X", "stream",
                  "--checkpoint=fast")  # fmt: skip

    def wait_for_standby(self) -> None:
        """Answer no commit from now on that the standby has not written; wait until it has."""
        with self.connect("postgres") as admin:
            admin.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{_NAME}'")
            admin.execute("SELECT pg_reload_conf()")
            for _ in wait_within(60):
                states = admin.execute("SELECT sync_state FROM pg_stat_replication").fetchall()
                if states == [("sync",)]:
                    return
        raise AssertionError(states)

    def stop_hearing(self) -> int:
        """Freeze what receives on a standby; return the process."""
        with self.connect("postgres") as admin:
            [(receiver,)] = admin.execute("SELECT pid FROM pg_stat_wal_receiver").fetchall()
        os.kill(receiver, signal.SIGSTOP)
        return int(receiver)

    def promote(self, receiver: int) -> None:
        """Let a standby take writes, and wait until it does.

        What had arrived and was not yet received is lost with the frozen receiver.
        """
        os.kill(receiver, signal.SIGKILL)
        for _ in wait_within(60):
            with contextlib.suppress(psycopg.OperationalError):
                with self.connect("postgres") as admin:
                    found = admin.execute("SELECT pid FROM pg_stat_wal_receiver").fetchall()
                if (receiver,) not in found:
                    break
        self._run("pg_ctl", "promote", "-D", str(self.folder / "data"))


def free_port() -> int:
    """Return a port that is free on both addresses at this moment."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind((FIRST, 0))
            port = int(one.getsockname()[1])
            try:
                other.bind((SECOND, port))
            except OSError:
                continue
            return port

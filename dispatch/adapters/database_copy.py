"""How is the whole database copied into one file while it is in use?"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pysqlite3.dbapi2 as sqlite

from dispatch.domain.errors import Refused
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import URL

LONGEST_SECONDS = 6 * 3600
_TOLD = 300


def copy_database(url: URL, target: Path) -> int:
    """Write what is committed now into a file, which has its name once it is whole; its bytes.

    Of SQLite a database that can be opened as it is, of PostgreSQL the custom format that
    `pg_restore` reads.

    Raises:
        Refused: saying what stands in the way; no file is left behind.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{secrets.token_hex(8)}.part")
    try:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(str(url.database), part)
        else:
            _dump_postgres(url, part)
        part.chmod(0o600)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _copy_sqlite(path: str, part: Path) -> None:
    with closing(sqlite.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(part),))
    with closing(sqlite.connect(str(part))) as copied:
        (found,) = copied.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise Refused(say("The copy of the database is damaged: %(why)s", why=found))


def _dump_postgres(url: URL, part: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise Refused(
            say(
                "pg_dump is not on this machine. Install PostgreSQL's client programs, or set "
                "ONEVISIT_BACKUPS_KEPT=0 and back up in another way."
            )
        )
    address = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(  # noqa: S603  a program found by name, arguments of our own
        [program, "--format=custom", "--no-password", f"--file={part}", f"--dbname={address}"],
        env={**os.environ, **secret}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=LONGEST_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Refused(say("pg_dump ended with: %(why)s", why=done.stderr.strip()[:_TOLD]))

"""Is anything wrong with this installation, and how is it mended?"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.cli.declaring import command, json_option
from dispatch.cli.endings import FAILED
from dispatch.cli.running import application
from dispatch.cli.wording import word
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from dispatch.config import Settings
    from dispatch.queries.administration import Counts
    from dispatch.queries.installation import DatabaseFacts, TimerFacts

OK, WARN, FAIL = "ok", "warn", "fail"
OLDEST_SQLITE = (3, 51, 3)
OLDEST_POSTGRESQL = (14,)
LEAST_FREE_BYTES = 1024**3
NO_FREE_BYTES = 100 * 1024**2
MOST_CLOCK_DIFFERENCE = timedelta(seconds=2)
OLDEST_BEAT = timedelta(seconds=30)
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"}
MOUNTS = Path("/proc/self/mounts")
MARKS = {OK: "✓", WARN: "!", FAIL: "✗"}


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, how it stands, and how it is mended where it is not well."""

    name: str
    standing: str
    found: Sentence
    mend: Sentence | None = None


@command("doctor", say("Look for what is wrong here."))
@json_option
def doctor(*, as_json: bool) -> int | None:
    """Look at settings, database, migrations, disk, clock, set-up, photos and clockwork."""
    with application() as app:
        checks = list(examine(app, datetime.now(UTC)))
    failed = any(check.standing == FAIL for check in checks)
    if as_json:
        lines = [
            {
                "name": check.name,
                "standing": check.standing,
                "found": word(check.found),
                "mend": check.mend and word(check.mend),
            }
            for check in checks
        ]
        click.echo(json.dumps({"ok": not failed, "checks": lines}, ensure_ascii=False))
    else:
        for check in checks:
            click.echo(f"{MARKS[check.standing]} {word(check.found)}")
            if check.mend:
                click.echo(f"    → {word(check.mend)}")
    return FAILED if failed else None


def examine(app: Flask, now: datetime) -> Iterator[Check]:
    """Yield each check; what needs the tables is left out where they cannot be read."""
    from dispatch.queries.administration import counts  # noqa: PLC0415  help needs no tables
    from dispatch.queries.installation import database_facts, timer_facts  # noqa: PLC0415  likewise

    settings: Settings = app.config["SETTINGS"]
    yield from check_settings(settings)
    yield check_disk(settings.data_dir)
    yield check_travel(settings)
    try:
        facts = database_facts()
    except Exception as fault:  # noqa: BLE001  each driver has faults of its own
        reason = str(getattr(fault, "orig", fault)).strip().partition("\n")[0]
        yield Check(
            "database",
            FAIL,
            say("The database cannot be reached: %(reason)s", reason=reason),
            say("Check ONEVISIT_DATABASE_URL and that the database is running."),
        )
        return
    yield from check_database(facts, now)
    migrated = check_migrations(facts, head_revision(app))
    yield migrated
    if migrated.standing == OK:
        yield from check_set_up(counts(now))
        yield check_photos(settings)
        yield check_clockwork(timer_facts(now), now)


def head_revision(app: Flask) -> str:
    """Return the newest migration that the program brings."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  help needs no migrations

    return str(ScriptDirectory(app.extensions["migrate"].directory).get_current_head())


def check_settings(settings: Settings) -> Iterator[Check]:
    """Look for a weak or missing secret and for an address that residents cannot reach."""
    if settings.demo:
        yield Check(
            "demo",
            WARN,
            say("This is a demo: its passwords are shown to everybody."),
            say("Unset ONEVISIT_DEMO before real work begins."),
        )
    if settings.secret_key:
        yield Check("secret", OK, say("The signing secret is set."))
    else:
        yield Check(
            "secret",
            OK,
            say(
                "The signing secret was made here and is kept in %(folder)s.",
                folder=str(settings.data_dir),
            ),
        )
    if settings.base_url.startswith("https:"):
        yield Check("base_url", OK, say("Residents reach %(url)s.", url=settings.base_url))
    else:
        yield Check(
            "base_url",
            WARN,
            say(
                "%(url)s is not encrypted: sign-ins can be read on the way.", url=settings.base_url
            ),
            say("Put a proxy with HTTPS in front and set ONEVISIT_BASE_URL to its address."),
        )


def check_travel(settings: Settings) -> Check:
    """Ask the source of travel times once; without it the planner still has the straight line."""
    from dispatch.cli.travelling import travel_standing  # noqa: PLC0415  it may read a road graph

    standing = travel_standing(settings)
    return Check("travel", OK if standing.is_well else WARN, standing.found, standing.mend)


def check_disk(folder: Path) -> Check:
    """Look for free space where the data folder is."""
    nearest = next(each for each in (folder.resolve(), *folder.resolve().parents) if each.exists())
    free = shutil.disk_usage(nearest).free
    found = say("%(free)s MB are free in %(folder)s.", free=free // 1024**2, folder=str(folder))
    if free >= LEAST_FREE_BYTES:
        return Check("disk", OK, found)
    mend = say("Free some space: without it, no ticket can be stored.")
    return Check("disk", FAIL if free < NO_FREE_BYTES else WARN, found, mend)


def check_database(facts: DatabaseFacts, now: datetime) -> Iterator[Check]:
    """Look at the version, the safe settings, the place and the clock of the database."""
    version = ".".join(map(str, facts.version))
    oldest = OLDEST_SQLITE if facts.kind == "sqlite" else OLDEST_POSTGRESQL
    name = "SQLite" if facts.kind == "sqlite" else "PostgreSQL"
    if facts.version >= oldest:
        reached = say("%(name)s %(version)s answers.", name=name, version=version)
        yield Check("database", OK, reached)
    else:
        yield Check(
            "database",
            FAIL,
            say("%(name)s %(version)s is too old.", name=name, version=version),
            say("Use %(name)s %(oldest)s or newer.", name=name, oldest=".".join(map(str, oldest))),
        )
    yield from _sqlite(facts) if facts.kind == "sqlite" else _postgresql(facts, now)


def _sqlite(facts: DatabaseFacts) -> Iterator[Check]:
    is_safe = facts.settings["journal_mode"] == "wal" and facts.settings["synchronous"] == "2"
    settings = ", ".join(f"{name}={value}" for name, value in facts.settings.items())
    yield Check(
        "database_settings",
        OK if is_safe else FAIL,
        say("The database runs with %(settings)s.", settings=settings),
        None if is_safe else say("Keep the file on a local disk that allows a write-ahead log."),
    )
    kind = file_system_of(Path(facts.file or "."))
    is_remote = kind in NETWORK_FILE_SYSTEMS
    yield Check(
        "file_system",
        FAIL if is_remote else OK,
        say("The database file is on %(kind)s.", kind=kind),
        say("SQLite loses tickets on a network file system: use a local disk or PostgreSQL.")
        if is_remote
        else None,
    )


def _postgresql(facts: DatabaseFacts, now: datetime) -> Iterator[Check]:
    settings = ", ".join(f"{name}={value}" for name, value in facts.settings.items())
    is_durable = facts.settings["fsync"] == "on" and facts.settings["synchronous_commit"] != "off"
    has_limits = all(
        value != "0" for name, value in facts.settings.items() if name.endswith("timeout")
    )
    mend = None
    if not is_durable:
        mend = say("Set fsync and synchronous_commit to on, or a power cut loses tickets.")
    elif not has_limits:
        mend = say("Let no pooler drop our time limits: a frozen process would hold the others.")
    yield Check(
        "database_settings",
        OK if mend is None else FAIL if not is_durable else WARN,
        say("The database runs with %(settings)s.", settings=settings),
        mend,
    )
    apart = abs((facts.clock or now) - now)
    is_together = apart <= MOST_CLOCK_DIFFERENCE
    yield Check(
        "clock",
        OK if is_together else FAIL,
        say(
            "The clocks of this machine and the database are %(seconds)s s apart.",
            seconds=round(apart.total_seconds(), 1),
        ),
        None if is_together else say("Let both machines take their time from the same server."),
    )


def file_system_of(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the kind of file system a path is on; empty where the system does not tell."""
    if not mounts.is_file():
        return ""
    place = os.path.realpath(path)
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _device, point, found, *_rest = line.split(" ")
        point = point.replace("\\040", " ")
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind


def check_migrations(facts: DatabaseFacts, head: str) -> Check:
    """Compare the newest migration of the database with that of the program."""
    if facts.revision == head:
        return Check("migrations", OK, say("The tables are at version %(head)s.", head=head))
    return Check(
        "migrations",
        FAIL,
        say(
            "The tables are at version %(found)s, the program expects %(head)s.",
            found=facts.revision or "–",
            head=head,
        ),
        say("Run “onevisit init” once, or “onevisit db upgrade” after an update."),
    )


def check_set_up(found: Counts) -> Iterator[Check]:
    """Look for grids, crews, promises and people."""
    yield _present(
        "grids",
        found.grids,
        say("%(n)s grids are in force, %(bare)s of them without a team.", n=found.grids,
            bare=found.grids_without_team),
        say("“onevisit import grids FILE” brings them in; name a team for each."),
        doubt=found.grids_without_team > 0,
    )  # fmt: skip
    yield _present(
        "crews",
        found.crews,
        say("%(n)s crews are active, %(bare)s of them without a shift.", n=found.crews,
            bare=found.crews_without_shift),
        say("“onevisit import crews FILE” brings them in with their shifts."),
        doubt=found.crews_without_shift > 0,
    )  # fmt: skip
    yield _present(
        "policy",
        found.policy_version,
        say("Version %(n)s of the promises is in force.", n=found.policy_version),
        say("“onevisit init” stores the default promises."),
    )
    yield _present(
        "administrators",
        found.administrators,
        say("%(n)s accounts, %(admins)s of them administrators.", n=found.users,
            admins=found.administrators),
        say("“onevisit init” adds the first administrator."),
    )  # fmt: skip


def check_photos(settings: Settings) -> Check:
    """Look whether every photo that was not removed has its files."""
    from dispatch.photos import photo_store  # noqa: PLC0415  help needs no photos
    from dispatch.queries.attachments import kept_names  # noqa: PLC0415  likewise

    store, names = photo_store(settings), kept_names()
    lost = sum(not store.has(name) for name in names)
    found = say(
        "%(n)s photos are kept; the files of %(lost)s are missing.", n=len(names), lost=lost
    )
    if not lost:
        return Check("photos", OK, found)
    mend = say("Bring the folder “photos” back from the backup into the data folder.")
    return Check("photos", FAIL, found, mend)


def _present(
    name: str, number: int, found: Sentence, mend: Sentence, *, doubt: bool = False
) -> Check:
    return Check(
        name, WARN if doubt or not number else OK, found, mend if doubt or not number else None
    )


def check_clockwork(facts: TimerFacts, now: datetime) -> Check:
    """Look whether somebody watches the armed timers."""
    beat = facts.beat_at
    is_alive = beat is not None and now - beat <= OLDEST_BEAT
    late = facts.overdue_since is not None and now - facts.overdue_since > OLDEST_BEAT
    found = say(
        "%(armed)s timers are armed; the clockwork last ran at %(beat)s.",
        armed=facts.armed,
        beat=beat or "–",
    )
    if is_alive and not late:
        return Check("clockwork", OK, found)
    standing = FAIL if late else WARN
    return Check(
        "clockwork", standing, found, say("Start “onevisit jobs”: without it nobody is warned.")
    )

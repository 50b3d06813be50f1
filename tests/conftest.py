"""What does every test find ready: two databases, an application, a clock, a sign-in?"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import time_machine

from tests.databases import Postgres, PostgresServer, Sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result
    from flask import Flask
    from sqlalchemy.orm import Session, scoped_session

    from tests.databases import Database
    from tests.visitors import Visitor

    Built = dict[str, tuple[Flask, dict[str, Any], dict[str, Any]]]

ROOT = Path(__file__).parents[1]
SECRET = "a secret that only the tests use"
COUNTS = "counts"
"""Under this name a test hands over what it counted, also from a process of its own."""

hypothesis.settings.register_profile(
    "test", derandomize=True, max_examples=60, deadline=None, database=None, print_blob=True
)
hypothesis.settings.register_profile(
    "soak", max_examples=5_000, deadline=None, database=None, print_blob=True
)
hypothesis.settings.load_profile("soak" if os.environ.get("SOAK") else "test")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run with one plain line; an error counts as a failure."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput") or config.option.collectonly:
        return
    count = {kind: len(found) for kind, found in reporter.stats.items()}
    failed = count.get("failed", 0) + count.get("error", 0) + count.get("xpassed", 0)
    skipped = count.get("skipped", 0) + count.get("xfailed", 0)
    for report in reporter.stats.get("passed", []):
        for line in (told for name, told in report.user_properties if name == COUNTS):
            reporter.write_line(line)
    for seen_twice in reporter.stats.get("rerun", []):
        crash = getattr(seen_twice.longrepr, "reprcrash", None)
        why = crash.message.splitlines()[0] if crash and crash.message else seen_twice.longreprtext
        reporter.write_line(f"needed a second look, and must be mended: {seen_twice.nodeid}: {why}")
    reporter.write_line(f"{count.get('passed', 0)} passed, {failed} failed, {skipped} skipped")


@pytest.fixture
def print_counts(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function by which a proof has its counts printed at the end of the run."""
    return lambda line: record_property(COUNTS, line.strip())


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    return host in {"localhost", "::1", "0.0.0.0", ""} or host.startswith("127.")  # noqa: S104


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine, and every look-up of a name."""
    patch = pytest.MonkeyPatch()

    def guard(owner: Any, name: str, address_of: Callable[..., Any]) -> None:
        allowed = getattr(owner, name)

        def connect(*args: Any, **named: Any) -> Any:
            if not _is_local(address_of(*args)):
                raise AssertionError(f"A test reached for the network: {address_of(*args)}")
            return allowed(*args, **named)

        patch.setattr(owner, name, connect)

    guard(socket.socket, "connect", lambda _socket, address: address)
    guard(socket.socket, "connect_ex", lambda _socket, address: address)
    guard(socket, "getaddrinfo", lambda host, *_rest: (host or "",))
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def unordered_rows() -> Iterator[None]:
    """Let SQLite answer backwards wherever a query names no order, as PostgreSQL may."""
    from sqlalchemy import Engine, event  # noqa: PLC0415  a domain test needs no database

    def reverse(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA reverse_unordered_selects=ON")

    event.listen(Engine, "connect", reverse)
    yield
    event.remove(Engine, "connect", reverse)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets; the test is skipped where it is absent."""
    folder = Path(os.environ.get("ONEVISIT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data sets are not here: {folder}")
    return folder


@pytest.fixture(scope="session")
def soak() -> bool:
    """Tell whether this is the long run of `make soak`, for the size of a proof."""
    return bool(os.environ.get("SOAK"))


@pytest.fixture
def now() -> datetime:
    """Return the instant the tests' stories begin: a Monday morning in UTC."""
    return datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def make_settings(url: str, folder: Path, **more: Any) -> Any:
    """Return the settings of an application on one database."""
    from dispatch.config import Settings  # noqa: PLC0415  a domain test needs no application

    given = {"secret_key": SECRET, "time_zone": "Asia/Shanghai", **more}
    return Settings(database_url=url, data_dir=folder, **given)


def make_app(url: str, folder: Path, **more: Any) -> Flask:
    """Build an application on one database; `more` are further settings."""
    from dispatch.app import create_app  # noqa: PLC0415  likewise

    app = create_app(make_settings(url, folder, **more))
    app.testing = True
    with app.app_context():
        _wait_longer()
    return app


def _wait_longer() -> None:
    """Let a starved machine be slow between two statements of a transaction."""
    from sqlalchemy import event  # noqa: PLC0415  likewise

    from dispatch.models.base import db  # noqa: PLC0415  likewise

    if db.engine.dialect.name != "postgresql":
        return

    @event.listens_for(db.engine, "connect")
    def be_patient(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = '120s'")
        connection.commit()


def close_connections(app: Flask) -> None:
    """Give every connection back, so that the database can be emptied or copied."""
    from dispatch.models.base import db  # noqa: PLC0415  likewise

    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def work_folder() -> Iterator[Path]:
    """Return a folder in memory where there is one: SQLite waits for the disk at each commit."""
    memory = Path("/dev/shm")  # noqa: S108
    place = memory if os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="ov-test-", dir=place))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrate(work_folder: Path) -> Callable[[str], None]:
    """Return a function that brings the database of a URL to the newest migration."""

    def upgrade(url: str) -> None:
        import flask_migrate  # noqa: PLC0415  likewise

        app = make_app(url, work_folder)
        with app.app_context():
            flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        close_connections(app)

    return upgrade


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Return a PostgreSQL server of this test process, started when first needed."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """Return the migrated PostgreSQL database of this test process."""
    server = request.getfixturevalue("postgres_server")
    found = Postgres(server, request.getfixturevalue("migrate"))
    yield found
    found.connection.close()


@pytest.fixture(scope="session")
def sqlite(work_folder: Path, migrate: Callable[[str], None]) -> Sqlite:
    """Return the migrated SQLite database of this test process."""
    return Sqlite(work_folder, migrate)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Return an emptied database; the test runs once on each kind."""
    found: Database = request.getfixturevalue(request.param)
    found.reset()
    return found


@pytest.fixture(scope="session")
def built() -> Built:
    """Keep the applications that the tests of this process are lent, by what they are of."""
    return {}


def borrow(built: Built, key: str, build: Callable[[], Flask]) -> Flask:
    """Return an application that is as good as new: to build one takes longer than most tests.

    A route or a hook cannot be added to it; a test that wants to builds its own with `make_app`.
    """
    if key not in built:
        app = build()
        app._got_first_request = True
        built[key] = (app, dict(app.config), dict(app.extensions))
        return app
    app, config, extensions = built[key]
    for changed, as_new in ((app.config, config), (app.extensions, extensions)):
        changed.clear()
        changed.update(as_new)
    _renew_engine(app)
    return app


@contextmanager
def lend(built: Built, url: str, folder: Path, **settings: Any) -> Iterator[Flask]:
    """Lend an application on a database, and give its connections back."""
    app = borrow(built, url, lambda: make_app(url, folder, **settings))
    yield app
    close_connections(app)


def _renew_engine(app: Flask) -> None:
    """Forget the engine, who listened to it and what is remembered of it; keep its statements."""
    from dispatch.models.base import db, prepare_engine  # noqa: PLC0415  likewise

    options = dict(app.config["SQLALCHEMY_ENGINE_OPTIONS"])
    options["url"] = app.config["SQLALCHEMY_DATABASE_URI"]
    db._apply_driver_defaults(options, app)
    new, engines = db._make_engine(None, options, app), db._app_engines[app]
    # A dialect learns of its database at the first connection of its own engine.
    if getattr(engines[None].dialect, "server_version_info", None) is not None:
        # A compiled statement is found again under its dialect alone.
        new.dialect, new._compiled_cache = engines[None].dialect, engines[None]._compiled_cache
    engines[None] = new
    prepare_engine(new)
    with app.app_context():
        _wait_longer()


@pytest.fixture
def app(database: Database, work_folder: Path, built: Built) -> Iterator[Flask]:
    """Return an application on an emptied database, once on each kind.

    No application context is open: a request in a test opens and closes its own, as in life.
    """
    with lend(built, database.url, work_folder) as lent:
        yield lent


@pytest.fixture
def client(app: Flask) -> Visitor:
    """Return a browser without a sign-in; its POSTs carry the form token."""
    from tests.visitors import visitor  # noqa: PLC0415  likewise

    return visitor(app)


@pytest.fixture
def sign_in(app: Flask, now: datetime) -> Callable[..., Visitor]:
    """Return a function that signs in a new account of a role: `sign_in("crew", crew_id=3)`."""
    from dispatch.domain.permissions import Role  # noqa: PLC0415  likewise
    from tests.visitors import signed_in  # noqa: PLC0415  likewise

    def open_browser(role: str, **account: Any) -> Visitor:
        return signed_in(app, Role(role), now, **account)

    return open_browser


@pytest.fixture
def clock(now: datetime) -> Iterator[time_machine.Coordinates]:
    """Stop every clock at `now`; `clock.shift(seconds)` and `clock.move_to(instant)` turn it."""
    with time_machine.travel(now, tick=False) as stopped:
        yield stopped


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Session]]:
    """Open an application context and return its session, for tests of actions and queries."""
    from dispatch.models.base import db  # noqa: PLC0415  likewise

    with app.app_context():
        yield db.session


@pytest.fixture
def environment(database: Database, work_folder: Path) -> dict[str, str]:
    """Return the settings of a process on the emptied database, as environment variables."""
    return {
        "ONEVISIT_DATABASE_URL": database.url,
        "ONEVISIT_DATA_DIR": str(work_folder),
        "ONEVISIT_SECRET_KEY": SECRET,
        "ONEVISIT_TIME_ZONE": "Asia/Shanghai",
    }


@pytest.fixture
def cli(
    environment: dict[str, str], built: Built, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Return a function that runs `onevisit` with its arguments inside this process."""
    from click.testing import CliRunner  # noqa: PLC0415  likewise

    from dispatch import app  # noqa: PLC0415  likewise
    from dispatch.cli.main import main  # noqa: PLC0415  likewise

    create = app.create_app

    def borrowed(asked: Any, **how: bool) -> Flask:
        return borrow(built, repr((asked, how)), lambda: create(asked, **how))

    monkeypatch.setattr(app, "create_app", borrowed)

    def run(*arguments: object, standard_input: str | None = None) -> Result:
        return CliRunner().invoke(
            main, [str(each) for each in arguments], input=standard_input, env=environment
        )

    return run

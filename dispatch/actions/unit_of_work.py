"""When does what an action did become true? At the one commit, or not at all."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Event, Lock, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from dispatch.domain.errors import Stale
from dispatch.domain.sentences import say
from dispatch.models.base import BUSY_SECONDS, db

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session

# PostgreSQL: serialization failure, deadlock, lock not available within lock_timeout.
_CONTENTION = ("40001", "40P01", "55P03")

MOST_TOGETHER = 16

# PostgreSQL alone: whoever listens is told at the commit, once for each transaction. It says
# that something changed and nothing more. The name is that of adapters/bells.py.
_RING = "NOTIFY onevisit_news"


class _Group:
    """Requests that wrote one after the other and become true by one commit of SQLite."""

    def __init__(self, engine: Engine, until: float) -> None:
        self.engine = engine
        self.members = 0
        self.connection = engine.connect().execution_options(writing=True, until=until)
        self.connection.begin()
        self._fault: Exception | None = None
        self._done = Event()

    def is_lost(self) -> bool:
        """Tell whether SQLite gave up the whole transaction by itself, as for a full disk."""
        driver: Any = self.connection.connection.dbapi_connection
        return not driver.in_transaction

    def finish(self) -> None:
        """Commit, and let every member go on."""
        try:
            # The driver's commit says nothing when there is no transaction any more.
            self._fault = _gave_up() if self.is_lost() else None
            self.connection.commit()
        except Exception as fault:  # noqa: BLE001  every member raises it
            self._fault = fault
        finally:
            self.connection.close()
            self._done.set()

    def wait(self) -> None:
        """Wait for the commit; raise what kept it from happening."""
        self._done.wait()
        if self._fault is not None:
            raise self._fault


def _gave_up() -> OperationalError:
    fault = RuntimeError("the database rolled back the whole transaction")
    return OperationalError("COMMIT", None, fault)


def _still_locked() -> OperationalError:
    fault = RuntimeError("database is locked: others of this process had every turn")
    return OperationalError("BEGIN IMMEDIATE", None, fault)


class _Queue:
    """SQLite has one writer: threads take turns here, not at the file lock.

    Who leaves hands the turn to whoever waits longest, so that an open group is never left alone.
    """

    def __init__(self) -> None:
        self._group: _Group | None = None
        self._writer: int | None = None
        self._line: dict[int, Event] = {}
        self._passing = Lock()

    @contextmanager
    def alone(self, until: float) -> Iterator[None]:
        """Take a turn of one's own, after what others wrote was committed."""
        with self._turn(until):
            self._finish()
            yield

    @contextmanager
    def together(self, engine: Engine, until: float) -> Iterator[_Group]:
        """Take a turn in the open group; the last of those who wait commits for all of it."""
        with self._turn(until):
            if self._group is None or self._group.engine is not engine:
                self._finish()
                self._group = _Group(engine, until)
            group = self._group
            group.members += 1
            try:
                yield group
            finally:
                if group.members == MOST_TOGETHER or group.is_lost():
                    self._finish()
        group.wait()

    @contextmanager
    def _turn(self, until: float) -> Iterator[None]:
        me = get_ident()
        if self._writer == me:
            message = "this thread writes already; actions never open a transaction"
            raise RuntimeError(message)
        try:
            self._line_up(me, until)
            yield
        finally:
            self._leave(me)

    def _line_up(self, me: int, until: float) -> None:
        with self._passing:
            if self._writer is None:
                self._writer = me
                return
            called = self._line[me] = Event()
        if not called.wait(until - monotonic()):
            raise _still_locked()

    def _leave(self, me: int) -> None:
        with self._passing:
            # Who gave up may have been called at that very moment.
            self._line.pop(me, None)
            if self._writer != me:
                return
            self._writer = next(iter(self._line), None)
            if self._writer is None:
                self._finish()
            else:
                self._line.pop(self._writer).set()

    def _finish(self) -> None:
        group, self._group = self._group, None
        if group is not None:
            group.finish()


_queue = _Queue()


@contextmanager
def transaction(*, shared: bool = False) -> Iterator[None]:
    """Open the one write transaction of a request; commit at the end, roll back on any error.

    A `shared` one, which must be short, may be committed together with others that wait for their
    turn on SQLite: each in its own savepoint, so that one's failure harms no other. It too ends
    only after the commit.

    Raises:
        RuntimeError: when transactions are nested, which is a fault of the caller.
        Stale: when somebody else changed a row in between.
        OperationalError: when the database is busy or away; nothing was written.
    """
    session = db.session()
    if session.info.get("writing"):
        message = "a transaction is already open; actions never open one"
        raise RuntimeError(message)
    # One wait in all: for the turn in this process, then for another process at the file.
    until = monotonic() + BUSY_SECONDS
    if db.engine.dialect.name != "sqlite":
        with _written(session):
            yield
    elif shared:
        with _queue.together(db.engine, until) as group, _written(session, group.connection):
            yield
    else:
        with _queue.alone(until), _written(session, until=until):
            yield


class _TrialOver(Exception):  # noqa: N818  nothing went wrong
    """Ends a trial: what was written is taken back."""


@contextmanager
def trial() -> Iterator[None]:
    """Open a write transaction that is taken back at its end, to see what would come of a step."""
    with suppress(_TrialOver), transaction():
        yield
        raise _TrialOver


@contextmanager
def savepoint() -> Iterator[None]:
    """Take back what one part of a transaction wrote when it is refused, and let the rest stand."""
    with db.session.begin_nested():
        yield


def note_news() -> None:
    """Have the streams of the desks told when the open transaction commits."""
    db.session().info["news"] = True


@contextmanager
def _written(
    session: Session, inside: Connection | None = None, until: float | None = None
) -> Iterator[None]:
    session.rollback()
    session.info["inside"] = inside
    try:
        writing = session.connection(execution_options={"writing": True, "until": until})
        session.info["writing"] = writing
        yield
        if session.info.get("news") and writing.dialect.name == "postgresql":
            writing.exec_driver_sql(_RING)
        session.commit()
    except (StaleDataError, IntegrityError, OperationalError) as race:
        session.rollback()
        raise _lost_race(race) from race
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)
        session.info.pop("news", None)
        session.info.pop("inside", None)


def _lost_race(race: StaleDataError | IntegrityError | OperationalError) -> Exception:
    if isinstance(race, IntegrityError) and "unique" not in str(race.orig).lower():
        return race
    if isinstance(race, OperationalError) and not _is_contention(race):
        return race
    return Stale(
        say(
            "Somebody else changed this at the same moment. Look at the newest state and try again."
        )
    )


def _is_contention(fault: OperationalError) -> bool:
    """Tell a lost race from a database that is busy or away.

    An SQLite that is “locked” had another writer for longer than we wait, an import for example:
    nobody changed what the asker saw, so it is busy.
    """
    return getattr(fault.orig, "sqlstate", None) in _CONTENTION

"""When does what an action did become true? At the one commit, or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from dispatch.domain.errors import Stale
from dispatch.domain.sentences import say
from dispatch.models.base import db

if TYPE_CHECKING:
    from collections.abc import Iterator

# PostgreSQL: serialization failure, deadlock, lock not available within lock_timeout.
_CONTENTION = ("40001", "40P01", "55P03")

# SQLite has one writer: threads take turns here, not at the file lock.
_turn = RLock()


@contextmanager
def transaction() -> Iterator[None]:
    """Open the one write transaction of a request; commit at the end, roll back on any error.

    Raises:
        RuntimeError: when transactions are nested, which is a fault of the caller.
        Stale: when somebody else changed a row in between.
    """
    session = db.session()
    if session.info.get("writing"):
        message = "a transaction is already open; actions never open one"
        raise RuntimeError(message)
    with _taking_turns():
        session.rollback()
        try:
            session.info["writing"] = session.connection(execution_options={"writing": True})
            yield
            session.commit()
        except (StaleDataError, IntegrityError, OperationalError) as race:
            session.rollback()
            raise _lost_race(race) from race
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop("writing", None)


@contextmanager
def _taking_turns() -> Iterator[None]:
    if db.engine.dialect.name != "sqlite":
        yield
        return
    with _turn:
        yield


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

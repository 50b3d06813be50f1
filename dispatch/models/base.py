"""How do tables reach the database, whichever of the two it is?"""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import JSON, BigInteger, DateTime, Float, Integer, MetaData, String, Text, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

from dispatch.domain.phone_numbers import plain_phone

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Connection, Dialect, Engine


def _as_text(value: datetime | None) -> str | None:
    """Write an instant as SQLAlchemy does, in a fifth of its time."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        value = _in_utc(value)
    return value.isoformat(" ", "microseconds")[:_WITHOUT_ZONE]


def _as_instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _as_utc(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo is UTC else _in_utc(value)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        message = f"naive instant {value!r}: give it a zone before storing it"
        raise ValueError(message)
    return value.astimezone(UTC)


_WITHOUT_ZONE = len("2026-03-02 09:41:07.000000")


class UTCDateTime(TypeDecorator[datetime]):
    """An instant in UTC; SQLite keeps no zone, so a naive value is refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into the form the database stores."""
        if value is None:
            return None
        in_utc = _in_utc(value)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Return what writes an instant: for SQLite its text, as SQLAlchemy would write it."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads an instant: for SQLite its text."""
        return _as_instant if dialect.name == "sqlite" else _as_utc


class Telephone(TypeDecorator[str]):
    """A telephone number, kept without the blanks, dashes and brackets it is written with.

    What it is compared with loses them too, so that a number is found however it is typed.
    """

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Take out what people write between the digits."""
        return None if value is None else plain_phone(value)


# SQLite numbers rows by itself only for INTEGER keys.
RowId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_registry = registry(
    metadata=MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    ),
    type_annotation_map={
        datetime: UTCDateTime,
        str: Text,
        float: Float,
        dict[str, Any]: Json,
        list[Any]: Json,
    },
)


class Base(DeclarativeBase):
    """The declarative base of every table."""

    registry = _registry


class DeskSession(Session):
    """A session that may write inside a transaction which others share, in a savepoint."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Return the connection that is shared, else the engine."""
        inside: Connection | None = self.info.get("inside")
        return inside or super().get_bind(*args, **kwargs)


db = SQLAlchemy(
    model_class=Base,
    session_options={
        "class_": DeskSession,
        "expire_on_commit": False,
        "join_transaction_mode": "create_savepoint",
    },
)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def current_connection() -> Connection:
    """Return the connection of the transaction that is open, for statements without objects.

    What the session has not flushed is not seen by them.
    """
    session = db.session()
    writing: Connection | None = session.info.get("writing")
    return writing or session.connection()


AS_BYTES: Any = {"as_bytes": True}
"""The execution options of a statement that reads many bytes."""

BUSY_SECONDS = 15
"""How long a writer of SQLite waits for others before the database counts as busy."""

Code = String(64)
"""A short word from a closed list, or a code that people type."""


def prepare_engine(engine: Engine) -> None:
    """Make a new engine ready for its first connection, whichever of the two databases it is."""
    prepare = _prepare_sqlite if engine.dialect.name == "sqlite" else _prepare_postgresql
    prepare(engine)


def _prepare_postgresql(engine: Engine) -> None:
    """Read bytes as they are where a statement is marked `AS_BYTES`.

    Otherwise they are written out as text on the way, which takes nine times as long.
    """

    @event.listens_for(engine, "before_cursor_execute")
    def ask_for_bytes(_c: Any, cursor: Any, _s: Any, _p: Any, context: Any, _many: Any) -> None:
        if context.execution_options.get("as_bytes"):
            cursor.format = 1  # Format.BINARY of psycopg


def _prepare_sqlite(engine: Engine) -> None:
    """Make SQLite safe for several writers.

    Stock settings lose updates silently. Here a writer takes the lock at its first statement
    (`BEGIN IMMEDIATE`), a reader never blocks (write-ahead log), and a commit is on disk before it
    is answered (`synchronous=FULL`).
    """

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-32000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(_patience(BUSY_SECONDS))
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("writing"):
            _begin_to_write(connection, options.get("until"))
        else:
            connection.exec_driver_sql("BEGIN")


def _begin_to_write(connection: Connection, until: float | None) -> None:
    """Take the lock of the file, or give up; `until` is an instant of the monotonic clock."""
    left = BUSY_SECONDS if until is None else max(0.0, until - monotonic())
    driver: Any = connection.connection.dbapi_connection
    driver.execute(_patience(left))
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(_patience(BUSY_SECONDS))


def _patience(seconds: float) -> str:
    return f"PRAGMA busy_timeout={round(seconds * 1000)}"

"""How are very many new rows written in little time, on either database?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import JSON, Table, text

from dispatch.models.base import db

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Column

    from dispatch.models.base import Base


def write_rows(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all name the same columns; columns left out get their defaults.

    PostgreSQL takes them as one COPY, which is several times as quick as a statement a row.
    """
    if not rows:
        return
    table = cast("Table", model.__table__)
    if db.session.connection().dialect.name == "postgresql":
        _copy(table, rows)
    else:
        db.session.execute(table.insert(), rows)


def allow_a_long_transaction() -> None:
    """Lift the time limits that keep one web request from holding up the others.

    They are back with the next transaction. SQLite has none.
    """
    if db.session.connection().dialect.name == "postgresql":
        for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
            db.session.execute(text(f"SET LOCAL {limit} = 0"))


def _copy(table: Table, rows: Sequence[dict[str, Any]]) -> None:
    columns = [column for column in table.columns if _is_written(column, rows[0])]
    writers = [_writer(column, rows[0]) for column in columns]
    names = ", ".join(column.name for column in columns)
    cursor = db.session.connection().connection.cursor()
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([write(row) for write in writers])
    cursor.close()


def _is_written(column: Column[Any], row: dict[str, Any]) -> bool:
    return column.name in row or column.default is not None


def _writer(column: Column[Any], row: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    """Return a function that takes the column's value out of a row as COPY wants it."""
    name = column.name
    if name in row:
        if isinstance(column.type, JSON):
            return lambda each: None if each[name] is None else json.dumps(each[name])
        return lambda each: each[name]
    default = cast("Any", column.default)
    value = default.arg(None) if default.is_callable else default.arg
    fixed = json.dumps(value) if isinstance(column.type, JSON) else value
    return lambda _each: fixed

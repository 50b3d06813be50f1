"""How are many rows written by one statement, without a look at each value on its way?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import orjson

from dispatch.models.base import UTCDateTime, current_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Dialect, Table

    from dispatch.models.base import Base


def insert_many(
    model: type[Base], columns: tuple[str, ...], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert rows that all have these columns, in this order.

    An instant inside a JSON column is given as text: SQLite refuses any other, and nobody looks
    there for its zone.
    """
    _write(model, columns, rows, _inserting)


def update_many(
    model: type[Base], columns: tuple[str, ...], rows: Sequence[dict[str, Any]]
) -> None:
    """Set these columns of the rows with these ids; `columns` ends with ``id``."""
    _write(model, columns, rows, _updating)


def _write(
    model: type[Base],
    columns: tuple[str, ...],
    rows: Sequence[dict[str, Any]],
    verb: Callable[[type[Base], tuple[str, ...], Dialect], str],
) -> None:
    connection = current_connection()
    dialect = connection.dialect
    statement = verb(model, columns, dialect)
    if dialect.name == "postgresql":
        # One text for all of them: the server takes it apart, and answers once.
        _check_zones(rows, _instants(model, columns))
        told = [{name: value for name, value in row.items() if value is not None} for row in rows]
        sent: dict[str, Any] = {"rows": orjson.dumps(told).decode()}
        if verb is _updating:
            sent["ids"] = [row["id"] for row in rows]
        connection.exec_driver_sql(statement, sent)
        return
    as_stored = _as_stored(model, columns, dialect)
    values = [
        tuple([write(row[name]) if write else row[name] for name, write in as_stored])
        for row in rows
    ]
    connection.exec_driver_sql(statement, values)


@cache
def _inserting(model: type[Base], columns: tuple[str, ...], dialect: Dialect) -> str:
    table, names = _quoted(model, columns, dialect)
    listed = ", ".join(names)
    begun = f"INSERT INTO {table} ({listed})"
    if dialect.name == "postgresql":
        return f"{begun} SELECT {listed} FROM {_sent(table)}"  # noqa: S608  quoted names of ours
    return f"{begun} VALUES ({', '.join('?' for _ in names)})"


@cache
def _updating(model: type[Base], columns: tuple[str, ...], dialect: Dialect) -> str:
    table, names = _quoted(model, columns, dialect)
    *changed, key = names
    if dialect.name == "postgresql":
        values = ", ".join(f"{name} = sent.{name}" for name in changed)
        origin = f"FROM {_sent(table)} AS sent"
        # Told the ids by themselves it looks these up; else it may read the whole table.
        chosen = f"{table}.{key} = ANY(%(ids)s::bigint[]) AND {table}.{key} = sent.{key}"
        return f"UPDATE {table} SET {values} {origin} WHERE {chosen}"  # noqa: S608  as above
    values = ", ".join(f"{name} = ?" for name in changed)
    return f"UPDATE {table} SET {values} WHERE {key} = ?"  # noqa: S608  as above


def _quoted(model: type[Base], columns: tuple[str, ...], dialect: Dialect) -> tuple[str, list[str]]:
    quote = dialect.identifier_preparer.quote
    return quote(_table(model).name), [quote(name) for name in columns]


def _sent(table: str) -> str:
    return f"jsonb_populate_recordset(NULL::{table}, %(rows)s::jsonb)"


@cache
def _as_stored(
    model: type[Base], columns: tuple[str, ...], dialect: Dialect
) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """Return each column with what turns a value into the form that is stored, None for as is."""
    types = [_table(model).c[name].type.dialect_impl(dialect) for name in columns]
    return [(name, each.bind_processor(dialect)) for name, each in zip(columns, types, strict=True)]


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


@cache
def _instants(model: type[Base], columns: tuple[str, ...]) -> list[str]:
    return [name for name in columns if isinstance(_table(model).c[name].type, UTCDateTime)]


def _check_zones(rows: Sequence[dict[str, Any]], instants: list[str]) -> None:
    for row in rows:
        for name in instants:
            if row[name] is not None and row[name].tzinfo is None:
                fault = f"{name}: naive instant {row[name]!r}: give it a zone before storing it"
                raise ValueError(fault)

"""How fast does a database take the rows of one report with nothing of ours around them?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Callable

UNIQUE = {
    "idempotency": ("key",),
    "ticket": (),
    "ticket_event": ("uuid", "hash"),
    "report": ("token",),
    "outbox": ("effect_key",),
    "timer": ("key",),
}
"""The tables that a report writes to, a ticket before the rest; what no two share."""


class Rows(NamedTuple):
    """A table's rows of one report, and the statement that writes another like them."""

    table: str
    insert: str
    columns: list[str]
    rows: list[dict[str, Any]]


def same_rows(connection: Any, begin: str, mark: str) -> Callable[[], None]:
    """Return what writes the newest report's rows once more, in one commit of its own.

    `connection` is the driver's own, in autocommit; `begin` opens a transaction that writes and
    `mark` stands for a parameter.
    """
    newest = connection.execute("SELECT max(id) FROM ticket").fetchone()[0]
    tables = [_rows_of(connection, table, newest, mark) for table in UNIQUE]

    def write() -> None:
        connection.execute(begin)
        ticket_id = 0
        for each in tables:
            values = [_anew(each, row, ticket_id) for row in each.rows]
            if each.table == "ticket":
                ticket_id = connection.execute(each.insert, values[0]).fetchone()[0]
            else:
                connection.cursor().executemany(each.insert, values)
        connection.execute("COMMIT")

    return write


def _rows_of(connection: Any, table: str, ticket_id: int, mark: str) -> Rows:
    whose = {
        "idempotency": "TRUE ORDER BY created_at DESC LIMIT 1",
        "ticket": f"id = {ticket_id}",
    }.get(table, f"ticket_id = {ticket_id}")
    found = connection.execute(f"SELECT * FROM {table} WHERE {whose}")  # noqa: S608  names of ours
    names = [each[0] for each in found.description]
    columns = [name for name in names if name != "id"]
    listed, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(mark for _ in columns)
    insert = f"INSERT INTO {table} ({listed}) VALUES ({marks})"  # noqa: S608  likewise
    insert += " RETURNING id" if table == "ticket" else ""
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return Rows(table, insert, columns, rows)


def _anew(each: Rows, row: dict[str, Any], ticket_id: int) -> list[Any]:
    made = {name: uuid.uuid4().hex for name in UNIQUE[each.table]}
    made |= {"ticket_id": ticket_id} if "ticket_id" in row else {}
    return [_sent(value) for value in ((row | made)[name] for name in each.columns)]


def _sent(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, (dict, list)) else value

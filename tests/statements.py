"""Which statements does the database get meanwhile?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Engine, event

from dispatch.models.base import db

if TYPE_CHECKING:
    from collections.abc import Iterator


class Statement(NamedTuple):
    """A statement as the driver got it, whether for many rows at once, and the values in it."""

    text: str
    is_many: bool
    values: Any = ()

    @property
    def verb(self) -> str:
        """Return its first word: INSERT, say."""
        return self.text.split()[0].upper()


@contextmanager
def statements(engine: Engine | type[Engine] = Engine) -> Iterator[list[Statement]]:
    """Give the list of the statements that an engine, or any engine, gets in the block."""
    ran: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, *rest: Any) -> None:
        values, _context, is_many = rest
        ran.append(Statement(text, is_many, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plan_of(text: str, values: Any = None) -> str:
    """Return how the database reads the rows where they are many, as in a large table."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all())
    # A table of a few rows is read whole, or by any index, and then sorted.
    for other_way in ("seqscan", "bitmapscan", "sort"):
        connection.exec_driver_sql(f"SET LOCAL enable_{other_way} = off")
    return str(connection.exec_driver_sql(f"EXPLAIN {text}", values).all())


def written_out(statement: Any) -> str:
    """Return a statement with its values in it, as this database takes it."""
    return str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))

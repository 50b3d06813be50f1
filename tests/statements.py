"""Which statements does the database get meanwhile?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Engine, event

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

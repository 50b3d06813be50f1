"""Which past tickets does a table on disk hold, read with a bar?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from dispatch.cli.input_files import open_lines
from dispatch.cli.running import bar
from dispatch.domain.file_faults import FileFaults
from dispatch.domain.past_ticket import PastTicketReader
from dispatch.domain.sentences import say
from dispatch.domain.table_rows import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from dispatch.domain.column_map import ColumnMap
    from dispatch.domain.past_ticket import PastTicket
    from dispatch.domain.sentences import Sentence

ROWS_A_STEP = 500


class PastFile:
    """One table of past tickets; an import reads it twice, once to check it, once to write it.

    `filtered_out` and `doubtful_times` count the rows of the last reading.
    """

    def __init__(self, path: Path, column_map: ColumnMap, now: datetime | None = None) -> None:
        self.path = path
        self.now = now
        self.column_map = column_map
        self.filtered_out = 0
        self.doubtful_times = 0

    @contextmanager
    def past_tickets(self, sentence: Sentence) -> Iterator[Iterator[PastTicket]]:
        """Open the file and give its past tickets, with a bar."""
        faults = FileFaults(self.path.name)
        reader = PastTicketReader(self.column_map, faults, self.now)
        with (
            open_lines(self.path) as (lines, bytes_read),
            bar(sentence, self.path.stat().st_size) as move,
        ):
            yield _watched(reader.read(read_table(lines, faults)), bytes_read, move)
        self.filtered_out = reader.filtered_out
        self.doubtful_times = reader.doubtful_times

    def check(self) -> None:
        """Read every row, so that a fault on the last line is found before anything is written."""
        with self.past_tickets(say("Checking")) as past:
            for _ in past:
                pass


def _watched(
    past: Iterator[PastTicket], bytes_read: Callable[[], int], move: Callable[[float], None]
) -> Iterator[PastTicket]:
    for number, each in enumerate(past):
        if number % ROWS_A_STEP == 0:
            move(bytes_read())
        yield each

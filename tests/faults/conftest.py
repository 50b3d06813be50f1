"""Which proofs are too long for `make test`, and how long may those of `make soak` take?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

collect_ignore = [] if os.environ.get("SOAK") else ["test_standby.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the limit of the command line hold for the long sizes: the marks are for the small."""
    if os.environ.get("SOAK"):
        drop_own_limits(item for item in items if Path(__file__).parent in item.path.parents)


def drop_own_limits(items: Iterable[pytest.Item]) -> None:
    """Take the time limits that tests name for themselves out of their marks."""
    for item in items:
        item.own_markers = [mark for mark in item.own_markers if mark.name != "timeout"]

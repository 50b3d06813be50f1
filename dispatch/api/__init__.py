"""Which JSON addresses are there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register_api(app: Flask) -> None:
    """Hang every JSON address into the application."""

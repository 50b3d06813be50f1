"""What happens when several people do the same thing at the same moment?"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from dispatch.models.base import db

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


def contend(app: Flask, act: Callable[[int], str], contenders: int = 8) -> Counter[str]:
    """Let each contender act in a session of its own, at once; count what became of them.

    An exception counts by the name of its class.
    """
    gate = Barrier(contenders)

    def one(number: int) -> str:
        with app.app_context():
            gate.wait(timeout=30)
            try:
                return act(number)
            except Exception as fault:  # noqa: BLE001  the count is what is looked at
                return type(fault).__name__
            finally:
                db.session.remove()

    with ThreadPoolExecutor(contenders) as pool:
        return Counter(pool.map(one, range(contenders)))

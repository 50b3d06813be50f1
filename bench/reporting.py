"""How does a benchmark print its figures, one JSON line each?"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """Prints the figures of one benchmark."""

    bench: str

    def __call__(
        self,
        figure: str,
        value: float,
        unit: str,
        limit: float | None = None,
        *,
        floor: bool = False,
        **more: object,
    ) -> None:
        """Print one figure; it is ok up to its limit, or from it upwards when that is a floor."""
        is_ok = limit is None or (value >= limit if floor else value <= limit)
        line = {"bench": self.bench, "figure": figure, "value": round(value, 3), "unit": unit}
        print(
            json.dumps({**line, "limit": limit, "ok": is_ok, **more}, ensure_ascii=False),
            flush=True,
        )

"""Is there a copy of the database to go back to, of each of the last days?"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy.engine import make_url

from dispatch.adapters.database_copy import copy_database

if TYPE_CHECKING:
    from datetime import datetime

_ENDINGS = {"sqlite": ".sqlite3", "postgresql": ".dump"}


def back_up(now: datetime) -> int:
    """Copy the database into `backups/` of the data folder; return how many copies are made.

    The oldest go once there are more than are kept; another job's or person's files stay.

    Raises:
        Refused: where no copy could be made; the older ones are all left.
    """
    settings = current_app.config["SETTINGS"]
    if not settings.backups_kept:
        return 0
    folder, url = settings.data_dir / "backups", make_url(settings.database_url)
    ending = _ENDINGS[url.get_backend_name()]
    copy_database(url, folder / f"onevisit-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{ending}")
    kept = sorted(folder.glob(f"onevisit-*{ending}"))
    for each in kept[: -settings.backups_kept]:
        each.unlink()
    return 1

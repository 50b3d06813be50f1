"""Which files of photos does nothing need any more?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app

from dispatch.actions.attachments import forget_old_photos
from dispatch.actions.unit_of_work import transaction
from dispatch.photos import photo_store
from dispatch.queries.attachments import names_needed

if TYPE_CHECKING:
    from datetime import datetime

UNNEEDED_AFTER = timedelta(days=1)


def clear_photo_files(now: datetime) -> int:
    """Remove the files without a photo that are older than a day; return how many went.

    A crash between a file and its row leaves such a file. Before that, the photos of residents are
    taken away that have been kept long enough.
    """
    with transaction():
        forget_old_photos(now)
    store, before = photo_store(current_app.config["SETTINGS"]), now - UNNEEDED_AFTER
    old = store.names_before(before)
    removed = store.sweep(before)
    for name in sorted(set(old) - names_needed(old)):
        with store.clearing():
            # Somebody may have sent the same photo a moment ago.
            if name not in names_needed([name]):
                store.remove(name)
                removed += 1
    return removed

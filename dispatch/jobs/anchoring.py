"""Which events are put under the key now?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import current_app

from dispatch.actions.housekeeping import settled_event_id, write_anchor
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.event_chain import Anchor, anchor_key
from dispatch.queries.event_chain import last_anchor, take_in

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)


def anchor_events(now: datetime) -> int:
    """Anchor the events that came since the last anchor; return how many.

    The digest goes into the log too, which is kept elsewhere than the database.
    """
    with transaction():
        last_id = settled_event_id()
    before = last_anchor()
    after_id, digest = (before.last_event_id, before.digest) if before else (0, "")
    if last_id == after_id:
        return 0
    key = anchor_key(str(current_app.config["SECRET_KEY"]))
    anchor = take_in(Anchor(key, digest), after_id, last_id)
    with transaction():
        write_anchor(anchor, last_id, now=now)
    log.info("events up to %s are anchored: %s", last_id, anchor.digest)
    return anchor.events

"""How do tests announce an interruption?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions.notices import NoticeWish, draft_notice, publish_notice
from tests.factories import DESK

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.models.notices import NoticeRow

HOUR = timedelta(hours=1)


def wish(now: datetime, **told: Any) -> NoticeWish:
    """Return what the desk writes of an interruption in the west that lasts three hours more."""
    words = {
        "kind": "burst",
        "categories": ("no_water", "low_pressure"),
        "area": "Furong Road",
        "area_zh": "芙蓉路",
        "text": "A main has burst. Water comes back when it is mended.",
        "text_zh": "主管爆裂,修复后恢复供水。",
        "grids": ("West",),
        "begins_at": now - HOUR,
        "ends_at": now + 3 * HOUR,
    }
    return NoticeWish(**(words | told))


def announce(now: datetime, **told: Any) -> NoticeRow:
    """Publish an interruption."""
    row = draft_notice(wish(now, **told), actor=DESK, now=now)
    return publish_notice(row.id, actor=DESK, now=now, seen_version=row.version)

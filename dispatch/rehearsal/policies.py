"""Which planners can be rehearsed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.domain import desk_rules
from dispatch.domain.look_ahead import look_ahead
from dispatch.domain.rehearsal_wish import Planner

if TYPE_CHECKING:
    from dispatch.rehearsal.city import Policy

POLICIES: dict[Planner, Policy] = {
    Planner.HOME: desk_rules.home,
    Planner.FIFO: desk_rules.fifo,
    Planner.NEAREST: desk_rules.nearest,
    Planner.ONEVISIT: look_ahead,
}

"""Who is on duty in the demo, and how fast does its ladder climb?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dispatch.actions.rota import replace_rota, set_ladder
from dispatch.actions.taking_note import acknowledge
from dispatch.domain.rota import DEFAULT_LADDER, DutyRole, RotaRule
from dispatch.domain.rota_rows import NOBODY, RotaDraft
from dispatch.queries.alerts import open_alert_ids

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

ON_DUTY = {
    DutyRole.DISPATCHER: "desk",
    DutyRole.TEAM_LEADER: "leader",
    DutyRole.DUTY_MANAGER: "figures",
    DutyRole.HEAD_OF_OPERATIONS: "admin",
}
PASS_ON_MINUTES = 1
"""Short, so that a visitor sees a ticket that is left alone climb the ladder."""


def fill_rota(*, actor: Actor, now: datetime) -> None:
    """Put the demo's people on duty around the clock; in its past nobody passes anything on."""
    drafts = [RotaDraft(RotaRule(duty, NOBODY), "", name) for duty, name in ON_DUTY.items()]
    replace_rota(drafts, actor=actor, now=now)
    ladder = [replace(step, pass_on_minutes=None) for step in DEFAULT_LADDER]
    set_ladder(ladder, actor=actor, now=now)


def begin_watch(dispatcher: Actor, *, actor: Actor, now: datetime) -> None:
    """Let the dispatcher take note of what the past left open, and the ladder climb from now on."""
    for alert_id in open_alert_ids():
        acknowledge(alert_id, actor=dispatcher, now=now)
    ladder = [replace(step, pass_on_minutes=PASS_ON_MINUTES) for step in DEFAULT_LADDER]
    set_ladder(ladder, actor=actor, now=now)

"""What is armed for a proof of the timers, and was each warning written once?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.domain.ticket_state import TicketState
from dispatch.models.alerts import Alert, RotaEntry
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.tickets import Ticket, TicketEvent
from tests.factories import make_account

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

HALF = timedelta(hours=6)
"""Half of each budget: the next rung falls due long after a proof has ended."""
AT_ONCE = 1_000


@dataclass(frozen=True)
class Found:
    """What became of the armed warnings; `late_ms` as stored, in order."""

    lost: int
    twice: int
    late_ms: tuple[int, ...]

    def lateness(self) -> str:
        """Return p50, p99 and the maximum in seconds."""
        last = len(self.late_ms) - 1
        places = {"p50": last // 2, "p99": last * 99 // 100, "max": last}
        return ", ".join(f"{name} {self.late_ms[at] / 1000:.2f} s" for name, at in places.items())


def put_on_duty(now: datetime) -> None:
    """Let the head of operations be told of everything, so that nothing is passed on."""
    head = make_account(Role.MANAGER, now, name="head", phone="13800000009", alert_channel="sms")
    db.session.add(
        RotaEntry(duty="head_of_operations", user_id=head.user_id, start_minute=0, end_minute=0)
    )


def arm(due: Sequence[datetime], first: int = 1) -> None:
    """Add a ticket for each instant, numbered from `first`, half of whose budget is spent then."""
    numbered = list(enumerate(due, first))
    with transaction():
        for at in range(0, len(numbered), AT_ONCE):
            part = numbered[at : at + AT_ONCE]
            insert_rows(Ticket, [_ticket(number, instant) for number, instant in part])
            insert_rows(Timer, [_timer(number, instant) for number, instant in part])


def _ticket(number: int, due: datetime) -> dict[str, Any]:
    # The planner leaves a ticket alone that is dispatched.
    return {
        "id": number,
        "state": str(TicketState.DISPATCHED),
        "category": "burst",
        "level": 1,
        "address": "here",
        "received_at": due - HALF,
        "dispatched_at": due - HALF,
        "arrive_due_at": due + HALF,
        "changed_at": due - HALF,
        "changed_by": "test",
    }


def _timer(number: int, due: datetime) -> dict[str, Any]:
    return {
        "key": f"proof/{number}",
        "ticket_id": number,
        "clock": "arrive",
        "rung": 0,
        "started_at": due - HALF,
        "target_at": due + HALF,
        "due_at": due,
    }


def fired() -> int:
    """Return how many warnings have been written."""
    told = select(func.count()).select_from(Timer).where(Timer.state == "fired")
    found = db.session.scalar(told) or 0
    db.session.rollback()
    return found


def look(tickets: Sequence[int]) -> Found:
    """Count what was written of each armed warning; later rungs are left out."""
    session = db.session
    events = session.execute(
        select(TicketEvent.ticket_id, TicketEvent.uuid).where(
            TicketEvent.kind == "clock_warning", TicketEvent.facts["rung"].as_integer() == 0
        )
    ).all()
    keys = Counter(session.scalars(select(Outbox.effect_key)))
    console = Counter(event.ticket_id for event in events if keys[f"{event.uuid}/console"] == 1)
    told = Counter(
        session.scalars(select(Outbox.ticket_id).where(Outbox.effect_key.like("alert/proof/%")))
    )
    alerts = Counter(session.scalars(select(Alert.ticket_id).where(Alert.rung == 0)))
    story = Counter(event.ticket_id for event in events)
    timers = session.scalars(
        select(Timer.late_ms).where(Timer.state == "fired", Timer.rung == 0).order_by(Timer.late_ms)
    )
    written = (story, alerts, told, console)
    return Found(
        lost=sum(any(kind[each] < 1 for kind in written) for each in tickets),
        twice=sum(any(kind[each] > 1 for kind in written) for each in tickets),
        late_ms=tuple(late for late in timers if late is not None),
    )

"""What happened to a ticket, and who reported it?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from dispatch.domain.arrival import STEP_NAMES as ARRIVAL_STEPS
from dispatch.domain.attachments import KIND_NAMES, AttachmentKind
from dispatch.domain.call_answers import told_answers
from dispatch.domain.disputes import GROUND_NAMES, DisputeGround
from dispatch.domain.life_safety import safety_sentences
from dispatch.domain.masking import masked_name, masked_phone
from dispatch.domain.offline_time import remark_on
from dispatch.domain.relief import RELIEF_NAMES, ReliefReason
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.service_policy import CLOCK_NAMES, LEVEL_NAMES, ClockKind, Level
from dispatch.domain.site_words import site_detail
from dispatch.domain.task_state import TASK_NAMES, TaskKind, department_of
from dispatch.domain.ticket_state import EVENT_NAMES, EventKind, ticket_number
from dispatch.domain.visit_state import CAUSE_NAMES, HOLD_NAMES, Cause, HoldReason
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket, TicketEvent, Visit

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

# Facts that are worded in `detail`, `reasons` and `other`.
_SAID = frozenset({"reasons", "why", "other"})
_MERGES = {EventKind.REPORT_MERGED, EventKind.MARKED_DUPLICATE, EventKind.SEPARATED}
ROUND_STEP_NAMES = {
    "round-done": say("Stop of a round: done"),
    "round-nobody-home": say("Stop of a round: nobody home"),
    "round-fault": say("Fault found on a round"),
    "round-undo": say("Stop of a round: taken back"),
}
STEP_NAMES: dict[str, Sentence] = (
    ARRIVAL_STEPS
    | {
        "restore": say("Supply restored"),
        "cannot_complete": say("Could not be fixed"),
        "decline": say("Declined"),
        "return": say("Returned to the desk"),
        "hand-over": say("Hand over to another crew"),
        "take-back": say("Keep the ticket"),
        "take-over": say("Take it over"),
        "refuse-hand-over": say("Not taken over"),
        "photo": EVENT_NAMES[EventKind.PHOTO_ADDED],
    }
    | ROUND_STEP_NAMES
)
_STATE_OF = {
    "acknowledge": "acknowledged",
    "set-off": "en_route",
    "arrive": "arrived",
    "start": "working",
    "complete": "completed",
    "cannot-complete": "cannot_complete",
    "declined": "decline",
}


def events_of(ticket: Ticket, *, personal: bool) -> list[dict[str, Any]]:
    """Return the story of a ticket, oldest first; `personal` shows notes, else they are left out.

    Names are sentences and instants are aware; the edge words them.
    """
    acting = aliased(Crew)
    rows = db.session.execute(
        select(
            TicketEvent.__table__,
            Crew.name.label("crew"),
            Crew.name_zh.label("crew_zh"),
            acting.name.label("acting_for"),
        )
        .outerjoin(Visit, Visit.id == TicketEvent.visit_id)
        .outerjoin(Crew, Crew.id == Visit.crew_id)
        .outerjoin(acting, acting.id == TicketEvent.acting_for_crew_id)
        .where(TicketEvent.ticket_id == ticket.id)
        .order_by(TicketEvent.id)
    ).mappings()
    return [_event(row, personal=personal) for row in rows]


def _event(row: RowMapping, *, personal: bool) -> dict[str, Any]:
    crew = None if row["crew"] is None else LocalName(row["crew"], row["crew_zh"])
    timed = remark_on(
        row["effective_at"],
        recorded_at=row["recorded_at"],
        quality=row["time_quality"],
        device_at=row["device_at"],
    )
    return {
        "id": row["uuid"],
        "kind": row["kind"],
        "name": EVENT_NAMES[EventKind(row["kind"])],
        "detail": detail_of(row["kind"], row["reason"], row["facts"], crew),
        "reasons": [Sentence.from_json(each) for each in row["facts"].get("reasons", ())],
        "from_state": row["from_state"],
        "to_state": row["to_state"],
        "actor": row["actor"],
        "source": row["source"],
        "crew": row["crew"],
        "visit": row["visit_id"],
        "acting_for": row["acting_for"],
        "effective_at": row["effective_at"],
        "recorded_at": row["recorded_at"],
        "time_quality": row["time_quality"],
        "time_note": timed.note,
        "time_flags": list(timed.flags),
        "reason": row["reason"],
        "note": row["note"] if personal else None,
        "other": other_in_words(row["kind"], row["facts"]),
        "facts": {name: each for name, each in row["facts"].items() if name not in _SAID},
    }


def other_of(uuid: str) -> dict[str, Any] | None:
    """Return what somebody else had written into the field of an event meanwhile, and its visit."""
    event = db.session.scalar(select(TicketEvent).where(TicketEvent.uuid == uuid))
    other = None if event is None else other_in_words(event.kind, event.facts)
    return None if event is None or other is None else other | {"visit_id": event.visit_id}


def other_in_words(kind: str, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Return the other value of a field that two people filled in: by whom, when, what."""
    other = facts.get("other")
    if other is None:
        return None
    words = site_detail(kind, other["args"])
    return {
        "by": other["by"],
        "at": datetime.fromisoformat(other["at"]),
        "words": words,
        "args": other["args"],
    }


def detail_of(
    kind: str, reason: str | None, facts: dict[str, Any], crew: str | None
) -> Sentence | None:
    """Return what the name of an event leaves open: which crew, which level, which cause."""
    if kind == EventKind.LEVEL_CHANGED and {"was", "level"} <= facts.keys():
        names = {name: LEVEL_NAMES[Level(facts[name])] for name in ("was", "level")}
        return say("From %(was)s to %(level)s", **names)
    if kind == EventKind.HELD and reason in set(HoldReason):
        return HOLD_NAMES[HoldReason(reason)]
    if kind == EventKind.CANNOT_COMPLETE and reason in set(Cause):
        return say("%(crew)s: %(cause)s", crew=crew or "", cause=CAUSE_NAMES[Cause(reason)])
    if kind == EventKind.FOR_REVIEW and {"step", "why"} <= facts.keys():
        return _kept_step(facts, crew)
    if reason == "not_fixed":
        return say("The reporter says that it is not fixed.")
    return (
        _detail_of_merge(kind, facts)
        or site_detail(kind, facts)
        or _detail_of_dispute(kind, reason, facts)
        or _detail_of_relief(reason, facts, crew)
        or _detail_of_work(kind, facts)
        or (Sentence("%(crew)s", {"crew": crew}) if crew else None)
    )


def _detail_of_merge(kind: str, facts: dict[str, Any]) -> Sentence | None:
    """Say which other ticket this is about, and what was told there."""
    if kind == EventKind.TOLD_ON_MERGED:
        what = EVENT_NAMES[EventKind(facts["told"])]
        return say("%(number)s: %(what)s", number=facts["from"], what=what)
    other = next((facts[name] for name in ("from", "into", "separated") if name in facts), None)
    return Sentence(other) if other and kind in _MERGES else None


def _detail_of_relief(
    reason: str | None, facts: dict[str, Any], crew: str | None
) -> Sentence | None:
    """Say which crew hands over to which, and why."""
    if reason not in set(ReliefReason):
        return None
    name = facts.get("to_crew")
    other = LocalName(name, facts.get("to_crew_zh")) if name else say("the desk chooses")
    why = RELIEF_NAMES[ReliefReason(reason)]
    return say("%(crew)s → %(other)s: %(why)s", crew=crew or "", other=other, why=why)


def _kept_step(facts: dict[str, Any], crew: str | None) -> Sentence:
    """Say which step was kept for a person to look at, whose it was, and why it changed nothing."""
    name = _STATE_OF.get(facts["step"], facts["step"])
    step = STEP_NAMES.get(name, Sentence(name))
    why = Sentence.from_json(facts["why"])
    if crew is None:
        return say("“%(step)s”: %(why)s", step=step, why=why)
    return say("%(crew)s, “%(step)s”: %(why)s", crew=crew, step=step, why=why)


def _detail_of_dispute(kind: str, reason: str | None, facts: dict[str, Any]) -> Sentence | None:
    if kind == EventKind.RELEASED and "until_at" in facts:
        return say("Its time was over; it goes on by itself.")
    return GROUND_NAMES[DisputeGround(reason)] if reason in set(DisputeGround) else None


def _detail_of_work(kind: str, facts: dict[str, Any]) -> Sentence | None:
    if kind in {EventKind.REPORTERS_TOLD, EventKind.MESSAGE_TAKEN_BACK}:
        return say("To %(count)s of them", count=facts["recipients"])
    if "photo" in facts and facts.get("kind") in set(AttachmentKind):
        return KIND_NAMES[AttachmentKind(facts["kind"])]
    if facts.get("task") in set(TaskKind):
        return _task_detail(facts)
    if kind.startswith("clock_") and facts.get("clock") in set(ClockKind):
        return CLOCK_NAMES[ClockKind(facts["clock"])]
    return None


def _task_detail(facts: dict[str, Any]) -> Sentence:
    name = TASK_NAMES[TaskKind(facts["task"])]
    if "department" not in facts:
        return name
    who = department_of(facts["task"], facts["department"])
    return say("%(task)s: %(who)s", task=name, who=facts.get("crew") or who)


def reports_of(ticket: Ticket) -> list[dict[str, Any]]:
    """Return who reported a fault, oldest first; names and telephone numbers are masked."""
    rows = db.session.execute(
        select(Report.__table__, Household.account)
        .outerjoin(Household, Household.id == Report.household_id)
        .where(Report.ticket_id == ticket.id)
        .order_by(Report.id)
    ).mappings()
    return [
        {
            "id": row["id"],
            "channel": row["channel"],
            "verified": row["verified"],
            "name": masked_name(row["name"]),
            "phone": masked_phone(row["phone"]),
            "language": row["language"],
            "description": row["description"],
            **said_by(row["answers"], row["dangers"]),
            "household": row["account"],
            "first_ticket": _number(row["first_ticket_id"]),
            "received_at": row["received_at"],
            "fixed_answer": row["fixed_answer"],
            "answered_at": row["answered_at"],
        }
        for row in rows
    ]


def said_by(answers: dict[str, str], dangers: dict[str, str]) -> dict[str, list[Sentence]]:
    """Return what a caller answered as `answers`, and what is dangerous there as `hazards`."""
    told = told_answers(answers)
    return {
        "answers": [each.sentence for each in told if not each.hazard],
        "hazards": safety_sentences(dangers) + [each.sentence for each in told if each.hazard],
    }


def _number(ticket_id: int | None) -> str | None:
    return ticket_number(ticket_id) if ticket_id else None

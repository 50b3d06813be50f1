"""Which state may a ticket go to next, and what happened to make it go there?"""

from __future__ import annotations

from enum import StrEnum

from dispatch.domain.errors import Forbidden
from dispatch.domain.sentences import Sentence, say


class TicketState(StrEnum):
    """Where a ticket stands in its life."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    WORKING = "working"
    COMPLETED = "completed"
    CLOSED = "closed"
    ON_HOLD = "on_hold"
    RETURNED = "returned"
    DUPLICATE = "duplicate"
    SOLVED_BY_PHONE = "solved_by_phone"
    ANSWERED_BY_NOTICE = "answered_by_notice"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


S = TicketState

STATE_NAMES: dict[TicketState, Sentence] = {
    S.RECEIVED: say("received"),
    S.ACCEPTED: say("accepted"),
    S.DISPATCHED: say("dispatched"),
    S.ACKNOWLEDGED: say("acknowledged"),
    S.EN_ROUTE: say("on the way"),
    S.ARRIVED: say("on site"),
    S.WORKING: say("working"),
    S.COMPLETED: say("completed"),
    S.CLOSED: say("closed"),
    S.ON_HOLD: say("on hold"),
    S.RETURNED: say("returned"),
    S.DUPLICATE: say("duplicate"),
    S.SOLVED_BY_PHONE: say("solved by phone"),
    S.ANSWERED_BY_NOTICE: say("answered by a notice"),
    S.CANCELLED: say("cancelled"),
    S.REOPENED: say("reopened"),
}

# A desk may always do these while no crew has arrived.
_DESK_ENDINGS = frozenset({S.DUPLICATE, S.SOLVED_BY_PHONE, S.ANSWERED_BY_NOTICE, S.CANCELLED})
# From here on the ticket is what its visits add up to: a tap that came late skips steps, and when
# the furthest of two crews ends, the other one speaks for the ticket from further back.
_ROAD = frozenset({S.DISPATCHED, S.ACKNOWLEDGED, S.EN_ROUTE, S.ARRIVED, S.WORKING, S.COMPLETED})
_BEFORE_CREW = frozenset({S.ACCEPTED, S.DISPATCHED, S.ON_HOLD, S.RETURNED}) | _DESK_ENDINGS
# A request, with the last of its steps; no crew need have been there.
_BY_STEPS = frozenset({S.COMPLETED})
_BACK_TO_DESK = frozenset({S.ACCEPTED, S.ON_HOLD, S.RETURNED})

FOLLOWS: dict[TicketState, frozenset[TicketState]] = {
    S.RECEIVED: _BEFORE_CREW - {S.DISPATCHED} | _BY_STEPS,
    S.ACCEPTED: _BEFORE_CREW - {S.ACCEPTED} | _BY_STEPS,
    S.RETURNED: _BEFORE_CREW - {S.RETURNED} | _BY_STEPS,
    S.REOPENED: _BEFORE_CREW | _BY_STEPS,
    S.DISPATCHED: _ROAD - {S.DISPATCHED} | _BACK_TO_DESK | _DESK_ENDINGS,
    S.ACKNOWLEDGED: _ROAD - {S.ACKNOWLEDGED} | _BACK_TO_DESK | _DESK_ENDINGS,
    S.EN_ROUTE: _ROAD - {S.EN_ROUTE} | _BACK_TO_DESK | _DESK_ENDINGS,
    S.ARRIVED: _ROAD - {S.ARRIVED} | _BACK_TO_DESK,
    S.WORKING: _ROAD - {S.WORKING} | _BACK_TO_DESK,
    S.COMPLETED: frozenset({S.CLOSED, S.REOPENED}),
    S.CLOSED: frozenset({S.REOPENED}),
    S.ON_HOLD: frozenset(
        {S.RECEIVED, S.ACCEPTED, S.DISPATCHED, S.ACKNOWLEDGED, S.EN_ROUTE, S.ARRIVED, S.WORKING}
        | {S.RETURNED, S.REOPENED}
    ),
    S.DUPLICATE: frozenset({S.RECEIVED, S.ACCEPTED}),
    S.SOLVED_BY_PHONE: frozenset({S.REOPENED}),
    S.ANSWERED_BY_NOTICE: frozenset({S.RECEIVED, S.ACCEPTED, S.REOPENED}),
    S.CANCELLED: frozenset({S.REOPENED}),
}

_END_UNKNOWN = say("past, its end not known")

ENDED = frozenset({S.CLOSED, S.DUPLICATE, S.SOLVED_BY_PHONE, S.ANSWERED_BY_NOTICE, S.CANCELLED})
"""States in which nothing more is expected of anybody."""

WITHOUT_CREW = frozenset({S.ACCEPTED, S.RETURNED, S.REOPENED})
"""States in which a crew should be chosen."""

REACHED = frozenset({S.ARRIVED, S.WORKING, S.COMPLETED, S.CLOSED})
"""States in which a crew has arrived."""


class EventKind(StrEnum):
    """What happened to a ticket; one row of its story each."""

    REPORT_RECEIVED = "report_received"
    REPORT_MERGED = "report_merged"
    ACCEPTED = "accepted"
    PLACED = "placed"
    LEVEL_CHANGED = "level_changed"
    DETAILS_CHANGED = "details_changed"
    DISPATCHED = "dispatched"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    RELIEF_ASKED = "relief_asked"
    RELIEF_DECLINED = "relief_declined"
    RELIEF_TAKEN_BACK = "relief_taken_back"
    HANDED_OVER = "handed_over"
    ACKNOWLEDGED = "acknowledged"
    SET_OFF = "set_off"
    ARRIVED = "arrived"
    STARTED = "started"
    RESTORED = "restored"
    COMPLETED = "completed"
    CANNOT_COMPLETE = "cannot_complete"
    HELD = "held"
    RELEASED = "released"
    RETURNED = "returned"
    MARKED_DUPLICATE = "marked_duplicate"
    SEPARATED = "separated"
    SOLVED_BY_PHONE = "solved_by_phone"
    ANSWERED_BY_NOTICE = "answered_by_notice"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    CALLED_BACK = "called_back"
    CALL_UNANSWERED = "call_unanswered"
    FOLLOW_UP_ASKED = "follow_up_asked"
    FOLLOW_UP_ANSWERED = "follow_up_answered"
    VERIFIED = "verified"
    CLOSED = "closed"
    TIME_CORRECTED = "time_corrected"
    NOTE_ADDED = "note_added"
    HOUSEHOLD_MARKED = "household_marked"
    HOUSEHOLD_UNMARKED = "household_unmarked"
    PHOTO_ADDED = "photo_added"
    PHOTO_REMOVED = "photo_removed"
    PHOTO_COVERED = "photo_covered"
    PHOTO_UNCOVERED = "photo_uncovered"
    REPORTERS_TOLD = "reporters_told"
    MESSAGE_TAKEN_BACK = "message_taken_back"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    NOBODY_AVAILABLE = "nobody_available"
    WAITS = "waits"
    CLOCK_WARNING = "clock_warning"
    CLOCK_BREACHED = "clock_breached"
    CLOCK_ESCALATED = "clock_escalated"
    ALERT_ACKNOWLEDGED = "alert_acknowledged"
    FOR_REVIEW = "for_review"
    TOLD_ON_MERGED = "told_on_merged"
    TASK_OPENED = "task_opened"
    TASK_ASSIGNED = "task_assigned"
    TASK_READY = "task_ready"
    TASK_STARTED = "task_started"
    TASK_DONE = "task_done"
    TASK_REFUSED = "task_refused"
    TASK_CANCELLED = "task_cancelled"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_DECIDED = "dispute_decided"
    DISPUTE_LAPSED = "dispute_lapsed"
    READING_TAKEN = "reading_taken"
    PARTS_USED = "parts_used"
    TICKED = "ticked"
    NEXT_VISIT_NEEDS = "next_visit_needs"
    RESIDENT_CODE = "resident_code"
    TIME_LEFT = "time_left"


EVENT_NAMES: dict[EventKind, Sentence] = {
    EventKind.REPORT_RECEIVED: say("Report received"),
    EventKind.REPORT_MERGED: say("Another report joined"),
    EventKind.ACCEPTED: say("Accepted by the desk"),
    EventKind.PLACED: say("Placed in a grid"),
    EventKind.LEVEL_CHANGED: say("Level changed"),
    EventKind.DETAILS_CHANGED: say("Details changed"),
    EventKind.DISPATCHED: say("Crew dispatched"),
    EventKind.DECLINED: say("Declined by the crew"),
    EventKind.WITHDRAWN: say("Crew withdrawn"),
    EventKind.RELIEF_ASKED: say("Crew asks to hand over"),
    EventKind.RELIEF_DECLINED: say("Hand-over declined"),
    EventKind.RELIEF_TAKEN_BACK: say("Crew keeps the ticket"),
    EventKind.HANDED_OVER: say("Handed over to another crew"),
    EventKind.ACKNOWLEDGED: say("Acknowledged by the crew"),
    EventKind.SET_OFF: say("Crew set off"),
    EventKind.ARRIVED: say("Crew arrived"),
    EventKind.STARTED: say("Work started"),
    EventKind.RESTORED: say("Supply restored"),
    EventKind.COMPLETED: say("Work completed"),
    EventKind.CANNOT_COMPLETE: say("Could not be fixed on this visit"),
    EventKind.HELD: say("Put on hold"),
    EventKind.RELEASED: say("Hold released"),
    EventKind.RETURNED: say("Returned to the desk"),
    EventKind.MARKED_DUPLICATE: say("Marked as a duplicate"),
    EventKind.SEPARATED: say("Separated from the other ticket"),
    EventKind.SOLVED_BY_PHONE: say("Solved by phone"),
    EventKind.ANSWERED_BY_NOTICE: say("Answered by a notice of interruption"),
    EventKind.CANCELLED: say("Cancelled"),
    EventKind.REOPENED: say("Reopened"),
    EventKind.CALLED_BACK: say("Reporter called back"),
    EventKind.CALL_UNANSWERED: say("Call back: nobody answered"),
    EventKind.FOLLOW_UP_ASKED: say("Reporter asked whether it is fixed"),
    EventKind.FOLLOW_UP_ANSWERED: say("Reporter answered the follow-up"),
    EventKind.VERIFIED: say("Repair confirmed"),
    EventKind.CLOSED: say("Closed"),
    EventKind.TIME_CORRECTED: say("A time was corrected"),
    EventKind.NOTE_ADDED: say("Note added"),
    EventKind.HOUSEHOLD_MARKED: say("Household needs water first"),
    EventKind.HOUSEHOLD_UNMARKED: say("Household needs water first no longer"),
    EventKind.PHOTO_ADDED: say("Photo added"),
    EventKind.PHOTO_REMOVED: say("Photo removed"),
    EventKind.PHOTO_COVERED: say("Parts of a photo covered"),
    EventKind.PHOTO_UNCOVERED: say("Photo shown uncovered again"),
    EventKind.REPORTERS_TOLD: say("Written to the reporters"),
    EventKind.MESSAGE_TAKEN_BACK: say("Message taken back"),
    EventKind.PINNED: say("Pinned: the planner leaves it"),
    EventKind.UNPINNED: say("Not pinned any more"),
    EventKind.NOBODY_AVAILABLE: say("No crew available"),
    EventKind.WAITS: say("Waits for a crew"),
    EventKind.CLOCK_WARNING: say("Promise at risk"),
    EventKind.CLOCK_BREACHED: say("Promise missed"),
    EventKind.CLOCK_ESCALATED: say("Promise far overdue"),
    EventKind.ALERT_ACKNOWLEDGED: say("Alert acknowledged"),
    EventKind.FOR_REVIEW: say("Kept for review"),
    EventKind.TOLD_ON_MERGED: say("Told on a merged ticket"),
    EventKind.TASK_OPENED: say("Task opened"),
    EventKind.TASK_ASSIGNED: say("Task assigned"),
    EventKind.TASK_READY: say("Task may begin"),
    EventKind.TASK_STARTED: say("Task begun"),
    EventKind.TASK_DONE: say("Task done"),
    EventKind.TASK_REFUSED: say("Task refused"),
    EventKind.TASK_CANCELLED: say("Task cancelled"),
    EventKind.DISPUTE_OPENED: say("In dispute"),
    EventKind.DISPUTE_DECIDED: say("Dispute decided"),
    EventKind.DISPUTE_LAPSED: say("Dispute not decided in time"),
    EventKind.READING_TAKEN: say("Reading taken"),
    EventKind.PARTS_USED: say("Parts used"),
    EventKind.TICKED: say("Ticked on the list"),
    EventKind.NEXT_VISIT_NEEDS: say("Needed on the next visit"),
    EventKind.RESIDENT_CODE: say("Resident's code"),
    EventKind.TIME_LEFT: say("Said how much longer"),
}


def is_open(state: str, *, imported: bool) -> bool:
    """Return whether anybody is still expected to do anything; a past ticket is nobody's work."""
    return state not in ENDED and not imported


def state_name(state: str, *, imported: bool) -> Sentence:
    """Return what people call a state; of a past ticket that never ended nobody knows the end."""
    return _END_UNKNOWN if imported and state not in ENDED else STATE_NAMES[TicketState(state)]


def check_transition(state: TicketState, target: TicketState, *, imported: bool = False) -> None:
    """Refuse a step that the table does not hold, and each step of a past ticket.

    Raises:
        Forbidden: naming the present state and the one asked for.
    """
    if imported:
        raise Forbidden(
            say("This ticket was imported as a past one, and nobody works on it. Take a new call."),
            facts={"state": str(state), "target": str(target)},
        )
    if target not in FOLLOWS[state]:
        raise Forbidden(
            say(
                "This ticket is %(state)s, so it cannot become %(target)s.",
                state=STATE_NAMES[state],
                target=STATE_NAMES[target],
            ),
            facts={"state": str(state), "target": str(target)},
        )


def ticket_number(ticket_id: int) -> str:
    """Return the number people say on the telephone, for example ``W000123``."""
    return f"W{ticket_id:06d}"


def ticket_id_of(number: str) -> int | None:
    """Return the row id behind a ticket number, or None where it is not one."""
    digits = number.strip().upper().removeprefix("W")
    # A signed 64-bit row id has at most 18 whole digits.
    if len(digits) > len("9" * 18) or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits)

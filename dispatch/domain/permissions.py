"""Who may do what, and whose tickets may they see?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from dispatch.domain.sentences import Sentence, say


class Role(StrEnum):
    """What a person does here; one role a person."""

    CALL_TAKER = "call_taker"
    DISPATCHER = "dispatcher"
    CREW = "crew"
    TEAM_LEADER = "team_leader"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    API_CLIENT = "api_client"


ROLE_NAMES: dict[Role, Sentence] = {
    Role.CALL_TAKER: say("Call-taker"),
    Role.DISPATCHER: say("Dispatcher"),
    Role.CREW: say("Water steward"),
    Role.TEAM_LEADER: say("Team leader"),
    Role.MANAGER: say("Manager"),
    Role.ADMINISTRATOR: say("Administrator"),
    Role.AUDITOR: say("Auditor"),
    Role.API_CLIENT: say("API client"),
}


class Permission(StrEnum):
    """One thing that a route or an action allows."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    TAKE_CALL = "take_call"
    SEE_TICKETS = "see_tickets"
    SEE_DESK = "see_desk"
    SEE_PERSONAL = "see_personal"
    WRITE_NOTE = "write_note"
    PLACE_TICKET = "place_ticket"
    DISPATCH = "dispatch"
    CLOSE_TICKET = "close_ticket"
    HOLD_TICKET = "hold_ticket"
    RETURN_TICKET = "return_ticket"
    CORRECT_TIME = "correct_time"
    DO_FIELD_WORK = "do_field_work"
    ACT_FOR_CREW = "act_for_crew"
    ASK_FOR_TASK = "ask_for_task"
    RUN_TASKS = "run_tasks"
    SEE_FIGURES = "see_figures"
    REHEARSE = "rehearse"
    FOLLOW_UP = "follow_up"
    AUDIT_CALL = "audit_call"
    RECTIFY = "rectify"
    SIGN_OFF = "sign_off"
    REVIEW = "review"
    DISPUTE = "dispute"
    ARBITRATE = "arbitrate"
    EXPORT = "export"
    IMPORT = "import"
    ADMINISTER = "administer"
    SEE_AUDIT = "see_audit"
    SHARE_VIEW = "share_view"
    RUN_STORM = "run_storm"
    WRITE_NOTICE = "write_notice"
    RUN_PHONES = "run_phones"


P = Permission

_ON_TICKETS = frozenset({P.SEE_TICKETS, P.SEE_PERSONAL, P.WRITE_NOTE})
_DESK = _ON_TICKETS | {P.TAKE_CALL, P.SEE_DESK, P.PLACE_TICKET, P.FOLLOW_UP, P.ASK_FOR_TASK}
_DISPATCH = _DESK | {
    P.DISPATCH,
    P.CLOSE_TICKET,
    P.HOLD_TICKET,
    P.RETURN_TICKET,
    P.CORRECT_TIME,
    P.ACT_FOR_CREW,
    P.RUN_TASKS,
    P.DISPUTE,
    P.EXPORT,
    P.SHARE_VIEW,
    P.WRITE_NOTICE,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.CALL_TAKER: _DESK,
    Role.DISPATCHER: _DISPATCH | {P.SEE_FIGURES, P.REHEARSE, P.RUN_PHONES},
    Role.CREW: _ON_TICKETS | {P.DO_FIELD_WORK, P.RETURN_TICKET, P.ASK_FOR_TASK},
    Role.TEAM_LEADER: _ON_TICKETS
    | {P.SEE_DESK, P.DISPATCH, P.HOLD_TICKET, P.RETURN_TICKET}
    | {P.CORRECT_TIME, P.ACT_FOR_CREW, P.SEE_FIGURES, P.REHEARSE}
    | {P.ASK_FOR_TASK, P.RUN_TASKS, P.RECTIFY, P.REVIEW, P.DISPUTE, P.SHARE_VIEW}
    | {P.RUN_PHONES},
    Role.MANAGER: frozenset({P.SEE_TICKETS, P.SEE_DESK, P.WRITE_NOTE, P.SEE_FIGURES, P.EXPORT})
    | {P.REHEARSE, P.AUDIT_CALL, P.RECTIFY, P.REVIEW, P.SIGN_OFF, P.DISPUTE, P.ARBITRATE}
    | {P.SHARE_VIEW, P.RUN_STORM, P.WRITE_NOTICE},
    Role.ADMINISTRATOR: frozenset({P.ADMINISTER, P.IMPORT, P.SEE_FIGURES, P.SEE_AUDIT, P.EXPORT})
    | {P.SEE_TICKETS, P.SEE_DESK, P.WRITE_NOTE, P.REHEARSE, P.SHARE_VIEW, P.RUN_STORM}
    | {P.RUN_PHONES},
    Role.AUDITOR: frozenset({P.SEE_TICKETS, P.SEE_DESK, P.SEE_FIGURES, P.SEE_AUDIT, P.EXPORT}),
    Role.API_CLIENT: _DESK | {P.SEE_FIGURES, P.EXPORT, P.RUN_TASKS},
}


@dataclass(frozen=True)
class Scope:
    """Whose tickets a person sees: every one, those of a team, or those of a crew.

    With `user_id` also those on which that person has a task.
    """

    everything: bool = False
    team_id: int | None = None
    crew_id: int | None = None
    user_id: int | None = None

    @property
    def shared(self) -> Scope:
        """Return what everybody of the same team or crew sees, for figures about it."""
        return replace(self, user_id=None)


@dataclass(frozen=True)
class Actor:
    """Who is asking. `user_id` is None for a resident and for the clockwork."""

    name: str
    role: Role | None = None
    user_id: int | None = None
    team_id: int | None = None
    crew_id: int | None = None
    source: str = "web"
    device_id: int | None = None

    @property
    def is_signed_in(self) -> bool:
        """Tell whether this is a person or program with an account."""
        return self.user_id is not None

    def can(self, permission: Permission) -> bool:
        """Tell whether the role holds a permission; everybody holds the public one."""
        if permission is Permission.PUBLIC:
            return True
        if permission is Permission.SIGNED_IN:
            return self.is_signed_in
        return self.role is not None and permission in GRANTS[self.role]

    @property
    def scope(self) -> Scope:
        """Return whose tickets this actor sees; a crew or leader without one sees none."""
        if self.role is Role.CREW:
            return Scope(crew_id=self.crew_id or 0, user_id=self.user_id)
        if self.role is Role.TEAM_LEADER:
            return Scope(team_id=self.team_id or 0, user_id=self.user_id)
        return Scope(everything=self.role is not None)


RESIDENT = Actor(name="resident", source="web")
RULE = Actor(name="rule", source="rule")

"""Does what managers hear agree with what reporters told us before?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.follow_up import FollowUpState, Round
from dispatch.domain.samples import Share
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.follow_ups import AuditDraw, FollowUp
from dispatch.models.people import Team
from dispatch.models.tickets import Ticket
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from dispatch.domain.permissions import Scope

WEEKS_SHOWN = 12
_SAID = ("fixed", "not_fixed")


@dataclass(frozen=True, slots=True)
class Compared:
    """What was drawn and heard, week by week, and how far it agrees with the normal follow-up.

    Agreement: audit calls whose “fixed” or “not fixed” is the word of the last normal answer about
    the same ticket ÷ audit calls with such a word on both sides. Out: “rather not say” and silence
    on either side; they are counted in `not_comparable`. Below n = 20 it is greyed.
    """

    agreement: Share
    not_comparable: int
    fixed: Share
    weeks: list[dict[str, Any]]
    differing: list[dict[str, Any]]


def audit_comparison(scope: Scope) -> Compared:
    """Compare the newest weeks of audit calls with the normal follow-up of the same tickets."""
    rows = _audit_rows(scope)
    normal = _last_answers([row.ticket_id for row in rows])
    answered = [row for row in rows if row.state == FollowUpState.ANSWERED]
    both = [
        (row, normal[row.ticket_id])
        for row in answered
        if row.fixed in _SAID and normal.get(row.ticket_id) in _SAID
    ]
    said = [row for row in answered if row.fixed in _SAID]
    return Compared(
        agreement=Share(sum(row.fixed == word for row, word in both), len(both)),
        not_comparable=len(answered) - len(both),
        fixed=Share(sum(row.fixed == "fixed" for row in said), len(said)),
        weeks=sorted(_by_week(rows) + _empty_weeks(), key=itemgetter("week"), reverse=True),
        differing=[
            {"number": ticket_number(row.ticket_id), "audit": row.fixed, "normal": word}
            for row, word in both
            if row.fixed != word
        ],
    )


def _audit_rows(scope: Scope) -> list[Any]:
    newest = (
        select(FollowUp.week)
        .where(FollowUp.round == Round.AUDIT)
        .distinct()
        .order_by(FollowUp.week.desc())
        .limit(WEEKS_SHOWN)
    )
    weeks = db.session.scalars(newest).all()
    statement = (
        select(
            FollowUp.ticket_id, FollowUp.week, FollowUp.state, FollowUp.fixed,
            FollowUp.drawn_from, FollowUp.seed, Ticket.team_id, Team.name, Team.name_zh,
        )
        .join(Ticket, Ticket.id == FollowUp.ticket_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .where(FollowUp.round == Round.AUDIT, FollowUp.week.in_(weeks))
        .order_by(FollowUp.week.desc(), Team.name, FollowUp.id)
    )  # fmt: skip
    return list(db.session.execute(in_scope(statement, scope)).all())


def _last_answers(ticket_ids: list[int]) -> dict[int, str | None]:
    rows = db.session.execute(
        select(FollowUp.ticket_id, FollowUp.fixed)
        .where(
            FollowUp.ticket_id.in_(ticket_ids),
            FollowUp.round != Round.AUDIT,
            FollowUp.state == FollowUpState.ANSWERED,
        )
        .order_by(FollowUp.answered_at, FollowUp.id)
    )
    return {ticket_id: fixed for ticket_id, fixed in rows}  # noqa: C416  a row is no pair to dict()


def _empty_weeks() -> list[dict[str, Any]]:
    """Return the draws of the newest weeks that found nobody to call, in no team."""
    draws = db.session.scalars(
        select(AuditDraw).order_by(AuditDraw.week.desc()).limit(WEEKS_SHOWN)
    ).all()
    counts = (
        "drawn", "answered", "fixed", "not_fixed", "not_said", "silent", "refused", "called_off",
    )  # fmt: skip
    return [
        dict.fromkeys(counts, 0)
        | {"week": draw.week, "team": None, "team_zh": None, "closed": 0, "seed": draw.seed}
        for draw in draws
        if not draw.drawn
    ]


def _by_week(rows: list[Any]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.week, row.name or ""].append(row)
    return [
        {
            "week": week,
            "team": team,
            "team_zh": members[0].name_zh,
            "closed": members[0].drawn_from,
            "seed": members[0].seed,
            "drawn": len(members),
            "answered": sum(each.state == FollowUpState.ANSWERED for each in members),
            "fixed": sum(each.fixed == "fixed" for each in members),
            "not_fixed": sum(each.fixed == "not_fixed" for each in members),
            "not_said": sum(each.fixed == "rather_not_say" for each in members),
            "silent": sum(each.state == FollowUpState.NO_ANSWER for each in members),
            "refused": sum(each.state == FollowUpState.REFUSED for each in members),
            "called_off": sum(each.state == FollowUpState.CANCELLED for each in members),
        }
        for (week, team), members in groups.items()
    ]

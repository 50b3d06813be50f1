"""How does a report reach us from another program, or from a page of ours?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, current_app
from flask_babel import get_locale

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.notice_reports import join_notice
from dispatch.actions.placing import GivenPlace
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key
from dispatch.api.tickets import replied
from dispatch.api.wording import in_words
from dispatch.domain.errors import NotAllowed
from dispatch.domain.permissions import Permission, Scope
from dispatch.domain.sentences import say
from dispatch.queries.households import household_id_of
from dispatch.queries.notices import notice_told
from dispatch.queries.ticket_shape import receipt_of, shape_of_new
from dispatch.queries.tickets import ticket_row
from dispatch.schemas.replies import NewReportReply
from dispatch.schemas.tickets import NewReportShape

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.actions.intake import Opened
    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Report

blueprint = ApiBlueprint(
    "reports", __name__, url_prefix="/api/v1", description="Telling us about a fault"
)


EVERYTHING = Scope(everything=True)


@blueprint.posts("/reports")
@requires(Permission.PUBLIC)
@blueprint.reads(NewReportShape)
@blueprint.answers(201, NewReportReply)
@blueprint.hears("Idempotency-Key")
def report(asked: dict[str, Any]) -> Response:
    """Report a fault: it becomes a ticket with its promises at once.

    Inside a published interruption that names its ticket the report joins that one, and `notice`
    says which; a danger to life never does.
    """
    key, actor, now = idempotency_key(), current_actor(), current_time()
    takes_calls = actor.can(Permission.TAKE_CALL)
    if not takes_calls:
        _check_resident(asked)

    def open_it() -> tuple[int, dict[str, Any]]:
        new = _new_report(asked, verified=takes_calls)
        joined = join_notice(new, actor=actor, now=now)
        if joined is not None:
            return 201, _reply_of_joined(joined, new, actor, now)
        return 201, _reply(open_ticket(new, actor=actor, now=now), actor)

    with transaction(shared=True):
        done = once(f"report/{actor.user_id or 'resident'}", key, asked, now=now, do=open_it)
    return replied(done.status, done.reply, replayed=done.replayed)


def _check_resident(asked: dict[str, Any]) -> None:
    faults = {}
    if asked["channel"] != "web":
        faults["channel"] = say("Without a sign-in the channel is always “web”.")
    if asked["level"] is not None:
        faults["level"] = say("Only the desk sets the level. Leave it out.")
    if asked["household"] is not None:
        faults["household"] = say("Only the desk names a household. Give the address instead.")
    if asked["kind"] != "repair":
        faults["kind"] = say("Without a sign-in only faults are reported. Leave the kind out.")
    if faults:
        first = next(iter(faults.values()))
        raise NotAllowed(first, fields=faults)


def _new_report(asked: dict[str, Any], *, verified: bool) -> NewReport:
    reporter = asked["reporter"] or {"name": None, "phone": None}
    return NewReport(
        category=asked["category"],
        description=asked["description"],
        address=asked["address"],
        place=GivenPlace(**asked["place"]) if asked["place"] else None,
        level=asked["level"],
        reporter_name=reporter["name"] or None,
        reporter_phone=reporter["phone"] or None,
        channel=asked["channel"],
        language=asked["language"] or (None if verified else _readers_language()),
        household_id=household_id_of(asked["household"]) if asked["household"] else None,
        pipe_mm=asked["pipe_mm"],
        verified=verified,
        kind=asked["kind"],
    )


def _readers_language() -> str:
    locale = get_locale()
    return "zh-CN" if locale is not None and locale.language == "zh" else "en"


def _reply(opened: Opened, actor: Actor) -> dict[str, Any]:
    shape = shape_of_new if actor.can(Permission.SEE_TICKETS) else receipt_of
    reply: dict[str, Any] = in_words(
        {"report": _told_of(opened.report), "ticket": shape(opened.ticket), "notice": None}
    )
    return reply


def _told_of(report: Report) -> dict[str, Any]:
    base = current_app.config["SETTINGS"].base_url.rstrip("/")
    return {"id": report.id, "token": report.token, "track_url": f"{base}/t/{report.token}"}


def _reply_of_joined(joined: Opened, new: NewReport, actor: Actor, now: datetime) -> dict[str, Any]:
    """Word the ticket of an interruption; a resident reads only their own words of it."""
    ticket: dict[str, Any] = receipt_of(joined.ticket)
    if actor.can(Permission.SEE_TICKETS):
        ticket = ticket_row(ticket["number"], EVERYTHING)
    else:
        own = {"description": new.description, "address": new.address}
        ticket |= own | {"received_at": joined.report.received_at}
    notice = notice_told(joined.report.notice_id, now)
    reply: dict[str, Any] = in_words(
        {"report": _told_of(joined.report), "ticket": ticket, "notice": notice}
    )
    return reply

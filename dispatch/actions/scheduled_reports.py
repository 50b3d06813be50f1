"""How is a report of the figures set up, paused and sent, once for each period?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.new_rows import insert_rows
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, Refused, Stale
from dispatch.domain.message_templates import REPORT_STEP
from dispatch.domain.messages import Channel, Urgency
from dispatch.domain.permissions import GRANTS, Permission, Role
from dispatch.domain.scheduled_reports import (
    Every,
    last_due,
    missed,
    next_due_at,
    standing_lines,
    summary_lines,
)
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.scheduled_reports import ScheduledReport
from dispatch.queries.figures import chinese_names
from dispatch.queries.saved_views import view_rows
from dispatch.queries.scheduled_reports import (
    filters_of,
    locked_report,
    owner_of,
    readers,
    report_address,
    report_for_change,
    summary_for,
    view_of,
)
from dispatch.queries.sessions import actor_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Actor, Scope
    from dispatch.domain.scheduled_reports import Summary
    from dispatch.domain.sentences import Sentence
    from dispatch.models.people import User
    from dispatch.models.saved_views import SavedView

MOST_RECIPIENTS = 50


def add_report(
    view_id: int,
    every: str,
    recipients: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> ScheduledReport:
    """Send a kept view from the next week or month on; the first mail comes when that has ended.

    Raises:
        Invalid: for a view that the person may not open, or recipients who cannot get it.
    """
    faults = {}
    if view_id not in {each["id"] for each in view_rows(actor, "circle")}:
        faults["view"] = say("There is no such view, or it is not yours to see.")
    if every not in set(Every):
        faults["every"] = say("Choose every week or every month.")
    known = {each.id for each in readers()}
    wanted = sorted(set(recipients))
    if not 1 <= len(wanted) <= MOST_RECIPIENTS or not known.issuperset(wanted):
        faults["recipients"] = say(
            "Choose from 1 to %(most)s people who see figures and have an e-mail address.",
            most=MOST_RECIPIENTS,
        )
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)
    row = ScheduledReport(
        user_id=actor.user_id,
        view_id=view_id,
        every=every,
        recipients=wanted,
        paused=False,
        due_at=next_due_at(Every(every), now, zone),
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def pause_report(
    report_id: int, *, paused: bool, actor: Actor, now: datetime, zone: ZoneInfo, seen_version: int
) -> None:
    """Pause a report, or let it go on with the next period; what lay between is never sent.

    Raises:
        NotFound, NotAllowed: when there is none, or it is somebody else's.
        Stale: when it was changed since the person saw it.
    """
    row = _seen(report_id, actor, seen_version)
    row.paused, row.fault = paused, None
    if not paused:
        row.due_at = next_due_at(Every(row.every), now, zone)


def delete_report(report_id: int, *, actor: Actor, seen_version: int) -> None:
    """Send a report no more.

    Raises:
        NotFound, NotAllowed: when there is none, or it is somebody else's.
        Stale: when it was changed since the person saw it.
    """
    db.session.delete(_seen(report_id, actor, seen_version))


def leave_report(report_id: int, *, actor: Actor) -> None:
    """Take whoever asks out of the recipients; a report that nobody gets pauses."""
    row = locked_report(report_id)
    if row is None or actor.user_id not in row.recipients:
        return
    row.recipients = [each for each in row.recipients if each != actor.user_id]
    if not row.recipients:
        _stop(row, say("Nobody is left who gets it."))


def send_report_now(
    report_id: int, *, actor: Actor, now: datetime, zone: ZoneInfo, base_url: str
) -> str:
    """Queue the report of the last whole period to whoever asks; return the address it goes to.

    Raises:
        NotAllowed: when it is neither theirs nor sent to them.
        Forbidden: when they have no e-mail address, or asked less than a minute ago.
        Invalid: when its view is gone, or names what does not exist any more.
    """
    row = locked_report(report_id)
    is_theirs = row is not None and (
        actor.user_id in {row.user_id, *row.recipients} or actor.can(Permission.ADMINISTER)
    )
    if row is None or not is_theirs:
        raise NotAllowed(say("Only who made this report or gets it may send it."))
    reader = next(iter(readers([actor.user_id or 0])), None)
    if reader is None:
        raise Forbidden(say("Your account has no e-mail address. An administrator adds it."))
    key = f"report/{row.id}/now/{now:%Y%m%d%H%M}"
    if db.session.scalar(select(Outbox.id).where(Outbox.effect_key == f"{key}/{reader.id}")):
        raise Forbidden(say("It was sent a moment ago. Wait a minute."))
    period = last_due(Every(row.every), now, zone)
    _queue(_checked_view(row), period, [reader], key, [], {}, base_url=base_url, now=now)
    return reader.email or ""


def send_due_report(
    report_id: int,
    told: Mapping[Scope, Summary],
    *,
    now: datetime,
    zone: ZoneInfo,
    base_url: str,
) -> int:
    """Queue the newest report that is due to everybody who may still get it; return for how many.

    `told` are the summaries that were worked out before, by scope; what is missing is worked out.

    The key of each mail holds the report, its period and the person, so that no period is sent
    twice, whoever runs this. Periods that passed while nothing ran are named, not sent. A report
    that cannot be written any more pauses, and says why.
    """
    row = locked_report(report_id)
    if row is None or row.paused or row.due_at > now:
        return 0
    every = Every(row.every)
    period = last_due(every, now, zone)
    lines = standing_lines(period, missed(every, row.due_at, period), now)
    people = readers(row.recipients)
    try:
        view = _checked_view(row)
        if not people:
            raise Invalid(say("Nobody is left who gets it."))
        key = f"report/{row.id}/{every}/{period.first}"
        _queue(view, period, people, key, lines, told, base_url=base_url, now=now)
    except Refused as refusal:
        _stop(row, refusal.sentence)
        return 0
    row.sent_at, row.due_at = now, next_due_at(every, now, zone)
    return len(people)


def _seen(report_id: int, actor: Actor, seen_version: int) -> ScheduledReport:
    row = report_for_change(report_id, actor)
    if row.version != seen_version:
        raise Stale(
            say("Somebody changed this report since you opened it. Look at it again."),
            facts={"version": row.version, "seen_version": seen_version},
        )
    return row


def _stop(row: ScheduledReport, why: Sentence) -> None:
    row.paused, row.fault = True, why.as_json()


def _checked_view(row: ScheduledReport) -> SavedView:
    view = view_of(row)
    owner = owner_of(row)
    if view is None:
        raise Invalid(say("Its view was deleted or is not shared any more."))
    if not owner.active or Permission.SEE_FIGURES not in GRANTS[Role(owner.role)]:
        raise Invalid(say("Whoever made it does not see figures any more."))
    return view


def _queue(
    view: SavedView,
    period: Period,
    people: Sequence[User],
    key: str,
    lines: list[Sentence],
    told: Mapping[Scope, Summary],
    *,
    base_url: str,
    now: datetime,
) -> None:
    """Queue a mail for each person, with the figures that this person may see."""
    filters = filters_of(view.filters, period)
    first, last = str(period.first), str(period.last)
    address = report_address(view.filters, period)
    title = say("%(view)s, %(first)s to %(last)s", view=view.name, first=first, last=last)
    known, rows = dict(told), []
    for person in people:
        actor = actor_of(person)
        scope = actor.scope.shared
        if scope not in known:
            known[scope] = summary_for(period, scope, filters, now)
        summary = _in_language(known[scope], person.language)
        links = _links(f"{base_url.rstrip('/')}/circle", address, actor)
        said = [title, *lines, *summary_lines(summary, period.days), *links]
        rows.append(_mail(person, f"{key}/{person.id}", title, said, now))
    insert_rows(Outbox, rows)


def _in_language(summary: Summary, language: str | None) -> Summary:
    """Return a summary with the grid's Chinese name for those who read Chinese."""
    if language != "zh-CN" or summary.worst_grid is None:
        return summary
    chinese = chinese_names()["grid"]
    return replace(summary, worst_grid=chinese.get(summary.worst_grid, summary.worst_grid))


def _links(circle: str, address: str, actor: Actor) -> list[Sentence]:
    """Return where the same can be seen, printed and loaded, after signing in."""
    found = [say("To look at and to print, after signing in: %(link)s", link=circle + address)]
    if actor.can(Permission.EXPORT):
        book = f"{circle}/figures.xlsx{address}"
        found.append(say("As a workbook (XLSX), after signing in: %(link)s", link=book))
    reports = f"{circle}/reports"
    return [*found, say("Pause it, or get it no more: %(link)s", link=reports)]


def _mail(
    person: User, key: str, title: Sentence, lines: list[Sentence], now: datetime
) -> dict[str, Any]:
    return {
        "effect_key": key,
        "user_id": person.id,
        "channel": str(Channel.EMAIL),
        "lane": "report/email",
        "recipient": person.email,
        "template": REPORT_STEP,
        "language": person.language,
        "urgency": str(Urgency.ORDINARY),
        "content": {"title": title.as_json(), "lines": [each.as_json() for each in lines]},
        "next_try_at": now,
        "created_at": now,
    }

"""Which reports are due, who may get them, and what do they say?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import select

from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.errors import NotAllowed, NotFound
from dispatch.domain.part_of_week import part_of_week
from dispatch.domain.permissions import GRANTS, Permission
from dispatch.domain.samples import Share
from dispatch.domain.scheduled_reports import Every, Summary, last_due, summary_of
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.models.saved_views import SavedView
from dispatch.models.scheduled_reports import ScheduledReport
from dispatch.queries.circle_broken import broken_in
from dispatch.queries.export import check_names
from dispatch.queries.figures import circle_figures
from dispatch.queries.sessions import actor_of
from dispatch.queries.stories import FigureFilters
from dispatch.schemas.fields import loaded
from dispatch.schemas.tickets import CircleQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement

    from dispatch.domain.attainment import Attainment
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Actor, Scope

NARROWED = ("team", "grid", "category", "level", "storm", "days", "from_hour", "to_hour")
"""The parts of a kept view that go into its report; its days are the report's own."""

_READERS = [str(role) for role, granted in GRANTS.items() if Permission.SEE_FIGURES in granted]


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report as its page shows it, with the names of who gets it."""

    row: ScheduledReport
    view: str
    owner: str
    names: list[str]
    filters: dict[str, Any]
    is_mine: bool
    is_for_me: bool


def report_address(filters: Mapping[str, str], period: Period) -> str:
    """Return what follows the address of the circle for a kept view and the days of a report."""
    parts = {name: filters[name] for name in NARROWED if name in filters}
    return f"?{urlencode({'from': str(period.first), 'to': str(period.last)} | parts)}"


def due_reports(now: datetime) -> Sequence[int]:
    """Return the ids of the reports that are due, in the order in which they were made."""
    found = db.session.scalars(
        select(ScheduledReport.id)
        .where(ScheduledReport.due_at <= now, ~ScheduledReport.paused)
        .order_by(ScheduledReport.id)
    )
    return found.all()


def reports_for(actor: Actor) -> list[ShownReport]:
    """Return the reports that a person made or gets; an administrator sees all of them."""
    rows = db.session.execute(
        select(ScheduledReport, SavedView.name, SavedView.filters, User.name)
        .join(SavedView, SavedView.id == ScheduledReport.view_id)
        .join(User, User.id == ScheduledReport.user_id)
        .order_by(SavedView.name, ScheduledReport.id)
    ).all()
    people = names_of({each for row, *_others in rows for each in row.recipients})
    shown = [
        ShownReport(
            row=row,
            view=view,
            owner=owner,
            names=sorted(people[each] for each in row.recipients if each in people),
            filters=filters,
            is_mine=row.user_id == actor.user_id,
            is_for_me=actor.user_id in row.recipients,
        )
        for row, view, filters, owner in rows
    ]
    may_see_all = actor.can(Permission.ADMINISTER)
    return [each for each in shown if may_see_all or each.is_mine or each.is_for_me]


def report_for_change(report_id: int, actor: Actor) -> ScheduledReport:
    """Return a report, locked until the end of the transaction.

    Raises:
        NotFound: when there is none.
        NotAllowed: when it is somebody else's and the person is no administrator.
    """
    row = locked_report(report_id)
    if row is None:
        raise NotFound(say("There is no such report."))
    if row.user_id != actor.user_id and not actor.can(Permission.ADMINISTER):
        raise NotAllowed(say("Only the person who made this report may change it."))
    return row


def locked_report(report_id: int) -> ScheduledReport | None:
    """Return a report, locked until the end of the transaction, None when it is gone."""
    return db.session.get(ScheduledReport, report_id, with_for_update=True, populate_existing=True)


def readers(user_ids: Iterable[int] | None = None) -> Sequence[User]:
    """Return the accounts that may get a report: in use, see figures, have an e-mail address."""
    asked: list[ColumnElement[bool]] = [
        User.active.is_(True),
        User.role.in_(_READERS),
        User.email.is_not(None),
        User.email != "",
    ]
    if user_ids is not None:
        asked.append(User.id.in_(set(user_ids)))
    return db.session.scalars(select(User).where(*asked).order_by(User.name, User.id)).all()


def owner_of(row: ScheduledReport) -> User:
    """Return the account that made a report."""
    return db.session.get_one(User, row.user_id)


def view_of(row: ScheduledReport) -> SavedView | None:
    """Return the view that a report is of, None when it was put away or is not shared any more."""
    view = db.session.get(SavedView, row.view_id)
    if view is None or view.deleted_at is not None or view.page != "circle":
        return None
    return view if view.shared or view.user_id == row.user_id else None


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of some accounts by id."""
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(set(user_ids))))
    return {row.id: row.name for row in rows}


def filters_of(parts: dict[str, Any], period: Period) -> FigureFilters:
    """Return what a kept view is narrowed to.

    Raises:
        Invalid: when its team or grid does not exist any more.
    """
    given = loaded(CircleQuery, {name: parts[name] for name in NARROWED if name in parts})
    part = part_of_week(period.zone, given["days"], given["from_hour"], given["to_hour"])
    names = ("team", "grid", "category", "level", "storm")
    filters = FigureFilters(**{name: given[name] for name in names}, part_of_week=part)
    check_names(filters)
    return filters


def summary_for(period: Period, scope: Scope, filters: FigureFilters, now: datetime) -> Summary:
    """Sum up what the circle shows somebody of a period, against the period before."""
    figures = circle_figures(period, scope, filters, now=now)
    broken = broken_in(period, scope, filters, by=SplitBy.GRID, now=now)
    before = figures.before
    return summary_of(
        _kept(figures.total.circle), _kept(before.circle) if before else Share(0, 0), broken
    )


def summaries_of(report_id: int, now: datetime, zone: ZoneInfo) -> dict[Scope, Summary]:
    """Sum up the newest period of a report for each scope of those who get it.

    It is read before the transaction that sends it, for a long month takes a while.

    Raises:
        Invalid: when the view names a team or grid that does not exist any more.
    """
    row = db.session.get(ScheduledReport, report_id)
    view = None if row is None else view_of(row)
    if row is None or view is None:
        return {}
    period = last_due(Every(row.every), now, zone)
    filters = filters_of(view.filters, period)
    scopes = dict.fromkeys(actor_of(each).scope.shared for each in readers(row.recipients))
    return {scope: summary_for(period, scope, filters, now) for scope in scopes}


def _kept(found: Attainment) -> Share:
    return Share(found.met, found.n)

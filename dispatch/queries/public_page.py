"""What does everybody read about this utility now?"""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.public_page import DAYS, PublicFigure, PublicNumber, PublicPage, public_number
from dispatch.domain.stages import Stage
from dispatch.models.base import db
from dispatch.models.public_page import PublicPageVersion
from dispatch.queries.figures import CircleFigures, circle_figures, facts_of_view
from dispatch.queries.kept_answers import KeptAnswers

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

KEPT_FOR = timedelta(minutes=10)
"""However many people read, each process works the figures out once in so long."""

_SECONDS_A_MINUTE = 60.0
_kept: KeptAnswers[tuple[datetime, dict[PublicFigure, PublicNumber]]] = KeptAnswers(KEPT_FOR)
_one_at_a_time = Lock()


def public_page() -> tuple[PublicPage, int]:
    """Return what is in force with its version: closed and 0 before anybody decided."""
    row = db.session.scalar(
        select(PublicPageVersion).order_by(PublicPageVersion.version.desc()).limit(1)
    )
    return (PublicPage(), 0) if row is None else (PublicPage.from_json(row.page), row.version)


def public_period(zone: ZoneInfo, now: datetime) -> Period:
    """Return the whole days up to yesterday that the figures are of."""
    today = now.astimezone(zone).date()
    return Period(today - timedelta(days=DAYS), today, zone)


def public_numbers(
    zone: ZoneInfo, now: datetime
) -> tuple[datetime, dict[PublicFigure, PublicNumber]]:
    """Return every figure that may be shown, and the instant at which they were worked out.

    Nobody's personal data: numbers over all tickets of the period, none that stands on too few.
    """
    period = public_period(zone, now)
    question = (period.first, str(zone))
    with _one_at_a_time:
        return _kept.get(question, now, lambda: (now, _numbers(period, now)))


def _numbers(period: Period, now: datetime) -> dict[PublicFigure, PublicNumber]:
    asked = (period, Scope(everything=True))
    # Everybody reads them, and they are kept: they are counted ticket by ticket.
    facts = facts_of_view(*asked, compare=False, now=now)
    found = circle_figures(*asked, compare=False, facts=facts, now=now)
    return {
        figure: public_number(figure, value, n) for figure, (value, n) in _values(found).items()
    }


def _values(found: CircleFigures) -> dict[PublicFigure, tuple[Any, int]]:
    total, said = found.total, found.said.result
    response = total.stages[Stage.RESPONSE]
    fixed = total.first_time_fix.share
    return {
        PublicFigure.ATTAINMENT: (total.circle.rate, total.circle.n),
        PublicFigure.RESPONSE: (
            (response.p90 / _SECONDS_A_MINUTE, response.n) if response else (None, 0)
        ),
        PublicFigure.FIRST_TIME_FIX: (fixed.rate, fixed.n),
        PublicFigure.SATISFACTION: (said.rate, said.n),
        PublicFigure.TICKETS: (total.n, total.n),
    }

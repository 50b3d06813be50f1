"""How are the values of a figure written on the circle?"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import numbers
from flask_babel import format_decimal, get_locale, gettext

from dispatch.domain.arrival_evidence import grade_name
from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.part_of_week import DAY_NAMES
from dispatch.domain.return_visits import WHY_NAMES
from dispatch.domain.samples import MINIMUM_SAMPLE, shown_percent
from dispatch.domain.sentences import say
from dispatch.domain.site_kit import item_name
from dispatch.refusals import worded
from dispatch.web.language import local_name

if TYPE_CHECKING:
    from datetime import datetime

    from babel import Locale

    from dispatch.domain.attainment import Attainment
    from dispatch.domain.samples import Share
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.stories import TicketStory
    from dispatch.queries.figures import GroupFigures

MINUTE, HOUR, DAY = 60, 3_600, 86_400
PERCENT = 100

AGE_BAND_NAMES: dict[str, Sentence] = {
    "under_4_hours": say("under 4 hours"),
    "under_1_day": say("4 hours to 1 day"),
    "under_3_days": say("1 to 3 days"),
    "under_7_days": say("3 to 7 days"),
    "under_30_days": say("7 to 30 days"),
    "30_days_and_over": say("30 days and over"),
}
SPLIT_NAMES: dict[SplitBy, Sentence] = {
    SplitBy.GRID: say("Grid"),
    SplitBy.TEAM: say("Team"),
    SplitBy.CREW: say("Crew"),
    SplitBy.HOUR: say("Hour"),
    SplitBy.DAY: say("Weekday"),
    SplitBy.LEVEL: say("Level"),
    SplitBy.CATEGORY: say("Category"),
}
HEAT = (0.05, 0.1, 0.2, 0.4)
_CATEGORY_NAMES = {rule.key: rule.name for rule in CATEGORIES}


def percent(rate: float | None) -> str:
    """Write a share with one decimal; 100 % and 0 % only when they are exact."""
    return "–" if rate is None else f"{_written(shown_percent(rate), '0.0', get_locale())} %"


def minutes(seconds: float | None) -> str:
    """Write seconds as minutes with one decimal."""
    return "–" if seconds is None else str(format_decimal(seconds / MINUTE, "#,##0.0"))


def spell(seconds: float | None) -> str:
    """Write a duration in the unit that suits it, from seconds to days."""
    if seconds is None:
        return "–"
    if seconds < MINUTE:
        return str(gettext("%(number)s s", number=format_decimal(seconds, "0")))
    if seconds < 2 * HOUR:
        return str(gettext("%(number)s min", number=format_decimal(seconds / MINUTE, "0.0")))
    if seconds < 2 * DAY:
        return str(gettext("%(number)s h", number=format_decimal(seconds / HOUR, "0.0")))
    return str(gettext("%(number)s d", number=format_decimal(seconds / DAY, "#,##0.0")))


def whole(number: int) -> str:
    """Write a count with separators."""
    return _written(number, "#,##0", get_locale())


@lru_cache(maxsize=8_192)
def _written(number: float, pattern: str, locale: Locale) -> str:
    """Write a number; a table of thousands of rows has the same ones again and again."""
    return str(numbers.format_decimal(number, pattern, locale))


def decimal(number: float) -> str:
    """Write a number with two digits that count: whole from 10 on, two decimals below."""
    return str(format_decimal(number, "#,##0" if number >= 10 else "0.00"))  # noqa: PLR2004


def signed_points(share: float) -> str:
    """Write a difference of shares as points of a hundred, with its sign."""
    return str(format_decimal(share * PERCENT, "+0.0;−0.0"))


def signed_minutes(seconds: float) -> str:
    """Write a difference of seconds as minutes, with its sign."""
    shown = format_decimal(seconds / MINUTE, "+0.0;−0.0")
    return str(gettext("%(number)s min", number=shown))


def signed(number: float) -> str:
    """Write a difference of counts with its sign."""
    return str(format_decimal(number, "+#,##0;−#,##0"))


def change(now: float | None, before: float | None) -> float | None:
    """Return by how many points of a hundred a share moved, None when one is not known."""
    return None if now is None or before is None else round((now - before) * PERCENT, 1)


def cause_name(cause: str) -> str:
    """Name the cause of a return visit, or another reason why a repair was not fixed at once."""
    return worded(WHY_NAMES[cause])


def part_name(item: str) -> str:
    """Name a part or tool."""
    return worded(item_name(item))


def pipe_name(pipe_mm: int | None) -> str:
    """Write the width of a pipe."""
    return worded(say("not recorded")) if pipe_mm is None else f"DN{pipe_mm}"


def category_name(key: str) -> str:
    """Name a category; one that is no longer in the list keeps its key."""
    return worded(_CATEGORY_NAMES[key]) if key in _CATEGORY_NAMES else key


def group_name(key: object, chinese: dict[str, str]) -> str:
    """Name a team, grid, hour, or whether it was in a storm, in the reader's language."""
    if key is None:
        return worded(say("none"))
    if isinstance(key, bool):
        return worded(say("in a storm") if key else say("outside a storm"))
    if isinstance(key, int):
        return f"{key:02d}:00"
    return local_name(str(key), chinese.get(str(key)))


def named_by_evidence(groups: list[GroupFigures]) -> list[GroupFigures]:
    """Return the groups of tickets by the evidence of their arrival under the name of each."""
    return [replace(row, key=worded(grade_name(row.key))) for row in groups]


def split_name(key: object, kind: str | None, chinese: dict[str, dict[str, str]]) -> str:
    """Name one group of a split: by its kind a level, a category, a day, or as `group_name`."""
    if key is not None and kind == SplitBy.LEVEL:
        return worded(say("Level %(level)s", level=int(str(key))))
    if key is not None and kind == SplitBy.CATEGORY:
        return category_name(str(key))
    if key is not None and kind == SplitBy.DAY:
        return worded(DAY_NAMES[str(key)])
    return group_name(key, chinese.get(kind or "", {}))


def heat(broken: Share) -> int | None:
    """Return how hot a cell is, 0 to 4 by the share of broken promises; None below the minimum."""
    if broken.rate is None or broken.n < MINIMUM_SAMPLE:
        return None
    return sum(broken.rate > limit for limit in HEAT)


def clock_hours(hours: tuple[int, int]) -> str:
    """Write hours of the day, such as 17:00 to 22:00."""
    return worded(say("%(first)s:00 to %(end)s:00", first=f"{hours[0]:02d}", end=f"{hours[1]:02d}"))


def shares(found: Attainment) -> list[tuple[str, float, float]]:
    """Return kept, late and overdue as (tone, start, width) of a bar that is 100 wide."""
    counts = (("good", found.met), ("warn", found.late), ("danger", found.open_overdue))
    bars, start = [], 0.0
    for tone, count in counts:
        width = count / found.n * PERCENT if found.n else 0.0
        bars.append((tone, round(start, 3), round(width, 3)))
        start += width
    return bars


def worst_first(groups: list[GroupFigures]) -> list[GroupFigures]:
    """Order groups by the share of promises kept, lowest first; small groups last, by name."""
    known = [row for row in groups if not row.circle.greyed]
    small = [row for row in groups if row.circle.greyed]
    known.sort(key=lambda row: (row.circle.rate or 0.0, -row.circle.n))
    return [*known, *small]


def overdue_by(story: TicketStory, now: datetime) -> str:
    """Write how long ago the oldest broken promise of an open ticket fell due."""
    promises = [None if story.arrived_at else story.arrive_due_at, story.repair_due_at]
    past = [now - due for due in promises if due is not None and due < now]
    return spell(max(past).total_seconds()) if past else "–"

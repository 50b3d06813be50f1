"""What does a manager want to rehearse, and can it be rehearsed at all?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dispatch.domain.crews_on_top import MOST_BLOCKS, MOST_CREWS, CrewsOnTop, instant, outside
from dispatch.domain.errors import Invalid
from dispatch.domain.periods import Period
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MOST_TICKETS = 5_000
MOST_DAYS = 366
MOST_SITES = 100
MOST_BREAK_MINUTES = 120
MOST_PROMISE_MINUTES = 240
MOST_FROST = 10.0
LARGEST_SEED = 999_999

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Planner(StrEnum):
    """Who sends the crews."""

    HOME = "home"
    FIFO = "fifo"
    NEAREST = "nearest"
    ONEVISIT = "onevisit"


PLANNER_NAMES: dict[Planner, Sentence] = {
    Planner.ONEVISIT: say("OneVisit looks ahead"),
    Planner.NEAREST: say("The closest free crew and ticket first"),
    Planner.FIFO: say("The oldest ticket to the nearest free crew"),
    Planner.HOME: say("Only the grid's own team"),
}


class Staffing(StrEnum):
    """Which crews are on duty."""

    AS_IN_LIFE = "as_in_life"
    AROUND_THE_CLOCK = "around_the_clock"


STAFFING_NAMES: dict[Staffing, Sentence] = {
    Staffing.AS_IN_LIFE: say("As in life: today's crews with shifts, skills and bases"),
    Staffing.AROUND_THE_CLOCK: say("So many crews around the clock, placed by demand"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One rehearsal as it was asked for; days are the utility's, both ends included.

    `crews` counts only around the clock. `extra_crews` of the team `extra_team` come on top from
    minute `extra_from` to `extra_to` of the local day `extra_day`, as `CrewsOnTop` says, and
    `more_crews` besides. Crews of `base_team` wait in the middle of `base_grid`, or all crews at
    the best `sites` places; empty and 0 leave them where they are. From hour `frost_hour` of
    `frost_day` on, for `frost_hours`, calls come `frost` times as often; 1 is no frost. `declines`,
    `cancelled`, `no_access` and `second_visits` are chances from 0 to 1, `break_minutes` the break
    in the middle of a shift. Idle crews drive home, or with `wait_where_suggested` to
    where the next call is reached soonest. `with_bound` searches for what could be reached with
    full knowledge.
    """

    first: date
    last: date
    planner: Planner = Planner.ONEVISIT
    staffing: Staffing = Staffing.AS_IN_LIFE
    crews: int = 0
    extra_crews: int = 0
    extra_team: str = ""
    extra_day: date | None = None
    extra_from: int = 17 * 60
    extra_to: int = 22 * 60
    more_crews: tuple[CrewsOnTop, ...] = ()
    base_team: str = ""
    base_grid: str = ""
    sites: int = 0
    declines: float = 0.0
    cancelled: float = 0.0
    no_access: float = 0.0
    second_visits: float = 0.0
    break_minutes: int = 0
    wait_where_suggested: bool = False
    frost: float = 1.0
    frost_day: date | None = None
    frost_hour: int = 0
    frost_hours: int = 24
    promise_minutes: int = 30
    with_bound: bool = False
    seed: int = 1

    @property
    def crews_on_top(self) -> tuple[CrewsOnTop, ...]:
        """Return every block of crews on top that holds a crew."""
        return tuple(each for each in (self._first_block, *self.more_crews) if each.crews)

    @property
    def _first_block(self) -> CrewsOnTop:
        return CrewsOnTop(
            crews=self.extra_crews,
            team=self.extra_team,
            day=self.extra_day,
            begins=self.extra_from,
            ends=self.extra_to,
        )

    @property
    def moves_bases(self) -> bool:
        """Tell whether crews wait elsewhere than in life."""
        return bool(self.sites or self.base_team)

    def period(self, zone: ZoneInfo) -> Period:
        """Return the days in the utility's zone."""
        return Period(self.first, self.last + _DAY, zone)

    def check(self) -> None:
        """Refuse what cannot be rehearsed, naming every wrong field.

        Raises:
            Invalid: with a sentence for each field.
        """
        faults = self._days() | self._crews() | self._bases() | self._street() | self._weather()
        if not 1 <= self.promise_minutes <= MOST_PROMISE_MINUTES:
            faults["promise_minutes"] = say(
                "Promise from 1 to %(most)s minutes.", most=MOST_PROMISE_MINUTES
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            faults["seed"] = say("The seed is from 0 to %(most)s.", most=LARGEST_SEED)
        if faults:
            raise Invalid(next(iter(faults.values())), fields=faults)

    def _days(self) -> dict[str, Sentence]:
        if self.last < self.first:
            return {"last": say("The last day lies before the first. Give the earlier day first.")}
        if (self.last - self.first).days >= MOST_DAYS:
            return {"last": say("Rehearse at most %(most)s days at once.", most=MOST_DAYS)}
        return {}

    def _crews(self) -> dict[str, Sentence]:
        faults: dict[str, Sentence] = {}
        if self.staffing is Staffing.AROUND_THE_CLOCK and not 1 <= self.crews <= MOST_CREWS:
            faults["crews"] = say("Give from 1 to %(most)s crews.", most=MOST_CREWS)
        blocks = (self._first_block, *self.more_crews)
        if len(blocks) > MOST_BLOCKS:
            faults["extra_crews"] = say("Give at most %(most)s groups of crews.", most=MOST_BLOCKS)
        for number, block in enumerate(blocks, 1):
            ending = "" if number == 1 else f"_{number}"
            found = block.faults(self.first, self.last)
            faults |= {f"extra_{name}{ending}": fault for name, fault in found.items()}
        return faults

    def _bases(self) -> dict[str, Sentence]:
        if not 0 <= self.sites <= MOST_SITES:
            return {"sites": say("Choose from 0 to %(most)s places.", most=MOST_SITES)}
        if self.sites and self.base_team:
            fault = say("Either one team starts elsewhere, or all crews at the best places.")
            return {"sites": fault}
        if self.base_team and not self.base_grid:
            return {"base_grid": say("Choose the grid in which the team starts.")}
        if self.base_grid and not self.base_team:
            return {"base_team": say("Choose the team that starts in this grid.")}
        return {}

    def _street(self) -> dict[str, Sentence]:
        names = ("declines", "cancelled", "no_access", "second_visits")
        fault = say("A chance is a number from 0 to 100 percent.")
        faults = {name: fault for name in names if not 0 <= getattr(self, name) <= 1}
        if not 0 <= self.break_minutes <= MOST_BREAK_MINUTES:
            most = MOST_BREAK_MINUTES
            faults["break_minutes"] = say("A break lasts from 0 to %(most)s minutes.", most=most)
        return faults

    def _weather(self) -> dict[str, Sentence]:
        if not 1 <= self.frost <= MOST_FROST:
            return {"frost": say("Multiply the tickets by 1 to %(most)s.", most=MOST_FROST)}
        if self.frost == 1:
            return {}
        if self.frost_day is not None and not self.first <= self.frost_day <= self.last:
            return {"frost_day": outside()}
        begins = datetime.combine(self.frost_day or self.first, time(), UTC)
        ends = begins + (self.frost_hour + self.frost_hours) * _HOUR
        if self.frost_hours < 1 or ends > datetime.combine(self.last + _DAY, time(), UTC):
            return {"frost_hours": say("The frost must end within the days that are rehearsed.")}
        return {}

    def unchanged(self) -> tuple[Wish, Sentence] | None:
        """Return the same wish without its change, and what was taken away; None without one.

        Of several changes the crews on top count first, then the bases, the waiting,
        the frost, the staffing:
        the rest stays, so that the difference is the work of that change alone.
        """
        if self.crews_on_top:
            alone = replace(self, extra_crews=0, more_crews=())
            return alone, say("The same without the crews on top")
        if self.moves_bases:
            stay = replace(self, base_team="", base_grid="", sites=0)
            return stay, say("The same with the bases as in life")
        if self.wait_where_suggested:
            home = replace(self, wait_where_suggested=False)
            return home, say("The same with idle crews that drive home")
        if self.frost != 1:
            return replace(self, frost=1.0), say("The same without the frost")
        if self.staffing is Staffing.AROUND_THE_CLOCK:
            as_in_life = replace(self, staffing=Staffing.AS_IN_LIFE)
            return as_in_life, say("The same with the crews as in life")
        return None

    def hours_of_change(self, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
        """Return from when to when the crews on top are there, else the frost lasts, in UTC."""
        if self.crews_on_top:
            count = (self.last - self.first).days + 1
            days = [self.first + n * _DAY for n in range(count)]
            spans = (each.spans(days, zone) for each in self.crews_on_top)
            return tuple(span for those in spans for span in those)
        if self.frost == 1:
            return ()
        begins = instant(self.frost_day or self.first, self.frost_hour * 60, zone)
        return ((begins, begins + self.frost_hours * _HOUR),)

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        plain = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }
        return plain | {"more_crews": [each.as_json() for each in self.more_crews]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Wish:
        """Rebuild a wish that `as_json` wrote."""
        days = {
            name: date.fromisoformat(stored[name])
            for name in ("first", "last", "extra_day", "frost_day")
            if stored[name] is not None
        }
        named = {
            "planner": Planner(stored["planner"]),
            "staffing": Staffing(stored["staffing"]),
            "more_crews": tuple(map(CrewsOnTop.from_json, stored.get("more_crews", ()))),
        }
        return cls(**(stored | days | named))


def check_count(tickets: int) -> None:
    """Refuse days without a located ticket, or with too many of them.

    Raises:
        Invalid: naming the day field.
    """
    if tickets == 0:
        fault = say("No located ticket was received in these days. Choose other days.")
    elif tickets > MOST_TICKETS:
        fault = say(
            "These days hold %(count)s located tickets, with the frost; at most %(most)s can be "
            "rehearsed at once. Choose fewer days or a milder frost.",
            count=tickets,
            most=MOST_TICKETS,
        )
    else:
        return
    raise Invalid(fault, fields={"first": fault})

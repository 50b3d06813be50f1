"""What does a manager want to rehearse, and can it be rehearsed at all?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Invalid
from dispatch.domain.periods import Period
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MOST_TICKETS = 5_000
MOST_CREWS = 500
MOST_DAYS = 366
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
    minute `extra_from` to `extra_to` of the local day `extra_day`, of every day when that is None;
    an end at or before the start is on the next day. From hour `frost_hour` of `frost_day` on, for
    `frost_hours`, calls come `frost` times as often; 1 is no frost.
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
    frost: float = 1.0
    frost_day: date | None = None
    frost_hour: int = 0
    frost_hours: int = 24
    promise_minutes: int = 30
    seed: int = 1

    def period(self, zone: ZoneInfo) -> Period:
        """Return the days in the utility's zone."""
        return Period(self.first, self.last + _DAY, zone)

    def check(self) -> None:
        """Refuse what cannot be rehearsed, naming every wrong field.

        Raises:
            Invalid: with a sentence for each field.
        """
        faults = self._days() | self._crews() | self._weather()
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
        if not 0 <= self.extra_crews <= MOST_CREWS:
            faults["extra_crews"] = say("Give from 0 to %(most)s crews on top.", most=MOST_CREWS)
        elif self.extra_crews:
            if not self.extra_team:
                faults["extra_team"] = say("Choose the team of the crews on top.")
            if self.extra_day is not None and not self.first <= self.extra_day <= self.last:
                faults["extra_day"] = _outside()
        return faults

    def _weather(self) -> dict[str, Sentence]:
        if not 1 <= self.frost <= MOST_FROST:
            return {"frost": say("Multiply the tickets by 1 to %(most)s.", most=MOST_FROST)}
        if self.frost == 1:
            return {}
        if self.frost_day is not None and not self.first <= self.frost_day <= self.last:
            return {"frost_day": _outside()}
        begins = datetime.combine(self.frost_day or self.first, time(), UTC)
        ends = begins + (self.frost_hour + self.frost_hours) * _HOUR
        if self.frost_hours < 1 or ends > datetime.combine(self.last + _DAY, time(), UTC):
            return {"frost_hours": say("The frost must end within the days that are rehearsed.")}
        return {}

    def unchanged(self) -> tuple[Wish, Sentence] | None:
        """Return the same wish without its change, and what was taken away; None without one.

        Of several changes the crews on top count first, then the frost, then the staffing: the
        rest stays, so that the difference is the work of that change alone.
        """
        if self.extra_crews:
            return replace(self, extra_crews=0), say("The same without the crews on top")
        if self.frost != 1:
            return replace(self, frost=1.0), say("The same without the frost")
        if self.staffing is Staffing.AROUND_THE_CLOCK:
            as_in_life = replace(self, staffing=Staffing.AS_IN_LIFE)
            return as_in_life, say("The same with the crews as in life")
        return None

    def hours_of_change(self, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
        """Return from when to when the crews on top are there, else the frost lasts, in UTC."""
        if self.extra_crews:
            count = (self.last - self.first).days + 1
            days = (
                [self.extra_day]
                if self.extra_day
                else [self.first + n * _DAY for n in range(count)]
            )
            wraps = self.extra_to <= self.extra_from
            return tuple(
                (
                    _instant(day, self.extra_from, zone),
                    _instant(day + wraps * _DAY, self.extra_to, zone),
                )
                for day in days
            )
        if self.frost == 1:
            return ()
        begins = _instant(self.frost_day or self.first, self.frost_hour * 60, zone)
        return ((begins, begins + self.frost_hours * _HOUR),)

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }

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
        }
        return cls(**(stored | days | named))


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(*divmod(minute, 60)), zone).astimezone(UTC)


def _outside() -> Sentence:
    return say("This day is not among those that are rehearsed.")


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

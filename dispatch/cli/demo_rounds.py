"""Where does the visitor's crew go round today, and what came of its first stops?"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions.round_steps import take_round_step
from dispatch.actions.rounds import Wanted, add_to_round
from dispatch.actions.ticket_log import Told
from dispatch.cli.demo_steps import EVERYWHERE, GPS_METRES, crew_actor
from dispatch.domain.offline_time import TimeQuality
from dispatch.domain.place import Datum, Point, metres_between
from dispatch.queries.rounds import round_of
from dispatch.queries.visits import crew_for_change

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from dispatch.cli.demo_cities import OnRound
    from dispatch.cli.demo_reports import Reports
    from dispatch.domain.candidates import CrewOption

STOPS = 7
BEGAN = timedelta(hours=2)
FOUND = "meter_leak"


def go_round(reports: Reports, crew: CrewOption, zone: ZoneInfo, now: datetime) -> None:
    """Send the visitor's crew to the households nearest to it, and let it have been at four.

    It began two hours ago, or at midnight; one tap had no signal and came now.
    """
    if crew.position is None:
        return
    today = now.astimezone(zone).date()
    begun = max(now - BEGAN, datetime.combine(today, time(), zone).astimezone(UTC))
    accounts = _nearest(reports, crew.position)
    desk, row = reports.city.dispatcher, crew_for_change(crew.crew_id, EVERYWHERE)
    add_to_round(row, today, Wanted(accounts=accounts), today=today, actor=desk, now=begun)
    going = round_of(crew.crew_id, today)
    taps = _taps(reports.city.round)
    by = crew_actor(crew.crew_id, crew.name)
    for turn, (stop, (kind, said)) in enumerate(
        zip(going.stops if going else (), taps, strict=False)
    ):
        at = begun + (now - begun) * (turn + 1) / (len(taps) + 1)
        is_late = kind == "round-nobody-home"
        told = Told(
            effective_at=at if is_late else None,
            device_at=at if is_late else None,
            time_quality=str(TimeQuality.OFFLINE_TRUSTED if is_late else TimeQuality.ONLINE),
            position=stop.point,
            datum=str(Datum.WGS84),
            accuracy_metres=GPS_METRES,
        )
        # A find opens a ticket, whose promises count from now.
        came = now if is_late or kind == "round-fault" else at
        take_round_step(kind, {"stop": stop.id} | said, actor=by, now=came, told=told)


def _nearest(reports: Reports, here: Point) -> list[str]:
    homes = sorted(
        reports.households,
        key=lambda each: metres_between(Point(each.lat or 0.0, each.lon or 0.0), here),
    )
    return [each.account for each in homes[:STOPS]]


def _taps(said: OnRound) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("round-done", {"note": said.done}),
        ("round-nobody-home", {"note": said.shut}),
        ("round-done", {}),
        ("round-fault", {"category": FOUND, "description": said.found}),
    ]

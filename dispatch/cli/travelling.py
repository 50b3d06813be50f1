"""How does `onevisit travel` show where travel times come from and how wrong they are?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dispatch.adapters.road_times.asking import NoAnswer
from dispatch.adapters.road_times.sources import asked_times, road_graph
from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.running import answer, application
from dispatch.domain.errors import Invalid
from dispatch.domain.periods import period_between
from dispatch.domain.sentences import say
from dispatch.domain.travel import StraightLine

if TYPE_CHECKING:
    from dispatch.config import Settings
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.travel_fit import TravelFit

#: A drive of about four kilometres beside the middle of the map, for a server to be asked once.
PROBE_DEGREES = 0.03


class Standing(NamedTuple):
    """Whether travel times come as configured, what was found, and the mend where they do not."""

    is_well: bool
    found: Sentence
    mend: Sentence | None = None


@command("travel", say("Print where travel times come from and how wrong they are."))
@option(
    "--from",
    "first",
    metavar="DAY",
    sentence=say("First day whose drives count; without it, 90 days ago."),
)
@option(
    "--to",
    "until",
    metavar="DAY",
    sentence=say("First day after them; without it, tomorrow."),
)
@json_option
def travel(first: str | None, until: str | None, *, as_json: bool) -> None:
    """Fit the speed of each hour to the drives of a range of days and show its error."""
    with application() as app:
        from dispatch.access import current_time  # noqa: PLC0415  help needs no application
        from dispatch.domain.travel_fit import fit_drives  # noqa: PLC0415  likewise
        from dispatch.queries.travel_history import LOOK_BACK, past_drives  # noqa: PLC0415

        settings: Settings = app.config["SETTINGS"]
        today = current_time().astimezone(settings.zone).date()
        period = period_between(
            first or str(today - LOOK_BACK),
            until or str(today + timedelta(days=1)),
            settings.zone,
        )
        fit = fit_drives(*past_drives(period.from_at, period.to_at, settings.zone))
        standing = travel_standing(settings)
    facts: dict[str, Any] = {
        "source": settings.travel,
        "is_well": standing.is_well,
        "from": period.first.isoformat(),
        "to": period.until.isoformat(),
        "fit": fit and _as_json(fit),
    }
    mend = [standing.mend] if standing.mend else []
    answer(as_json, facts, standing.found, *mend, *_lines(fit))


def travel_standing(settings: Settings) -> Standing:
    """Try the configured source once, on a short drive near the middle of the map."""
    if settings.travel == "roads":
        return _roads(settings)
    server = asked_times(settings)
    if server is None:
        return Standing(is_well=True, found=say("Drives are estimated from the straight line."))
    lat, lon, _zoom = (float(part) for part in settings.map_center.split(","))
    here = np.array([[lat, lon]])
    try:
        seconds = server.seconds(here, here + PROBE_DEGREES, None).item()
    except NoAnswer as silence:
        return Standing(
            is_well=False,
            found=say(
                "%(name)s does not answer, drives are estimated from the straight line: %(reason)s",
                name=server.name,
                reason=silence.sentence,
            ),
            mend=say("Check ONEVISIT_TRAVEL_URL, its key and that the server holds your area."),
        )
    if np.isnan(seconds):
        return Standing(
            is_well=False,
            found=say(
                "%(name)s answers, yet knows no way near the middle of the map.", name=server.name
            ),
            mend=say("Check ONEVISIT_MAP_CENTER and that the server holds your area."),
        )
    return Standing(
        is_well=True, found=say("%(name)s tells how long drives are.", name=server.name)
    )


def _roads(settings: Settings) -> Standing:
    try:
        graph = road_graph(settings)
    except Invalid as refusal:
        return Standing(
            is_well=False,
            found=say("The road graph cannot be read: %(reason)s", reason=refusal.sentence),
            mend=say("Mend the file, or set ONEVISIT_TRAVEL to straight."),
        )
    return Standing(
        is_well=True,
        found=say(
            "The road graph has %(nodes)s nodes, %(junctions)s of them junctions; "
            "%(left_out)s more cannot be driven to and back.",
            nodes=len(graph.places),
            junctions=graph.junctions,
            left_out=graph.left_out,
        ),
    )


def _as_json(fit: TravelFit) -> dict[str, Any]:
    line = fit.straight_line()
    return {
        "drives": fit.n,
        "left_out": fit.left_out,
        "error_minutes": round(fit.error_minutes, 2),
        "usual_error_minutes": round(fit.usual_error_minutes, 2),
        "spread": round(fit.spread, 3),
        "detour": line.detour,
        "hours": [
            {"hour": hour, "n": n, "speed_kmh": round(line.speed_at(hour), 1)}
            for hour, n in enumerate(fit.n_by_hour)
        ],
    }


def _lines(fit: TravelFit | None) -> list[Sentence]:
    if fit is None:
        usual = StraightLine()
        return [
            say(
                "Too few drives of our own are known: the straight line is driven at %(speed)s "
                "km/h, with a detour of %(detour)s.",
                speed=usual.speed_at(None),
                detour=usual.detour,
            )
        ]
    line = fit.straight_line()
    lines = [
        say(
            "The straight line is fitted to %(n)s drives (%(left_out)s left out): half of them "
            "were missed by less than %(error)s minutes, without the fit by %(usual)s.",
            n=fit.n,
            left_out=fit.left_out,
            error=round(fit.error_minutes, 1),
            usual=round(fit.usual_error_minutes, 1),
        )
    ]
    for hour, n in enumerate(fit.n_by_hour):
        speed = round(line.speed_at(hour), 1)
        lines.append(say("%(hour)s h: %(speed)s km/h, %(n)s drives", hour=hour, speed=speed, n=n))
    return lines

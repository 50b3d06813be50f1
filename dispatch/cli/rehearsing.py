"""How does `onevisit rehearse` replay past tickets under other staffing or rules?"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.import_steps import FILE, columns_option, datum_option, name_field_option
from dispatch.cli.rehearsal_answer import print_table
from dispatch.cli.rehearsal_city import Wishes, city_for
from dispatch.cli.running import answer, bar
from dispatch.cli.wording import word
from dispatch.domain.rehearsal_wish import Planner
from dispatch.domain.sentences import say
from dispatch.rehearsal.bound import bound_of
from dispatch.rehearsal.engine import rehearse as run
from dispatch.rehearsal.policies import POLICIES
from dispatch.rehearsal.staffing import load_of

if TYPE_CHECKING:
    from dispatch.rehearsal.city import City
    from dispatch.rehearsal.demand import Demand
    from dispatch.rehearsal.outcome import Outcome


@command("rehearse", say("Replay past tickets under other staffing or rules."))
@option("--tickets", required=True, type=FILE, sentence=say("Table of past tickets."))
@columns_option
@option("--grids", required=True, type=FILE, sentence=say("GeoJSON of the grids."))
@name_field_option
@option("--team-field", sentence=say("Property that names the team; else each grid is its own."))
@datum_option
@option("--crews", type=int, sentence=say("Number of crews, on duty around the clock."))
@option("--load", type=float, sentence=say("Choose the crews so that work fills this share."))
@option("--roster", type=FILE, sentence=say("CSV of crews with skills, bases and shifts."))
@option("--bases", type=FILE, sentence=say("CSV of bases (base_lat, base_lon) for the crews."))
@option("--roads", type=FILE, sentence=say("Roads to drive on: a folder or an OSM file."))
@option(
    "--policy",
    type=click.Choice([each.value for each in Planner]),
    default=Planner.ONEVISIT.value,
    show_default=True,
    sentence=say("Who plans."),
)
@option("--seed", type=int, default=1, show_default=True, sentence=say("What chance grows from."))
@option("--from", "first", metavar="DAY", sentence=say("First day; by default the first call's."))
@option("--to", "until", metavar="DAY", sentence=say("First day after the range; it is not in it."))
@option("--fold", type=int, sentence=say("Lay so many weeks onto one; 1 leaves them as they are."))
@option("--keep-hours", is_flag=True, sentence=say("Keep the hour of the week of folded calls."))
@option(
    "--level-weights",
    type=float,
    nargs=4,
    default=(1.0, 1.0, 1.0, 1.0),
    sentence=say("What a promise to levels 1 to 4 weighs with the planner."),
)
@option("--turns", type=int, sentence=say("How often a crew may be diverted before it arrives."))
@option(
    "--wait-where-suggested",
    is_flag=True,
    sentence=say("Idle crews wait where the next call is reached soonest, not at home."),
)
@option("--declines", type=float, default=0.0, sentence=say("Chance that a crew declines."))
@option("--cancelled", type=float, default=0.0, sentence=say("Chance that a caller gives up."))
@option("--no-access", type=float, default=0.0, sentence=say("Chance that nobody opens."))
@option("--second-visits", type=float, default=0.0, sentence=say("Chance that a repair fails."))
@option(
    "--tells",
    type=float,
    default=0.0,
    sentence=say("Chance that a crew says how much longer it needs."),
)
@option("--breaks", type=float, default=0.0, sentence=say("Minutes of a crew's break."))
@option("--storm", type=float, sentence=say("Multiply the calls of some hours by this."))
@option("--storm-from", type=float, default=0.0, sentence=say("Hour at which the storm begins."))
@option("--storm-hours", type=float, default=6.0, sentence=say("Hours that the storm lasts."))
@option("--no-bound", is_flag=True, sentence=say("Leave out the search with full knowledge."))
@json_option
def rehearse(*, policy: str, no_bound: bool, as_json: bool, **wished: Any) -> None:
    """Build the city, run it, and print the figures; no database is read."""
    begun = perf_counter()
    wishes = Wishes(**wished)
    city, demand = city_for(wishes)
    with bar(say("Rehearsing"), 1.0) as move:
        outcome = run(city, POLICIES[Planner(policy)], seed=wishes.seed, on_progress=move)
    facts = _facts(city, demand) | {"policy": policy, "seed": wishes.seed} | outcome.figures()
    facts |= {"wall_s": perf_counter() - begun, "bound": None if no_bound else _bound(outcome)}
    if as_json:
        answer(True, facts)  # noqa: FBT003
    else:
        print_table(facts)


def _facts(city: City, demand: Demand) -> dict[str, Any]:
    days = demand.folded_from or demand.period
    return {
        "from": days.first.isoformat(),
        "to": days.until.isoformat(),
        "rehearsed_days": demand.period.days,
        "time_zone": str(demand.period.zone),
        "folded_weeks": demand.folded_weeks,
        "storm_calls": demand.storm_calls,
        "crews": len(city.staff),
        "load": load_of(demand, city.staff, city.rules, city.travel),
        "tickets": demand.tickets,
        "located": len(demand.calls) - demand.storm_calls,
        "in_a_grid": demand.in_a_grid,
    }


def _bound(outcome: Outcome) -> dict[str, Any]:
    begun = perf_counter()
    with bar(say("Searching with full knowledge"), 1.0) as move:
        found = bound_of(outcome, move)
    return {
        "attainment_30": found.attainment_30.rate,
        "by_level": {
            str(level): found.among(outcome.level == level).rate
            for level in sorted(set(outcome.level.tolist()))
        },
        "how": word(found.how),
        "wall_s": perf_counter() - begun,
    }

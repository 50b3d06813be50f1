"""How does `onevisit rehearse` replay past tickets under other staffing or rules?"""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.import_steps import FILE
from dispatch.cli.input_files import read_whole
from dispatch.cli.past_files import PastFile
from dispatch.cli.rehearsal_answer import print_table
from dispatch.cli.running import answer, bar, note
from dispatch.config import Settings
from dispatch.domain import desk_rules
from dispatch.domain.column_map import read_column_map
from dispatch.domain.errors import Invalid
from dispatch.domain.grid_features import GridFields, read_grid_features
from dispatch.domain.periods import period_between
from dispatch.domain.place import Datum
from dispatch.domain.sentences import say
from dispatch.domain.travel import StraightLine
from dispatch.rehearsal import engine, staffing
from dispatch.rehearsal.city import City, StreetRules
from dispatch.rehearsal.demand import demand_of, folded, ground_of, period_of, weeks_for

if TYPE_CHECKING:
    from dispatch.rehearsal.city import Policy
    from dispatch.rehearsal.demand import Demand, Ground

POLICIES: dict[str, Policy] = {
    "home": desk_rules.home,
    "fifo": desk_rules.fifo,
    "nearest": desk_rules.nearest,
}


@command("rehearse", say("Replay past tickets under other staffing or rules."))
@option("--tickets", required=True, type=FILE, sentence=say("Table of past tickets."))
@option("--columns", required=True, type=FILE, sentence=say("Column map: what their columns mean."))
@option("--grids", required=True, type=FILE, sentence=say("GeoJSON of the grids."))
@option("--name-field", sentence=say("Property that names a grid; found by itself if not given."))
@option("--team-field", sentence=say("Property that names the team; else each grid is its own."))
@option("--crews", type=int, sentence=say("Number of crews around the clock."))
@option("--load", type=float, sentence=say("Choose the crews so that this share of them works."))
@option(
    "--policy",
    type=click.Choice(tuple(POLICIES)),
    default="nearest",
    show_default=True,
    sentence=say("Who plans."),
)
@option(
    "--seed", type=int, default=1, show_default=True, sentence=say("Number that chance grows from.")
)
@option("--from", "first", metavar="DAY", sentence=say("First day; the first call's if not given."))
@option("--to", "until", metavar="DAY", sentence=say("First day after the range; it is not in it."))
@option("--fold", type=int, sentence=say("Lay so many weeks onto one; 1 lays none."))
@json_option
def rehearse(**given: Any) -> None:
    """Build the city, run it, and print the figures; no database is read."""
    begun = perf_counter()
    demand, ground = _demand(given)
    city, demand = _city(demand, ground, given)
    with bar(say("Rehearsing"), 1.0) as move:
        outcome = engine.rehearse(
            city, POLICIES[given["policy"]], seed=given["seed"], on_progress=move
        )
    facts = {
        "policy": given["policy"],
        "seed": given["seed"],
        "from": demand.period.first.isoformat(),
        "to": demand.period.until.isoformat(),
        "folded_weeks": demand.folded_weeks,
        "crews": len(city.staff),
        "load": staffing.load_of(demand, city.staff, city.rules, city.travel),
        "tickets": demand.tickets,
        "located": len(demand.calls),
        "in_a_grid": int((demand.calls.grid >= 0).sum()),
        **outcome.figures(),
        "wall_s": perf_counter() - begun,
        "bound": None,
    }
    if given["as_json"]:
        answer(True, facts)  # noqa: FBT003
    else:
        print_table(facts)


def _demand(given: dict[str, Any]) -> tuple[Demand, Ground]:
    settings = Settings.from_env(os.environ)
    tickets, columns, grids = given["tickets"], given["columns"], given["grids"]
    fields = GridFields(given["name_field"], given["team_field"], None, Datum.WGS84)
    ground = ground_of(read_grid_features(read_whole(grids), grids.name, fields))
    column_map = read_column_map(read_whole(columns), columns.name, settings.zone)
    with PastFile(tickets, column_map).past_tickets(say("Reading")) as rows:
        past = list(rows)
    period = period_of(past, column_map.zone)
    period = period_between(
        given["first"] or period.first.isoformat(),
        given["until"] or period.until.isoformat(),
        column_map.zone,
    )
    return demand_of(past, column_map.datum, ground, period), ground


def _city(demand: Demand, ground: Ground, given: dict[str, Any]) -> tuple[City, Demand]:
    rules = StreetRules()
    travel = StraightLine()
    demand = _folded(demand, given, rules)
    if (given["crews"] is None) == (given["load"] is None):
        fault = say("Give either --crews or --load.")
        raise Invalid(fault, fields={"crews": fault})
    crews = given["crews"]
    if crews is None:
        crews = staffing.crews_for_load(demand, given["load"], rules, travel)
    if crews < 1:
        fault = say("A rehearsal needs at least one crew.")
        raise Invalid(fault, fields={"crews": fault})
    staff = staffing.staff_for(demand.calls, crews)
    return staffing.city_of(demand, ground, staff, rules, travel), demand


def _folded(demand: Demand, given: dict[str, Any], rules: StreetRules) -> Demand:
    fold = given["fold"]
    if fold is None and given["load"] is not None:
        drive = staffing.usual_drive(demand, StraightLine())
        crew_seconds = len(demand.calls) * (rules.repair_mean + drive) / given["load"]
        weeks = weeks_for(demand, staffing.LEAST_CREWS, crew_seconds)
    else:
        weeks = -(-demand.weeks // (fold or 1))
    if weeks >= demand.weeks:
        return demand
    demand = folded(demand, weeks)
    note(
        say(
            "The calls are too thin to rehearse: %(folded)s weeks are laid onto one, "
            "each call at its hour of the week.",
            folded=demand.folded_weeks,
        )
    )
    return demand

"""Does a manager read off a year of Boston where, why and with whom weekday evenings went wrong?

The calls are the city's own of 2015. It wrote no arrivals down: the times of crews are drawn.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

import dispatch
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.ticket_state import ticket_number
from dispatch.jobs import facts
from dispatch.models.base import db
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

CITY = Path(dispatch.__file__).parent / "cli" / "demo_city" / "boston"
ZONE = "America/New_York"
STAGES = {"Dispatch": 150, "Acknowledge": 90, "Turnout": 120, "Travel": 720}
"""The stages of the road, with the mean seconds of what is drawn for each."""
TIMES = ("dispatched", "acknowledged", "en_route", "arrived", "completed", "closed")
CIRCLE_SECONDS = 1_800
YEAR = "from=2015-01-01&to=2015-12-31"
EVENINGS = f"{YEAR}&days=weekdays&from_hour=17&to_hour=22"

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def calls() -> pd.DataFrame:
    """Return the year's calls, each with the times of a crew, which chance draws (seeded)."""
    with gzip.open(CITY / "tickets_2015.csv.gz", "rt", encoding="utf-8") as lines:
        frame = pd.read_csv(lines, dtype=str)
    dice = np.random.default_rng(2015)
    received = pd.to_datetime(frame["opened"]).dt.tz_localize(ZONE, ambiguous=True)
    until = received
    for name, mean in zip(TIMES, (*STAGES.values(), 2_700, 3_600), strict=True):
        until = until + pd.to_timedelta(dice.exponential(mean, len(frame)).round(), unit="s")
        frame[name] = until
    return frame.assign(received=received)


def column_map() -> str:
    """Return the map of the demo's own file, with the times of crews beside."""
    own = (CITY / "columns.toml").read_text(encoding="utf-8")
    times = "".join(f'{name}_at = "{name}"\n' for name in TIMES)
    mapped = own.replace('completed_at = "closed"\n', times)
    assert mapped != own
    return mapped.replace('"%Y-%m-%d %H:%M:%S"', '"iso"')


def taken_in(app: Flask, cli: Callable[..., Any], folder: Path, frame: pd.DataFrame) -> None:
    """Import grids and calls, and write their facts."""
    rows = frame.assign(opened=frame["received"].map(lambda at: at.isoformat()))
    for name in TIMES:
        rows[name] = rows[name].map(lambda at: at.isoformat())
    rows.drop(columns="received").to_csv(folder / "year.csv", index=False)
    (folder / "map.toml").write_text(column_map(), encoding="utf-8")
    grids = ("import", "grids", CITY / "grids.geojson", "--team-field", "team", "--zone-field")
    for words in ((*grids, "zone"), ("import", "tickets", folder / "year.csv", "--columns")):
        done = cli(*words, *((folder / "map.toml",) if words[1] == "tickets" else ()))
        assert done.exit_code == 0, done.stderr
    with app.app_context():
        assert db.session.query(Ticket).count() == len(frame)


def promised(app: Flask, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the calls that were promised a crew within 30 minutes, with id and grid."""
    asked = select(
        Ticket.external_id, Ticket.id, Ticket.received_at, Ticket.arrive_due_at, Grid.name
    ).outerjoin(Grid, Grid.id == Ticket.grid_id)
    with app.app_context():
        stored = pd.DataFrame(
            db.session.execute(asked).all(), columns=["case_id", "id", "at", "due", "grid"]
        )
    budget = (stored["due"] - stored["at"]).dt.total_seconds()
    return frame.merge(stored[budget == CIRCLE_SECONDS], on="case_id")


def worst_of(found: pd.DataFrame) -> tuple[str, pd.DataFrame, int, str]:
    """Return the worst grid, its late calls, its n, and the stage that took them too long."""
    late = (found["arrived"] - found["received"]).dt.total_seconds() > CIRCLE_SECONDS
    marks = ("received", *TIMES[: len(STAGES)])
    stages = pd.DataFrame(
        {
            stage: (found[end] - found[begin]).dt.total_seconds()
            for stage, begin, end in zip(STAGES, marks, marks[1:], strict=False)
        }
    )
    shares = late.groupby(found["grid"]).agg(["mean", "size"])
    judged = shares[shares["size"] >= MINIMUM_SAMPLE]["mean"]
    assert (judged == judged.max()).sum() == 1
    grid = str(judged.idxmax())
    here = late & (found["grid"] == grid)
    beyond = (stages[here] - stages[~late].median()).clip(lower=0).sum()
    return grid, found[here], int(shares.loc[grid, "size"]), str(beyond.idxmax())


def test_the_screen_names_what_pandas_finds(
    app: Flask, cli: Callable[..., Any], sign_in: Callable[..., Any], tmp_path: Path, now: datetime
):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], time_zone=ZONE)
    frame = calls()
    taken_in(app, cli, tmp_path, frame)
    with app.app_context():
        while facts.run(now):
            pass
    whole = promised(app, frame)
    local = whole["received"].dt
    evenings = whole[(local.day_of_week < 5) & local.hour.between(17, 21)]
    manager = sign_in("manager")
    for asked, found in ((YEAR, whole), (EVENINGS, evenings)):
        grid, late, n, stage = worst_of(found)
        page = re.sub(r"\s+", " ", manager.get(f"/circle?{asked}").text)
        share = 100 * len(late) / n
        assert f"Broken most often: {grid}, {len(late)} of {n} ({share:.1f} %)." in page
        assert f"Most of the time beyond the usual went in the stage {stage}." in page
        [link] = re.findall(r'<a href="([^"]+)">Show these tickets', page)
        tickets = manager.get(link.replace("&amp;", "&")).text
        listed = re.findall(r'<th scope="row"><a class="mono" href="/desk\?ticket=(W\d+)', tickets)
        assert sorted(listed) == sorted(ticket_number(int(each)) for each in late["id"])

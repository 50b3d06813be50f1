"""Does `onevisit figures` print what an independent count of the same tickets says?"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import shapely
from sqlalchemy import insert, select

from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOSTON = "America/New_York"
CITY_HALL = (42.3594, -71.0587)
SPREAD = {"p50": 0.5, "p80": 0.8, "p90": 0.9, "p95": 0.95, "max": 1.0}
FORMAT = "%m/%d/%Y %I:%M:%S %p"
YEAR = ("figures", "--from", "2015-01-01", "--to", "2016-01-01", "--json")


def test_a_range_without_tickets_has_one_row_without_data(cli):
    result = cli("figures", "--from", "2026-03-02", "--to", "2026-03-03", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert {name: told[name] for name in ("from", "to", "by", "time_zone")} == {
        "from": "2026-03-02",
        "to": "2026-03-03",
        "by": None,
        "time_zone": "Asia/Shanghai",
    }
    [row] = told["rows"]
    assert (row["key"], row["n"], row["opened"], row["closed"]) == (None, 0, 0, 0)
    for name in ("attainment_30", "response_minutes", "repair_minutes", "first_time_fix"):
        assert row[name] is None


def test_days_are_those_of_the_utility_and_the_last_is_not_in_it(session, cli, now):
    midnight = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
    for minutes in (-1, 0, 24 * 60 - 1, 24 * 60):
        session.execute(insert(Ticket), ticket(midnight + timedelta(minutes=minutes)))
    session.commit()
    result = cli("figures", "--from", "2026-03-02", "--to", "2026-03-03", "--by", "hour", "--json")
    rows = json.loads(result.stdout)["rows"]
    assert [(row["key"], row["n"]) for row in rows] == [(0, 1), (23, 1)]


@pytest.mark.parametrize("by", ["grid", "team", "hour", "category", "level", "evidence"])
def test_tickets_are_grouped_as_asked(session, cli, now, by):
    session.execute(insert(Ticket), ticket(now))
    session.commit()
    result = cli("figures", "--from", "2026-03-01", "--to", "2026-04-01", "--by", by, "--json")
    expected = {"grid": None, "team": None, "hour": 17, "category": "burst", "level": 1}
    expected["evidence"] = None
    assert [row["key"] for row in json.loads(result.stdout)["rows"]] == [expected[by]]


def test_a_person_gets_a_table(session, cli, now):
    arrived = {"arrived_at": now + timedelta(minutes=12), "arrive_due_at": now}
    session.execute(insert(Ticket), ticket(now) | arrived)
    session.commit()
    result = cli("figures", "--from", "2026-03-01", "--to", "2026-04-01", "--by", "grid")
    assert result.exit_code == 0
    assert "Response P50 min" in result.stdout
    assert "12.0" in result.stdout
    assert "100.0 %" in result.stdout


def test_a_person_reads_what_a_split_by_evidence_means(session, cli, now):
    session.execute(insert(Ticket), ticket(now))
    session.commit()
    result = cli("figures", "--from", "2026-03-01", "--to", "2026-04-01", "--by", "evidence")
    assert "No graded arrival" in result.stdout


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2015-02-01", "2015-01-01", "ends (2015-01-01) before it starts (2015-02-01)"),
        ("2015-02-30", "2015-03-01", "“2015-02-30” is not a day"),
        ("2015-02-01", "soon", "“soon” is not a day"),
        ("0001-01-01", "2015-01-01", "out of reach"),
    ],
)
def test_a_range_that_is_none_is_refused_with_a_sentence(cli, first, last, sentence):
    result = cli("figures", "--from", first, "--to", last)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr


def test_an_unknown_grouping_is_refused(cli):
    result = cli("figures", "--from", "2015-01-01", "--to", "2015-02-01", "--by", "moon")
    assert result.exit_code == 2
    assert "--by must be one of: grid, team" in result.stderr


@pytest.mark.shared_data
@pytest.mark.timeout(300)
def test_a_year_of_boston_agrees_with_pandas_to_the_second(
    shared_data: Path,
    session: Any,
    cli: Callable[..., Any],
    environment: dict[str, str],
    now: datetime,
):
    environment["ONEVISIT_TIME_ZONE"] = BOSTON
    frame = read_year(shared_data)
    store_year(frame)
    while run(now):
        pass
    session.close()
    for by in ("grid", "hour"):
        result = cli(*YEAR, "--by", by)
        assert result.exit_code == 0, result.stderr
        check_rows(json.loads(result.stdout)["rows"], frame, by)


def check_rows(rows: list[dict[str, Any]], frame: pd.DataFrame, by: str) -> None:
    year = frame[(frame["received"] >= "2015-01-01") & (frame["received"] < "2016-01-01")]
    measured = year[year["seconds"] >= 0]
    groups = {None if pd.isna(key) else key: rows for key, rows in year.groupby(by, dropna=False)}
    assert [row["key"] for row in rows] == sorted(groups, key=lambda key: (key is None, key or 0))
    for row in rows:
        ours = groups[row["key"]]
        assert (row["n"], row["opened"]) == (len(ours), len(ours))
        assert row["closed"] == ours["closed"].notna().sum()
        assert row["attainment_30"] is None
        assert row["response_minutes"] is None
        seconds = measured.loc[measured.index.intersection(ours.index), "seconds"]
        assert row["repair_minutes"]["n"] == len(seconds)
        for name, share in SPREAD.items():
            # Half a second in a value given in minutes.
            assert abs(row["repair_minutes"][name] * 60 - seconds.quantile(share)) < 0.5


def read_year(folder: Path) -> pd.DataFrame:
    """Read the year with pandas, and find each ticket's grid with shapely alone."""
    frame = pd.read_csv(folder / "boston311_2015.csv.gz", dtype=str, encoding_errors="replace")
    for theirs, ours in {"OPEN_DT": "received", "CLOSED_DT": "closed"}.items():
        local = pd.to_datetime(frame[theirs], format=FORMAT)
        frame[ours] = local.dt.tz_localize(
            BOSTON, ambiguous=True, nonexistent=pd.Timedelta(hours=1)
        )
    frame["seconds"] = (frame["closed"] - frame["received"]).dt.total_seconds()
    frame["hour"] = frame["received"].dt.hour
    frame["lat"], frame["lon"] = frame["LATITUDE"].astype(float), frame["LONGITUDE"].astype(float)
    frame["grid"] = None
    is_located = (frame["lat"] != CITY_HALL[0]) | (frame["lon"] != CITY_HALL[1])
    for name, shape in shapes(folder).items():
        inside = shapely.intersects_xy(shape, frame["lon"].to_numpy(), frame["lat"].to_numpy())
        frame.loc[inside & is_located & frame["grid"].isna(), "grid"] = name
    assert len(frame) == 121_245
    return frame


def shapes(folder: Path) -> dict[str, Any]:
    file = json.loads((folder / "boston_grids.geojson").read_text(encoding="utf-8"))
    found = {
        each["properties"]["name"]: shapely.make_valid(
            shapely.from_geojson(json.dumps(each["geometry"]))
        )
        for each in file["features"]
    }
    for shape in found.values():
        shapely.prepare(shape)
    return found


def store_year(frame: pd.DataFrame) -> None:
    """Put the year's tickets into the tables, with times worked out without pandas."""
    long_ago = datetime(2010, 1, 1, tzinfo=ZoneInfo("UTC"))
    db.session.add(Team(id=1, name="All"))
    db.session.flush()
    names = sorted(frame["grid"].dropna().unique())
    grids = [{"name": name, "team_id": 1, "geometry": {}, "valid_from": long_ago} for name in names]
    db.session.execute(insert(Grid), grids)
    ids = {name: number for number, name in db.session.execute(select(Grid.id, Grid.name))}
    # PostgreSQL would end a session that idles inside a transaction while the rows are made.
    db.session.commit()
    rows = []
    for opened, closed, grid in zip(
        frame["OPEN_DT"], frame["CLOSED_DT"], frame["grid"], strict=True
    ):
        received_at, closed_at = instant(opened), instant(closed)
        is_backwards = closed_at is not None and closed_at < received_at
        rows.append(
            ticket(received_at)
            | {
                "state": "closed" if closed_at else "accepted",
                "imported": True,
                "grid_id": ids.get(grid),
                "completed_at": closed_at,
                "closed_at": closed_at,
                "flags": ["closes_before_opening"] if is_backwards else [],
            }
        )
    assert sum(bool(row["flags"]) for row in rows) == 197
    for start in range(0, len(rows), 10_000):
        db.session.execute(insert(Ticket), rows[start : start + 10_000])
    db.session.commit()


def instant(text: object) -> Any:
    if not isinstance(text, str):
        return None
    return datetime.strptime(text, FORMAT).replace(tzinfo=ZoneInfo(BOSTON))


def ticket(received_at: datetime) -> dict[str, Any]:
    return {
        "state": "accepted", "category": "burst", "level": 1, "flags": [],
        "received_at": received_at, "changed_at": received_at,
    }  # fmt: skip

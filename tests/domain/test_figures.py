"""Do the figures of each group stand side by side, exact, dated and complete?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from dispatch.domain import figures
from dispatch.domain.figures import By, figures_for, group_by, ranked
from dispatch.domain.samples import percentiles
from dispatch.domain.stages import Stage, durations
from dispatch.domain.stories import VisitStory
from tests.domain.story_samples import after, fixed, story, worked_example

BOSTON = ZoneInfo("America/New_York")
NOW = after(days=60)


def rows_for(stories, by=None, *, now=NOW, later=()):
    return figures_for(stories, by=by, zone=BOSTON, now=now, later=later)


def test_the_row_of_the_worked_example_has_the_shape_of_the_command():
    row = rows_for([worked_example()], By.GRID)[0].as_json()
    assert (row["key"], row["n"], row["opened"], row["closed"]) == ("Town", 1, 1, 1)
    assert row["attainment_30"] == 1.0
    seconds = 29 * 60 + 59
    assert row["response_minutes"] == {
        **dict.fromkeys(("p50", "p80", "p90", "p95", "max"), seconds / 60),
        "n": 1,
    }
    assert row["repair_minutes"]["max"] == 70.0
    assert (row["first_time_fix"]["rate"], row["first_time_fix"]["provisional"]) == (1.0, 0)
    assert row["five_ones"]["one_team"]["rate"] == 0.0
    assert json.loads(json.dumps(row, allow_nan=False)) == row


def test_a_figure_without_data_is_null():
    row = rows_for([])[0].as_json()
    assert row["key"] is None
    assert row["n"] == 0
    for name in ("attainment_30", "response_minutes", "repair_minutes", "first_time_fix"):
        assert row[name] is None
    assert row["circle_attainment"]["rate"] is None
    assert rows_for([], By.GRID) == []


def test_figures_carry_the_instant_they_stand_for():
    one = story(arrive_due_at=after(30))
    yesterday, today = rows_for([one], now=after(10))[0], rows_for([one], now=after(31))[0]
    assert (yesterday.attainment_30.rate, today.attainment_30.rate) == (None, 0.0)
    assert yesterday.as_json()["as_of"] == after(10).isoformat()


def test_the_hour_is_the_one_on_the_wall_and_both_of_autumn_share_it():
    times = [datetime(2015, 11, 1, hour, 30, tzinfo=UTC) for hour in (4, 5, 6)]
    groups = group_by([story(received_at=at) for at in times], By.HOUR, BOSTON)
    assert {hour: len(group) for hour, group in groups.items()} == {0: 1, 1: 2}


def test_the_spring_night_has_no_second_hour():
    first = datetime(2015, 3, 8, 5, 0, tzinfo=UTC)
    stories = [story(received_at=first + timedelta(hours=hour)) for hour in range(4)]
    assert list(group_by(stories, By.HOUR, BOSTON)) == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("by", "facts"),
    [
        (By.GRID, [{"grid": "B"}, {"grid": None}, {"grid": "A"}]),
        (By.TEAM, [{"team": "B"}, {"team": None}, {"team": "A"}]),
        (By.LEVEL, [{"level": 2}, {"level": None}, {"level": 1}]),
    ],
)
def test_keys_are_in_order_and_those_without_come_last(by, facts):
    keys = list(group_by([story(**one) for one in facts], by, BOSTON))
    assert keys == [*sorted(key for key in keys if key is not None), None]


def test_tickets_group_by_category_and_storm():
    stories = [story(storm=True), story(category="leak")]
    assert list(group_by(stories, By.CATEGORY, BOSTON)) == ["burst", "leak"]
    assert list(group_by(stories, By.STORM, BOSTON)) == [False, True]


def test_attainment_is_split_by_the_evidence_and_what_nobody_reached_stands_apart():
    told = VisitStory(arrived_at=after(20), grade="crew_only")
    due = {"arrive_due_at": after(30)}
    stories = [story(**due), story(**due, arrived_at=after(20), visits=(told,))]
    rows = rows_for(stories, By.EVIDENCE)
    assert [(row.key, row.circle.rate, row.circle.n) for row in rows] == [
        ("crew_only", 1.0, 1),
        (None, 0.0, 1),
    ]


def test_a_fault_that_came_back_after_the_range_is_seen():
    another = story(received_at=after(days=9), household="H1")
    row = rows_for([fixed()], later=[another])[0]
    assert (row.n, row.first_time_fix.share.hits) == (1, 0)
    assert [one.share.hits for one in row.repeat] == [0, 1, 1]


def test_a_fault_that_came_back_in_another_group_is_seen():
    another = story(received_at=after(days=2), household="H1", grid="B")
    rows = rows_for([fixed(grid="A"), another], By.GRID)
    assert rows[0].first_time_fix.share.hits == 0


def test_a_team_with_one_ticket_is_not_at_the_top():
    lucky = [worked_example(team="Lucky")]
    good = [worked_example(team="Good", arrived_at=after(20 + i)) for i in range(20)]
    fair = [worked_example(team="Fair", arrived_at=after(15 + i)) for i in range(20)]
    rows = rows_for([*lucky, *good, *fair], By.TEAM)
    assert [row.key for row in ranked(rows)] == ["Fair", "Good"]
    assert {row.key: row.greyed for row in rows} == {"Fair": False, "Good": False, "Lucky": True}


def test_every_figure_says_its_formula_and_its_source():
    shown = ("durations", "attainment", "circle_attainment", "attainment_30", "first_time_fix")
    shown += ("return_visit_causes", "repeat_rate", "five_ones", "satisfaction", "flow")
    for name in shown:
        text = getattr(figures, name, None) or pytest.fail(f"{name} is not used by the row")
        assert "In:" in text.__doc__ or "in and out as" in text.__doc__, name
        assert "metrics.md" in text.__doc__, name
        assert "Formula" in text.__doc__, name


def test_a_thousand_tickets_by_grid_and_hour_agree_with_pandas():
    rng = np.random.default_rng(7)
    start = datetime(2015, 10, 30, 12, tzinfo=UTC)
    frame = pd.DataFrame(
        {
            "received": pd.to_datetime(start)
            + pd.to_timedelta(rng.integers(0, 4 * 86400, 1000), "s"),
            "seconds": rng.integers(-60, 7200, 1000),
            "grid": rng.choice(["A", "B", "C"], 1000),
        }
    )
    frame["hour"] = frame["received"].dt.tz_convert("America/New_York").dt.hour
    stories = [
        story(
            received_at=row.received.to_pydatetime(),
            completed_at=(row.received + pd.Timedelta(seconds=row.seconds)).to_pydatetime(),
            grid=row.grid,
        )
        for row in frame.itertuples()
    ]
    for by in (By.GRID, By.HOUR):
        measured = frame[frame["seconds"] >= 0].groupby(by.value)["seconds"]
        sizes = frame.groupby(by.value).size()
        for row in rows_for(stories, by):
            ours, theirs = row.stages[Stage.REPAIR], measured.get_group(row.key)
            assert (row.n, ours.n, ours.max) == (sizes[row.key], len(theirs), theirs.max())
            spread = [ours.p50, ours.p80, ours.p90, ours.p95]
            assert spread == pytest.approx(theirs.quantile([0.5, 0.8, 0.9, 0.95]).tolist())


@pytest.mark.shared_data
def test_a_year_of_a_city_agrees_with_pandas_to_the_second(shared_data):
    frame = pd.read_csv(shared_data / "boston311_2015.csv.gz", dtype=str, encoding_errors="replace")
    times = {"OPEN_DT": "received", "CLOSED_DT": "closed"}
    for theirs, ours in times.items():
        local = pd.to_datetime(frame[theirs], format="%m/%d/%Y %I:%M:%S %p")
        frame[ours] = local.dt.tz_localize(BOSTON, ambiguous=True, nonexistent="shift_forward")
    frame["seconds"] = (frame["closed"] - frame["received"]).dt.total_seconds()
    stories = [
        story(
            received_at=row.received.to_pydatetime(),
            completed_at=None if row.closed is pd.NaT else row.closed.to_pydatetime(),
            category=row.TYPE,
        )
        for row in frame.itertuples()
    ]
    assert len(stories) == 121_245
    frame["hour"] = frame["received"].dt.hour
    for by, name in ((By.HOUR, "hour"), (By.CATEGORY, "TYPE")):
        sizes = frame.groupby(name).size()
        measured = frame[frame["seconds"] >= 0].groupby(name)["seconds"]
        spread = measured.quantile([0.5, 0.8, 0.9, 0.95, 1.0]).unstack()  # noqa: PD010  not a pivot of a frame
        groups = group_by(stories, by, BOSTON)
        assert {key: len(group) for key, group in groups.items()} == sizes.to_dict()
        for key, group in groups.items():
            ours = percentiles(durations(group)[Stage.REPAIR])
            if ours is None:
                assert key not in spread.index
                continue
            found = [ours.p50, ours.p80, ours.p90, ours.p95, ours.max]
            assert found == pytest.approx(spread.loc[key].tolist(), abs=1e-3)
            assert ours.n == measured.size()[key]

"""Are the speeds of the day found in drives that were driven at them, and is the error honest?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dispatch.domain.travel import great_circle_pairs
from dispatch.domain.travel_fit import FEWEST_DRIVES, fit_drives

STAMPS = ("response_timestamp", "on_scene_timestamp")


def drives(count, *, noise=0.2, seed=5):
    """Return drives at 0.15 seconds a metre, and at 0.3 from 17 to 19 o'clock."""
    random = np.random.default_rng(seed)
    metres = random.uniform(1_000, 9_000, count)
    hours = random.integers(6, 20, count)
    pace = np.where(hours >= 17, 0.3, 0.15)
    return metres, metres * pace * random.lognormal(0, noise, count), hours


def test_each_hour_gets_its_own_pace():
    fit = fit_drives(*drives(5_000))
    assert fit.pace[8] == pytest.approx(0.15, rel=0.05)
    assert fit.pace[18] == pytest.approx(0.3, rel=0.05)
    assert (fit.n, fit.left_out) == (5_000, 0)
    assert sum(fit.n_by_hour) == 5_000


def test_an_hour_without_drives_has_the_pace_of_the_day():
    metres, seconds, hours = drives(2_000)
    fit = fit_drives(metres, seconds, hours)
    assert fit.n_by_hour[3] == 0
    assert fit.pace[3] == pytest.approx(np.median(seconds / metres))


def test_a_single_strange_drive_moves_its_hour_little():
    metres, seconds, hours = drives(1_000)
    alone = np.append(metres, 5_000.0), np.append(seconds, 5_000.0), np.append(hours, 3)
    assert fit_drives(*alone).pace[3] == pytest.approx(fit_drives(*drives(1_000)).pace[3], rel=0.15)


def test_what_cannot_have_been_a_drive_is_left_out():
    metres, seconds, hours = drives(100)
    metres[:6] = [10, 5_000, 5_000, 5_000, 90_000, 5_000]
    seconds[:6] = [300, 5, -600, 90_000, 600, np.nan]
    fit = fit_drives(metres, seconds, hours)
    assert (fit.n, fit.left_out) == (94, 6)


def test_too_few_drives_say_nothing():
    assert fit_drives(*drives(FEWEST_DRIVES - 1)) is None
    assert fit_drives(*drives(FEWEST_DRIVES)) is not None
    nothing = np.empty(0)
    assert fit_drives(nothing, nothing, nothing.astype(int)) is None


def test_the_error_is_that_of_drives_that_were_not_fitted():
    fit = fit_drives(*drives(5_000, noise=0.2))
    # Half of a normal distribution lies within 0.674 deviations; the median drive is 5 km.
    assert fit.error_minutes < fit.usual_error_minutes
    assert fit.spread == pytest.approx(0.2, rel=0.1)
    assert fit_drives(*drives(500, noise=0.0)).spread == 0.05


def test_the_straight_line_drives_what_was_fitted():
    fit = fit_drives(*drives(5_000))
    line = fit.straight_line()
    places = np.array([[28.2, 113.0]]), np.array([[28.25, 113.05]])
    metres = great_circle_pairs(*places).item()
    assert line.seconds(*places, 18).item() == pytest.approx(metres * fit.pace[18])
    assert line.spread == fit.spread


@pytest.mark.shared_data
def test_engines_of_san_francisco_are_fitted_better_than_by_the_usual_speed(shared_data):
    calls = pd.read_csv(shared_data / "sf_fire_dispatch.csv")
    for name in STAMPS:
        calls[name] = pd.to_datetime(calls[name].str.removesuffix(" UTC"))
    stations = calls.groupby("station_area")[["latitude", "longitude"]].median()
    calls["home"] = calls["unit_id"].str.extract(r"^[ET](\d+)$")[0].astype(float)
    calls = calls[calls["home"].isin(stations.index) & calls[list(STAMPS)].notna().all(axis=1)]
    metres = great_circle_pairs(
        stations.loc[calls["home"]].to_numpy(), calls[["latitude", "longitude"]].to_numpy()
    )
    seconds = (calls[STAMPS[1]] - calls[STAMPS[0]]).dt.total_seconds().to_numpy()
    fit = fit_drives(metres, seconds, calls[STAMPS[0]].dt.hour.to_numpy())
    assert fit.n > 2_000
    assert fit.error_minutes < 1.1 < fit.usual_error_minutes
    assert 0.15 < min(fit.pace) < max(fit.pace) < 0.3

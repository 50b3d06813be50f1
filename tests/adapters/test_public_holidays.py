"""Does the kept library know the days off that a calendar needs?"""

from __future__ import annotations

from datetime import date

import pytest

from dispatch.adapters.public_holidays import (
    known_countries,
    known_subdivisions,
    public_holidays,
)
from dispatch.domain.errors import Invalid


def test_china_has_holidays_and_make_up_days_in_its_own_words():
    found = public_holidays("CN", "", 2025, language="zh_CN")
    assert {date(2025, 10, day) for day in (1, 2, 3, 6, 7, 8)} <= found.holidays.keys()
    assert "国庆节" in found.holidays[date(2025, 10, 1)]
    assert sorted(found.working) == [
        date(2025, 1, 26),
        date(2025, 2, 8),
        date(2025, 4, 27),
        date(2025, 9, 28),
        date(2025, 10, 11),
    ]
    assert found.is_announced


def test_a_year_whose_make_up_days_nobody_knows_says_so():
    years = (public_holidays("CN", "", year, language="en_US") for year in range(2026, 2090))
    found = next(days for days in years if not days.working)
    assert not found.is_announced
    assert date(found.year, 1, 1) in found.holidays


def test_a_country_without_make_up_days_is_always_announced():
    found = public_holidays("US", "MA", 2027, language="zh_CN")
    assert found.is_announced
    assert date(2027, 4, 19) in found.holidays


@pytest.mark.parametrize(
    ("country", "subdivision", "year", "field"),
    [("XX", "", 2026, "country"), ("US", "ZZ", 2026, "subdivision"), ("CN", "", 1900, "year")],
)
def test_what_the_library_does_not_know_is_named(country, subdivision, year, field):
    with pytest.raises(Invalid) as refused:
        public_holidays(country, subdivision, year, language="en_US")
    assert set(refused.value.fields) == {field}


def test_countries_and_their_parts_are_listed():
    assert "CN" in known_countries()
    assert "MA" in known_subdivisions("US")
    assert known_subdivisions("XX") == []

"""Is a reading kept exactly, in one unit, and is a slip of the finger named?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.errors import Invalid
from dispatch.domain.site_readings import READINGS, check_reading, readings_of, went_back


@pytest.mark.parametrize(
    ("kind", "value", "unit", "kept"),
    [
        ("pressure", "352", "kPa", "352"),
        ("pressure", "3.5", "bar", "350"),
        ("pressure", "0.35", "MPa", "350"),
        ("pressure", "0,35", "MPa", "350"),
        ("pressure", "３．５", "bar", "350"),
        ("pressure", " 0 ", "", "0"),
        ("pressure", "-0", "kPa", "0"),
        ("pressure", 2500, "kPa", "2500"),
        ("meter", "01234.5678", "m³", "1234.5678"),
        ("meter", "1 234", "m³", "1234"),
        ("meter", "500", "L", "0.5"),
        ("chlorine", "0.05", "mg/L", "0.05"),
        ("turbidity", "1", "NTU", "1"),
    ],
)
def test_a_reading_is_kept_in_its_unit(kind, value, unit, kept):
    reading = check_reading(kind, value, unit, "before")
    facts = reading.as_facts()
    assert (facts["value"], facts["unit"], facts["when"]) == (kept, READINGS[kind].unit, "before")


@pytest.mark.parametrize(
    ("kind", "value", "unit", "when", "field"),
    [
        ("weight", "1", "kg", "before", "reading"),
        ("pressure", "1", "psi", "before", "unit"),
        ("pressure", "1", "kPa", "soon", "when"),
        ("pressure", "", "kPa", "after", "value"),
        ("pressure", "nan", "kPa", "after", "value"),
        ("pressure", "inf", "kPa", "after", "value"),
        ("pressure", "1e3", "kPa", "after", "value"),
        ("pressure", "1_0", "kPa", "after", "value"),
        ("pressure", "٣", "kPa", "after", "value"),
        ("pressure", "1,000,000", "kPa", "after", "value"),
        ("pressure", True, "kPa", "after", "value"),
        ("pressure", "1" * 16, "kPa", "after", "value"),
        ("pressure", "-1", "kPa", "after", "value"),
        ("pressure", "350", "bar", "after", "value"),
        ("chlorine", "11", "mg/L", "after", "value"),
    ],
)
def test_what_cannot_be_read_is_named(kind, value, unit, when, field):
    with pytest.raises(Invalid) as refused:
        check_reading(kind, value, unit, when)
    assert set(refused.value.fields) == {field}


def test_a_wrong_unit_is_told_with_the_range_and_what_was_typed():
    with pytest.raises(Invalid) as refused:
        check_reading("pressure", "350", "bar", "before")
    said = str(refused.value.sentence)
    assert "between 0 and 2500 kPa; you typed 350 bar" in said


@given(st.decimals(0, 2500, places=1), st.sampled_from(sorted(READINGS["pressure"].units)))
def test_every_pressure_of_the_range_keeps_its_size(kpa, unit):
    typed = kpa / READINGS["pressure"].units[unit]
    reading = check_reading("pressure", f"{typed:f}", unit, "after")
    assert Decimal(reading.value) == kpa


def test_each_kind_of_fault_asks_for_readings_that_there_are():
    for rule in CATEGORIES:
        assert set(readings_of(rule.key)) <= set(READINGS)
    assert readings_of("water_quality") == ("chlorine", "turbidity")


def test_a_meter_that_shows_less_is_seen():
    assert went_back("100", "9.5")
    assert not went_back("9.5", "100")
    assert not went_back(None, "100")
    assert not went_back("100", None)

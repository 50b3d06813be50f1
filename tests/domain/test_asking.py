"""Are people asked only at decent hours, and are wrong rules refused with the field named?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.asking import DEFAULT_ASKING, AskingRules
from dispatch.domain.errors import Invalid

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(DAYS)
def test_nobody_is_asked_outside_the_hours_and_nobody_earlier_than_told(at):
    found = DEFAULT_ASKING.within_hours(at, ZONE)
    local = found.astimezone(ZONE)
    assert 9 <= local.hour < 20
    assert timedelta() <= found - at <= timedelta(hours=13)


def test_inside_the_hours_nothing_waits():
    at = datetime(2026, 3, 2, 15, 7, tzinfo=ZONE)
    assert DEFAULT_ASKING.within_hours(at, ZONE) == at


def test_rules_are_read_as_they_were_written():
    rules = AskingRules(later_levels=(1,), left_out=("burst",), hours=(480, 1200), audit_percent=9)
    assert AskingRules.from_json(json.loads(json.dumps(rules.as_json()))) == rules


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours", ["20:00", "09:00"]),
        ("hours", ["20:00"]),
        ("same_day_levels", [5]),
        ("later_levels", "all"),
        ("left_out", ["no water"]),
        ("left_out", [3]),
        ("tries", 0),
        ("retry_minutes", 1),
        ("audit_percent", 101),
        ("link_after_minutes", -1),
        ("later_days", 0),
        ("unknown", 1),
    ],
)
def test_a_wrong_rule_is_refused_by_its_name(field, value):
    with pytest.raises(Invalid) as refused:
        AskingRules.from_json(DEFAULT_ASKING.as_json() | {field: value}, "asking")
    [named] = refused.value.fields
    assert named.startswith(f"asking.{field}")


def test_levels_that_do_not_exist_are_refused_in_code_too():
    with pytest.raises(Invalid):
        AskingRules(same_day_levels=(0,))

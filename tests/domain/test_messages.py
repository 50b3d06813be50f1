"""Is a message tried while it helps somebody, and kept for the morning when it can wait?"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.messages import (
    LIFETIME,
    Urgency,
    is_too_old,
    next_try,
    public_id,
    quiet_until,
    read_quiet_hours,
    waits_for_morning,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CHINA = ZoneInfo("Asia/Shanghai")


def waits(urgency):
    found, tries = [], 0
    while (at := next_try(urgency, tries, NOW)) is not None:
        found.append((at - NOW).total_seconds())
        tries += 1
    return found


def test_a_warning_is_tried_five_times_within_two_minutes():
    assert waits(Urgency.WARNING) == [0, 5, 15, 30, 60]


def test_a_webhook_is_tried_ten_times_over_75_hours():
    found = waits(Urgency.WEBHOOK)
    assert len(found) == 10
    assert sum(found) == 75 * 3600


@pytest.mark.parametrize("urgency", Urgency)
def test_the_last_try_comes_before_the_message_is_too_old(urgency):
    assert timedelta(seconds=sum(waits(urgency))) < LIFETIME[urgency]
    assert not is_too_old(urgency, NOW, NOW + LIFETIME[urgency])
    assert is_too_old(urgency, NOW, NOW + LIFETIME[urgency] + timedelta(seconds=1))


def test_only_the_ordinary_waits_for_the_morning():
    assert [each for each in Urgency if waits_for_morning(each)] == [Urgency.ORDINARY]


def test_the_id_that_goes_out_is_stable_and_tells_nothing():
    assert public_id("event/secret-token") == public_id("event/secret-token")
    assert public_id("a") != public_id("b")
    assert "secret" not in public_id("event/secret-token")
    assert public_id("a").startswith("msg_")


@pytest.mark.parametrize("text", ["22:00", "22-7", "25:00-07:00", "07:00-07:00", "night"])
def test_hours_that_make_no_sense_are_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        read_quiet_hours(text)


def test_no_hours_are_never_quiet():
    assert read_quiet_hours(" ") is None
    assert quiet_until(None, CHINA, NOW) is None


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-03-02 21:59", None), ("2026-03-02 22:00", "2026-03-03 07:00"),
        ("2026-03-03 06:59", "2026-03-03 07:00"), ("2026-03-03 07:00", None),
    ],
)  # fmt: skip
def test_the_night_ends_in_the_utilitys_morning(local, until):
    quiet = read_quiet_hours("22:00-07:00")
    at = datetime.fromisoformat(local).replace(tzinfo=CHINA).astimezone(UTC)
    wanted = until and datetime.fromisoformat(until).replace(tzinfo=CHINA)
    assert quiet_until(quiet, CHINA, at) == wanted


def test_a_nap_at_noon_ends_on_its_day():
    quiet = read_quiet_hours("12:00-14:00")
    assert quiet == (time(12), time(14))
    at = datetime(2026, 3, 2, 12, 30, tzinfo=CHINA)
    assert quiet_until(quiet, CHINA, at) == datetime(2026, 3, 2, 14, tzinfo=CHINA)
    assert quiet_until(quiet, CHINA, at + timedelta(hours=2)) is None

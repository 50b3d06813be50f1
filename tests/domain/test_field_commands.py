"""When was a tap made that a phone sent later, and which taps are steps?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.actions.steps import STEPS
from dispatch.domain.field_commands import FACTS, TRANSITIONS, FieldCommand, PhoneClock
from dispatch.domain.offline_time import TimeQuality

OFFERED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RECEIVED = OFFERED + timedelta(minutes=60)
CLOCK = PhoneClock("a", mono_ms=3_600_000.0, offset_seconds=-600.0)


def happened(clock=CLOCK, **told: object):
    command = FieldCommand(uuid="x", sequence=1, ticket="W000001", kind="arrive", **told)
    found = command.happened(clock, received_at=RECEIVED, offered_at=OFFERED)
    return (found.at - OFFERED).total_seconds() / 60, found.quality


def test_every_kind_is_a_step_that_exists():
    assert set(STEPS) >= TRANSITIONS | FACTS
    assert not TRANSITIONS & FACTS


def test_within_a_session_the_time_since_counts_whatever_the_clock_says():
    wrong = OFFERED + timedelta(hours=9)
    assert happened(session="a", mono_ms=600_000.0, told_at=wrong) == (
        10, TimeQuality.OFFLINE_TRUSTED,
    )  # fmt: skip


@pytest.mark.parametrize("session", ["b", ""])
def test_after_a_restart_the_phones_clock_counts_with_the_offset_of_the_tap(session):
    told = {"session": session, "mono_ms": 600_000.0}
    at = OFFERED + timedelta(minutes=30)
    assert happened(**told, told_at=at)[0] == 20
    assert happened(**told, told_at=at, offset_seconds=-300.0)[0] == 25
    assert happened(**told, told_at=at, offset_seconds=0.0)[0] == 30


def test_without_any_clock_it_is_the_receipt():
    assert happened(clock=PhoneClock("a")) == (60, TimeQuality.ONLINE)


def test_it_is_never_before_the_offer_nor_after_the_receipt():
    for hours, minutes in ((-5, 0), (5, 60)):
        at = OFFERED + timedelta(hours=hours)
        assert happened(told_at=at, offset_seconds=0.0)[0] == minutes

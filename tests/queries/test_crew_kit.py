"""Does a crew see what to load, to see to and to read, and what it has written down?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.permissions import Scope
from dispatch.queries.crew_day import crew_day
from dispatch.queries.crew_kit import brings_of_day, crew_kit
from tests.trips import another_ticket, open_burst, send, step, steward, work

OWN = Scope(crew_id=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sent(session, now):
    """One burst main, and crew W1 sent to it."""
    open_burst(now)
    send(1, 1, now)


def kit(now):
    return crew_kit("W000001", OWN, now)


def test_before_it_sets_off_a_crew_ticks_what_it_loads(sent, now):
    shown = kit(now)
    assert (shown.stage, shown.bring[0].item, shown.skipped) == ("load", "clamps_150", ())
    assert not any(row.is_ticked for row in shown.bring)
    step(1, "tick", steward(1), now, list="bring", item="pumps", done="yes")
    assert [row.item for row in kit(now).bring if row.is_ticked] == ["pumps"]


def test_the_stage_follows_the_visit(sent, now):
    stages = []
    for name in ("acknowledge", "set-off", "arrive", "start", "complete"):
        step(1, name, steward(1), now)
        stages.append(kit(now).stage)
    assert stages == ["load", "road", "work", "work", "over"]
    assert crew_kit("W000001", Scope(everything=True), now).stage == "over"


def test_safety_steps_that_are_open_when_work_begins_are_named(sent, now):
    at = work(1, 1, now, until="arrive")
    step(1, "tick", steward(1), at, list="safety", item="traffic")
    assert kit(at).skipped == ()
    step(1, "start", steward(1), at)
    assert len(kit(at).skipped) == 3


def test_readings_and_parts_are_shown_in_words(sent, now):
    at = work(1, 1, now, until="arrive")
    for value, when in (("1 000", "before"), ("2", "after")):
        step(1, "reading", steward(1), at, reading="meter", value=value, unit="m³", when=when)
    step(1, "parts", steward(1), at, item="valves", count="2")
    shown = kit(at)
    assert [str(each.words) for each in shown.read] == [
        "Meter, before: 1000 m³",
        "Meter, after: 2 m³",
    ]
    [pressure, meter] = shown.readings
    assert (pressure.before, pressure.went_back) == (None, False)
    assert (meter.before, meter.after, meter.went_back) == ("1000", "2", True)
    assert [(str(name), count) for name, count in shown.used] == [("Gate valve", 2)]
    assert "pumps" in dict(shown.missing)
    assert "pumps" not in dict(shown.parts)


def test_the_day_lists_what_to_load_until_the_crew_sets_off(sent, now):
    another_ticket(now, category="meter_leak")
    send(2, 1, now)
    step(1, "tick", steward(1), now, list="bring", item="pumps")
    work(2, 1, now, until="set-off")
    day = crew_day(1, day_began_at=now - timedelta(hours=1), now=now)
    brings = brings_of_day(day, OWN, now)
    assert set(brings) == {"W000001"}
    assert brings["W000001"].loaded == 1
    assert brings["W000001"].lines[0].item == "clamps_150"

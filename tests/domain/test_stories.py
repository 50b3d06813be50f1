"""Does a story keep the effective times, in one zone?"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.stories import AnswerStory, TicketStory, VisitStory
from tests.domain.story_samples import after, story


def test_a_story_knows_no_time_of_a_row():
    assert not {f.name for f in fields(TicketStory)} & {"updated_at", "modified_at", "created_at"}
    with pytest.raises(TypeError):
        story(updated_at=datetime.now(UTC))


def test_times_of_one_zone_are_subtracted_as_instants():
    boston = ZoneInfo("America/New_York")
    before = datetime(2015, 3, 8, 1, 50, tzinfo=boston)
    behind = datetime(2015, 3, 8, 3, 10, tzinfo=boston)
    one = story(received_at=before, arrived_at=behind)
    assert one.arrived_at - one.received_at == timedelta(minutes=20)
    assert one.received_at.tzinfo is UTC


@pytest.mark.parametrize("kind", [VisitStory, AnswerStory])
def test_times_inside_a_story_are_brought_to_utc(kind):
    at = datetime(2026, 1, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
    one = VisitStory(arrived_at=at) if kind is VisitStory else AnswerStory(asked_at=at)
    assert getattr(one, one.TIMES[0]).hour == 0


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        story(received_at=datetime(2026, 1, 1))  # noqa: DTZ001  the fault under test


def test_every_time_of_a_ticket_is_brought_to_utc():
    named = {f.name for f in fields(TicketStory) if f.name.endswith("_at")}
    assert named == set(TicketStory.TIMES)


def test_the_evidence_is_that_of_the_first_visit_that_arrived():
    never = VisitStory(grade="disputed")
    late = VisitStory(arrived_at=after(40), grade="confirmed")
    first = VisitStory(arrived_at=after(20), grade="crew_only")
    assert story(visits=(never, late, first)).evidence == "crew_only"
    assert story(visits=(never,)).evidence is None
    assert story().evidence is None

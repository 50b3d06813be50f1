"""Is a notice drafted, published, extended and ended once each, with everything on record?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatch.actions.notices import (
    change_notice,
    draft_notice,
    end_notice,
    extend_notice,
    publish_notice,
    resume_notice,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Stale
from dispatch.domain.notices import NoticeState
from dispatch.models.notices import NoticeEvent, NoticeRow
from dispatch.queries.notices import story_of, times_of
from tests.factories import DESK, make_city, make_ticket
from tests.notices import HOUR, announce, wish


@pytest.fixture
def city(session, now):
    with transaction():
        make_city(now)
        make_ticket(now)


@pytest.fixture
def drawn(city, now):
    with transaction():
        return draft_notice(wish(now, ticket="W1"), actor=DESK, now=now)


def seen(row, now, **more: Any):
    return {"actor": DESK, "now": now, "seen_version": row.version} | more


def test_a_draft_holds_the_area_of_its_grids_and_of_what_was_drawn(city, now):
    corner = shapely.box(113.0, 28.1, 113.01, 28.11)
    with transaction():
        row = draft_notice(wish(now, outline=corner, area="", area_zh=""), actor=DESK, now=now)
    assert shapely.from_geojson(text_of(row)).contains(shapely.Point(113.005, 28.105))
    assert (row.grids, row.area, row.area_zh, row.ticket_id) == (["West"], "West", "West", None)
    assert row.outline["type"] == "Polygon"
    assert str(times_of(row).state(now)) == "draft"


def text_of(row):
    import json  # noqa: PLC0415  only this test reads shapes

    return json.dumps(row.geometry)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"kind": "storm"}, "kind"),
        ({"categories": ("bill",)}, "categories"),
        ({"grids": ()}, "grids"),
        ({"grids": ("Nowhere",)}, "grids"),
    ],
)
def test_what_no_notice_can_say_is_refused_beside_its_field(city, now, told, field):
    with pytest.raises(Invalid) as refused, transaction():
        draft_notice(wish(now, **told), actor=DESK, now=now)
    assert field in refused.value.fields


def test_a_ticket_must_be_there(city, now):
    with pytest.raises(NotFound), transaction():
        draft_notice(wish(now, ticket="W99"), actor=DESK, now=now)


def test_each_step_is_on_record_with_who_and_when(drawn, now):
    later = now + timedelta(minutes=5)
    with transaction():
        publish_notice(drawn.id, **seen(drawn, now))
    with transaction():
        change_notice(drawn.id, wish(now, ticket="W1", text="Mended soon."), **seen(drawn, later))
    with transaction():
        extend_notice(drawn.id, now + 5 * HOUR, reason=" second leak ", **seen(drawn, later))
    with transaction():
        end_notice(drawn.id, reason="water is back", **seen(drawn, later))
    story = story_of(drawn.id)
    assert [each.kind for each in story] == ["drafted", "published", "changed", "extended", "ended"]
    assert {each.author for each in story} == {DESK.name}
    assert story[2].facts["was"] == {
        "text": "A main has burst. Water comes back when it is mended."
    }
    assert story[3].facts["reason"] == "second leak"
    assert (drawn.ends_at, drawn.ended_at) == (now + 5 * HOUR, later)


def test_an_early_end_is_taken_back_until_the_announced_end(drawn, now):
    later = now + timedelta(hours=1)
    with transaction():
        publish_notice(drawn.id, **seen(drawn, now))
    with pytest.raises(Forbidden), transaction():
        resume_notice(drawn.id, **seen(drawn, now))
    with transaction():
        end_notice(drawn.id, **seen(drawn, later))
    with transaction():
        resume_notice(drawn.id, reason="wrong street", **seen(drawn, later))
    assert (drawn.ended_at, story_of(drawn.id)[-1].kind) == (None, "resumed")
    assert story_of(drawn.id)[-1].facts == {"was": later.isoformat(), "reason": "wrong street"}
    with transaction():
        end_notice(drawn.id, **seen(drawn, later))
    with pytest.raises(Forbidden), transaction():
        resume_notice(drawn.id, **seen(drawn, drawn.ends_at))


def test_a_dropped_draft_comes_back(drawn, now):
    with transaction():
        end_notice(drawn.id, **seen(drawn, now))
    with transaction():
        resume_notice(drawn.id, **seen(drawn, now))
    assert times_of(drawn).state(now) is NoticeState.DRAFT


def test_the_record_can_be_neither_changed_nor_deleted(session, drawn):
    for statement in ("UPDATE notice_event SET author = 'x'", "DELETE FROM notice_event"):
        with pytest.raises(DBAPIError), transaction():
            session.execute(text(statement))
    assert session.query(NoticeEvent).count() == 1


def test_both_languages_are_needed_to_publish_and_to_stay_published(city, now):
    with transaction():
        row = draft_notice(wish(now, text_zh=""), actor=DESK, now=now)
    with pytest.raises(Invalid) as refused, transaction():
        publish_notice(row.id, **seen(row, now))
    assert set(refused.value.fields) == {"text_zh"}
    with transaction():
        published = announce(now)
    with pytest.raises(Invalid), transaction():
        change_notice(published.id, wish(now, text=""), **seen(published, now))


def test_a_draft_is_dropped_and_what_has_ended_stays_as_it_is(session, drawn, now):
    with transaction():
        end_notice(drawn.id, **seen(drawn, now))
    assert [each.kind for each in story_of(drawn.id)] == ["drafted", "dropped"]
    for act in (publish_notice, end_notice):
        with pytest.raises(Forbidden), transaction():
            act(drawn.id, **seen(drawn, now))
    assert session.query(NoticeRow).count() == 1


def test_nothing_is_published_twice_or_over_the_change_of_another(drawn, now):
    with transaction():
        publish_notice(drawn.id, **seen(drawn, now))
    with pytest.raises(Forbidden), transaction():
        publish_notice(drawn.id, **seen(drawn, now))
    with pytest.raises(Stale), transaction():
        extend_notice(drawn.id, now + 9 * HOUR, **seen(drawn, now, seen_version=1))
    with pytest.raises(NotFound), transaction():
        end_notice(99, **seen(drawn, now))


def test_a_draft_whose_end_has_passed_is_not_published(drawn, now):
    with pytest.raises(Invalid), transaction():
        publish_notice(drawn.id, **seen(drawn, now + 4 * HOUR))

"""Is a text put in force in versions, with its story, and brought back to the default?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.message_templates import store_template
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, Stale
from dispatch.models.messages import MessageTemplate
from dispatch.models.people import SettingsEvent
from dispatch.queries.message_templates import stored_texts, template_history, text_for
from tests.factories import DESK

KEY = ("arrived", "", "en")


def store(now, text, key=KEY, seen_version=None):
    with transaction():
        return store_template(*key, text, actor=DESK, now=now, seen_version=seen_version).version


def test_each_change_is_a_version_and_a_line_in_the_story(session, now):
    assert store(now, "The crew for {number} is here.") == 1
    assert store(now, "Here: {number}", seen_version=1) == 2
    assert store(now, " ") == 3
    assert [row.text for row in template_history(*KEY)] == [
        None, "Here: {number}", "The crew for {number} is here.",
    ]  # fmt: skip
    lines = session.scalars(select(SettingsEvent).order_by(SettingsEvent.id)).all()
    assert [(line.subject, line.subject_key) for line in lines] == [
        ("message_template", "arrived/en")
    ] * 3
    assert text_for(stored_texts(), "arrived", "burst", "en") is None


def test_a_category_of_its_own_comes_before_all(session, now):
    store(now, "all")
    store(now, "burst", ("arrived", "burst", "en"))
    stored = stored_texts()
    assert text_for(stored, "arrived", "burst", "en") == "burst"
    assert text_for(stored, "arrived", "leak", "en") == "all"
    assert text_for(stored, "arrived", "leak", "zh-CN") is None


def test_somebody_elses_version_is_not_overwritten(session, now):
    store(now, "first", seen_version=0)
    with pytest.raises(Stale):
        store(now, "second", seen_version=0)
    assert len(session.scalars(select(MessageTemplate)).all()) == 1


@pytest.mark.parametrize(
    ("key", "text", "field"),
    [
        (("nowhere", "", "en"), "x", "step"), (("arrived", "flood", "en"), "x", "category"),
        (("arrived", "", "fr"), "x", "language"), (KEY, "{nmuber}", "text"),
    ],
)  # fmt: skip
def test_a_wrong_text_leaves_nothing_half_saved(session, now, key, text, field):
    with pytest.raises(Invalid) as refusal:
        store(now, text, key)
    assert set(refusal.value.fields) == {field}
    assert session.scalars(select(MessageTemplate)).all() == []
    assert session.scalars(select(SettingsEvent)).all() == []

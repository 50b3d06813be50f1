"""Are messages worded in the language, with the fields, the zone and the text in force?"""

from __future__ import annotations

import pytest

from dispatch.message_words import (
    default_text,
    field_values,
    message_text,
    sample_content,
    subject,
    webhook_payload,
)
from dispatch.queries.message_templates import StoredText


@pytest.fixture
def settings(app):
    return app.config["SETTINGS"]


def test_the_override_in_force_is_filled(session, settings, now):
    stored = {("arrived", "", "en"): StoredText(1, "{number}, {category}, by {arrive_by}")}
    content = sample_content(now)
    assert (
        message_text("arrived", "en", content, settings, stored) == "W000042, Burst main, by 17:30"
    )
    assert "W000042" in message_text("arrived", "zh-CN", content, settings, stored)


def test_defaults_stand_in_both_languages(session):
    assert default_text("arrived", "en").startswith("{utility}: the crew for {number}")
    assert "{number}" in default_text("arrived", "zh-CN")
    assert "班组" in default_text("arrived", "zh-CN")
    assert "80 %" not in default_text("clock_warning", "en")


def test_staff_are_told_which_promise_is_at_stake(session, settings, now):
    values = field_values("zh-CN", sample_content(now) | {"late_ms": 120_000}, settings)
    assert (values["percent"], values["late"], values["due"]) == ("80", "2", "17:30")
    assert values["clock"] == "到场"


def test_unknown_facts_are_told_as_they_are(session, settings):
    values = field_values("en", {"category": "flood", "clock": "x"}, settings)
    assert (values["category"], values["clock"], values["due"]) == ("flood", "x", "")
    assert values["link"].endswith("/desk?ticket=")
    assert "percent" not in values
    assert field_values("en", {"due_at": "2026-03-02T09:30:00"}, settings)["due"] == "17:30"


def test_the_subject_names_the_utility_and_the_ticket(session, settings):
    assert subject("en", {"number": "W000001"}, settings) == "OneVisit Water: W000001"


def test_a_right_that_was_withdrawn_counts_at_once():
    content = {"kind": "arrived", "personal": {"address": "x"}, "recorded_at": "now"}
    assert "personal" not in webhook_payload(content, sees_personal=False)["data"]
    assert webhook_payload(content, sees_personal=True)["data"]["personal"] == {"address": "x"}
    assert webhook_payload({}, sees_personal=True)["type"] == "ticket.test"

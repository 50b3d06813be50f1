"""Are messages worded in the language, with the fields, the zone and the text in force?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.message_words import (
    default_text,
    field_values,
    message_text,
    push_words,
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


@pytest.mark.parametrize(
    ("language", "begins", "ends"),
    [("en", "2 Mar 17:30", "2 Mar 20:30"), ("zh-CN", "3月2日 17:30", "3月2日 20:30")],
)
def test_an_interruption_is_told_with_its_days(session, settings, now, language, begins, ends):
    values = field_values(language, sample_content(now, "notice_told"), settings)
    assert (values["begins"], values["ends"]) == (begins, ends)


def test_the_subject_names_the_utility_and_the_ticket(session, settings):
    assert subject("en", {"number": "W000001"}, settings) == "OneVisit Water: W000001"


def test_a_right_that_was_withdrawn_counts_at_once():
    content = {"kind": "arrived", "personal": {"address": "x"}, "recorded_at": "now"}
    assert "personal" not in webhook_payload(content, sees_personal=False)["data"]
    assert webhook_payload(content, sees_personal=True)["data"]["personal"] == {"address": "x"}
    assert webhook_payload({}, sees_personal=True)["type"] == "ticket.test"


ALERT = {
    "number": "W000042", "clock": "arrive", "fraction": 0.8, "state": "en_route",
    "due_at": "2026-03-02T09:36:30+00:00", "address": "Wuyi Road 12", "phone": "13800005678",
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "minutes", "title", "body"),
    [
        ("en", 0, "W000042 · Arrive 80 %", "6 min left – on the way"),
        ("en", 16.5, "W000042 · Arrive 80 %", "10 min overdue – on the way"),
        ("zh-CN", 0, "W000042 · 到场 80 %", "还剩 6 分钟，在途"),
    ],
)
@pytest.mark.usefixtures("session")
def test_a_push_says_number_clock_stage_and_minutes_alone(language, minutes, title, body):
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC) + timedelta(minutes=minutes)
    assert push_words("clock_warning", language, ALERT, at) == {
        "title": title, "body": body, "url": "/alerts/ticket/W000042", "lang": language,
        "number": "W000042",
    }  # fmt: skip


@pytest.mark.usefixtures("session")
def test_a_push_of_another_kind_says_no_more_than_that_something_waits(now):
    assert push_words("x", "en", {"text": "Chen Li, Wuyi Road 12"}, now) == {
        "title": "OneVisit", "body": "Something waits for you.", "url": "/alerts", "lang": "en",
        "number": "",
    }  # fmt: skip
    assert push_words("push_test", "en", {}, now)["url"] == "/account"
    untold = push_words("clock_warning", "en", ALERT | {"state": None}, now)
    assert untold["body"].endswith(" – W000042")


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("step", "title", "url", "number"),
    [
        ("crew_sent", "New ticket W000042", "/crew/W000042", "W000042"),
        ("crew_taken_away", "W000042 is not yours any more", "/crew", ""),
        ("crew_asked", "Take over W000042?", "/crew", ""),
    ],
)
def test_a_push_to_a_crew_leads_to_the_ticket_that_it_has(now, step, title, url, number):
    assert push_words(step, "en", ALERT, now, "Burst main") == {
        "title": title, "body": "Burst main", "url": url, "lang": "en", "number": number,
        "tag": "W000042",
    }  # fmt: skip

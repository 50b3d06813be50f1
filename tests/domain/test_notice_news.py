"""Does a subscriber hear of an interruption once, of its changes, and of an early end?"""

from __future__ import annotations

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.messages import Channel
from dispatch.domain.notice_news import (
    NEWS_NAMES,
    Heard,
    NewsStep,
    owed,
    read_recipient,
    recipient_key,
)

NOW, LATER = {"ends_at": "12:00"}, {"ends_at": "14:00"}


@pytest.mark.parametrize(
    ("heard", "facts", "step"),
    [
        (None, NOW, NewsStep.TOLD),
        (None, None, None),
        (Heard(NewsStep.TOLD, NOW), NOW, None),
        (Heard(NewsStep.TOLD, NOW), LATER, NewsStep.CHANGED),
        (Heard(NewsStep.CHANGED, LATER), LATER, None),
        (Heard(NewsStep.CHANGED, LATER), None, NewsStep.OVER),
        (Heard(NewsStep.OVER, NOW), None, None),
        (Heard(NewsStep.OVER, NOW), NOW, NewsStep.CHANGED),
    ],
)
def test_only_what_is_not_known_yet_is_told(heard, facts, step):
    assert owed(heard, facts) is step


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" 138 0000 5678 ", (Channel.SMS, "13800005678")),
        *[
            (f"{before}138-0000-5678", (Channel.SMS, "13800005678"))
            for before in ("86", "+86 ", "0086", "+86 0", "0")
        ],
        ("+1 381 234 5678", (Channel.SMS, "+13812345678")),
        ("8610 6655 1234", (Channel.SMS, "861066551234")),
        ("Chen.Li+Home@Example.org", (Channel.EMAIL, "chen.li+home@example.org")),
    ],
)
def test_a_number_and_an_address_are_told_apart_and_spelt_in_one_way(typed, read):
    assert read_recipient(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "chen",
        "a@b",
        "a@b.c, d@e.f",
        "a@b.c\nBcc: d@e.f",
        "a b@c.d",
        f"{'a' * 250}@b.cd",
        "@b.c",
    ],
)
def test_what_no_message_reaches_is_refused(typed):
    with pytest.raises(Invalid) as refusal:
        read_recipient(typed)
    assert set(refusal.value.fields) == {"recipient"}


def test_a_person_is_named_without_telling_who_it_is():
    assert recipient_key("li@example.org") != recipient_key("chen@example.org")
    assert "chen" not in recipient_key("chen@example.org")
    assert set(NEWS_NAMES) == set(NewsStep)

"""Do facts from a site read as sentences?"""

from __future__ import annotations

import pytest

from dispatch.domain.sentences import say
from dispatch.domain.site_words import listed, site_detail


def test_sentences_are_joined():
    assert listed([]) is None
    assert str(listed([say("A"), say("B"), say("C")])) == "A, B, C"


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (
            "reading_taken",
            {"reading": "pressure", "value": "350", "unit": "kPa", "when": "before"},
            "Pressure, before: 350 kPa",
        ),
        (
            "reading_taken",
            {"reading": "meter", "value": "7", "unit": "m³", "when": "some day"},
            "Meter, : 7 m³",
        ),
        ("reading_taken", {"reading": "weight"}, None),
        ("parts_used", {"item": "meters", "count": 2}, "2 × Water meter"),
        ("parts_used", {}, None),
        ("ticked", {"list": "bring", "item": "pumps", "done": True}, "Loaded: Pump with hoses"),
        (
            "ticked",
            {"list": "check", "item": "clean", "done": False},
            "Checked, taken back: The place is clean",
        ),
        ("ticked", {"list": "wish"}, None),
        ("next_visit_needs", {"parts": ["valves"], "needs": ["excavation"]},
         "Gate valve, Excavation"),
        (
            "started",
            {"unticked": ["power", "gone"]},
            "Safety steps not ticked by then: Electricity near the water is off",
        ),
        ("started", {"unticked": ["gone"]}, None),
        (
            "completed",
            {"unticked": ["own_1", "tight"], "unticked_words": {"own_1": {"en": "A", "zh": "甲"}}},
            "Checks not ticked by then: A, The repair is tight under pressure",
        ),
        (
            "ticked",
            {"list": "safety", "item": "own_1", "done": True, "words": {"en": "A", "zh": "甲"}},
            "Safety: A",
        ),
        ("started", {}, None),
        ("resident_code", {"right": True}, "The code is right"),
        ("resident_code", {"right": False}, "The code is wrong"),
        ("time_left", {"minutes": 20}, "About 20 min more"),
        ("arrived", {}, None),
    ],
)  # fmt: skip
def test_each_fact_says_what_it_adds(kind, facts, said):
    detail = site_detail(kind, facts)
    assert (detail and str(detail)) == said

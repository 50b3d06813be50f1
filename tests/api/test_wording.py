"""Are sentences worded and instants written the same way wherever JSON is made?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from flask import render_template_string

from dispatch.api.wording import in_words
from dispatch.domain.sentences import say

THINGS = {
    "name": say("On hold"),
    "names": (say("Burst main"),),
    "at": datetime(2026, 3, 2, 17, 30, tzinfo=timezone(timedelta(hours=8))),
    "day": date(2026, 3, 2),
    "none": None,
    "number": 1.5,
}
WORDS = {
    "name": "On hold",
    "names": ["Burst main"],
    "at": "2026-03-02T09:30:00+00:00",
    "day": "2026-03-02",
    "none": None,
    "number": 1.5,
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_both_ways_agree(app):
    with app.test_request_context():
        assert in_words(THINGS) == WORDS
        assert app.json.loads(app.json.dumps(THINGS)) == WORDS
        assert render_template_string("{{ at|tojson }}", at=datetime(2026, 3, 2, tzinfo=UTC)) == (
            '"2026-03-02T00:00:00+00:00"'
        )
        with pytest.raises(ValueError, match="not JSON compliant"):
            app.json.dumps(float("nan"))
        with pytest.raises(TypeError):
            app.json.dumps(object())

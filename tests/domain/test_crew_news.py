"""Has every push to a crew a name, a title and a text, and none a field of anybody's own?"""

from __future__ import annotations

import pytest

from dispatch.domain.crew_news import CREW_NEWS_NAMES, CREW_NEWS_TITLES, CrewStep
from dispatch.domain.errors import Invalid
from dispatch.domain.message_templates import DEFAULTS, check_template, fields_of


@pytest.mark.parametrize("step", list(CrewStep))
def test_every_push_has_its_words(step):
    assert {step} <= CREW_NEWS_NAMES.keys() & CREW_NEWS_TITLES.keys() & DEFAULTS.keys()
    assert fields_of(step) == ("number", "category", "level", "arrive_by", "utility")
    with pytest.raises(Invalid, match="There is no field"):
        check_template(step, "{link}")

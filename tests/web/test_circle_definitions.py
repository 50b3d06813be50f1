"""Is the definition beside a figure the one that the figure is worked out by?"""

from __future__ import annotations

import inspect
import re

import pytest

from dispatch.domain.attainment import attainment, attainment_30, circle_attainment
from dispatch.domain.coverage import expected_coverage
from dispatch.domain.first_time_fix import first_time_fix, return_visit_causes
from dispatch.domain.five_ones import five_ones
from dispatch.domain.flow import flow
from dispatch.domain.samples import percentiles
from dispatch.domain.satisfaction import satisfaction
from dispatch.domain.stages import durations
from dispatch.domain.stories import TicketStory
from dispatch.web.circle_definitions import DEFINITIONS

FUNCTIONS: dict[str, object] = {
    "circle": circle_attainment,
    "attainment": attainment,
    "within_30": attainment_30,
    "evidence": TicketStory.evidence,
    "stages": durations,
    "percentiles": percentiles,
    "first_time_fix": first_time_fix,
    "causes": return_visit_causes,
    "five_ones": five_ones,
    "satisfaction": satisfaction,
    "flow": flow,
    "coverage": expected_coverage,
}
SENTENCE_END = re.compile(r"(?<=[.;])\s(?=[A-Z`])")


def sentences_for_people(function: object) -> list[str]:
    """Return the sentences of a docstring, without those about code and the source."""
    text = " ".join((inspect.getdoc(function) or "").split())
    found = SENTENCE_END.split(text)
    return [one for one in found if "`" not in one and not one.startswith("Source:")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_definition_is_the_docstring_word_for_word(name):
    shown = " ".join(DEFINITIONS[name].text.split())
    assert shown == " ".join(sentences_for_people(FUNCTIONS[name]))


def test_every_definition_belongs_to_a_figure():
    assert set(DEFINITIONS) == set(FUNCTIONS)

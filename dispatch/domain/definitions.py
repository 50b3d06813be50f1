"""What does each figure mean, in the words of the function that works it out?"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

from dispatch.domain.attainment import attainment, attainment_30, circle_attainment
from dispatch.domain.bring_savings import savings
from dispatch.domain.cell_figures import cell_figures
from dispatch.domain.clusters import clusters
from dispatch.domain.common_problems import repeated
from dispatch.domain.coverage import expected_coverage
from dispatch.domain.exclusions import left_out_of_times
from dispatch.domain.first_time_fix import first_time_fix, return_visit_causes
from dispatch.domain.five_ones import five_ones
from dispatch.domain.flow import flow, is_overdue
from dispatch.domain.lost_minutes import lost_minutes
from dispatch.domain.ranking import ranked
from dispatch.domain.responsibility_figures import (
    broken_by_holder,
    hold_reasons,
    hops,
    item_figures,
    returned,
)
from dispatch.domain.return_visits import why_not_first_time
from dispatch.domain.same_place import repeat_rate
from dispatch.domain.samples import percentiles
from dispatch.domain.satisfaction import satisfaction
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.stages import durations
from dispatch.domain.stories import TicketStory

_SENTENCE_END = re.compile(r"(?<=[.;])\s(?=[A-Z`])")
_BEGINS_A_LINE = re.compile(r"(?:Formula|In|Out)\b[^.;]*?(?::|as for)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure: its name, the function that computes it, and what that function says of itself."""

    name: Sentence
    function: object

    @property
    def words(self) -> Sentence:
        """Return the docstring for a reader: what, formula, in and out each on a line of its own.

        Sentences about code (those with a word in backquotes) and the source are left out. The
        text is an entry of the catalogue; `tools.catalogue` takes it from here.
        """
        lines: list[str] = []
        text = " ".join((inspect.getdoc(self.function) or "").split())
        for sentence in _SENTENCE_END.split(text):
            if "`" in sentence or sentence.startswith("Source:"):
                continue
            if not lines or _BEGINS_A_LINE.match(sentence):
                lines.append(sentence)
            else:
                lines[-1] += f" {sentence}"
        return Sentence("\n".join(lines))

    @property
    def place(self) -> str:
        """Return where the function stands, such as dispatch.domain.flow.flow."""
        computes: Any = getattr(self.function, "fget", self.function)
        return f"{computes.__module__}.{computes.__qualname__}"


DEFINITIONS: dict[str, Definition] = {
    "circle": Definition(say("Circle attainment"), circle_attainment),
    "attainment": Definition(say("Attainment of a promise"), attainment),
    "within_30": Definition(say("Within 30 minutes, whatever was promised"), attainment_30),
    "evidence": Definition(say("Evidence of the arrival"), TicketStory.evidence),
    "stages": Definition(say("The stages"), durations),
    "lost_minutes": Definition(say("Where broken promises lost their minutes"), lost_minutes),
    "percentiles": Definition(say("Percentiles"), percentiles),
    "first_time_fix": Definition(say("Fixed the first time"), first_time_fix),
    "causes": Definition(say("Why a second visit was needed"), return_visit_causes),
    "why_again": Definition(say("Why it was not fixed the first time"), why_not_first_time),
    "savings": Definition(say("What a bring list would have saved"), savings),
    "repeat": Definition(say("Repeats"), repeat_rate),
    "five_ones": Definition(say("The five ones"), five_ones),
    "satisfaction": Definition(say("Satisfaction"), satisfaction),
    "repeated": Definition(say("What comes again and again"), repeated),
    "clusters": Definition(say("Where faults heap up"), clusters),
    "flow": Definition(say("Flow"), flow),
    "ranking": Definition(say("Ranking"), ranked),
    "overdue": Definition(say("Open and overdue now"), is_overdue),
    "left_out": Definition(say("What is left out, and why"), left_out_of_times),
    "broken_by_holder": Definition(say("Broken promises by holder"), broken_by_holder),
    "hold_reasons": Definition(say("Reasons for a hold"), hold_reasons),
    "returned": Definition(say("Returns to the desk"), returned),
    "hops": Definition(say("Hands that a ticket went through"), hops),
    "item_figures": Definition(say("Rectification items"), item_figures),
    "coverage": Definition(say("Coverage"), expected_coverage),
    "cells": Definition(say("Cells of the map"), cell_figures),
}

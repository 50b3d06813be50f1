"""Does each cell have the figures that its own tickets have alone?"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.attainment import circle_attainment
from dispatch.domain.cell_figures import REPEAT_WITHIN_DAYS, cell_facts, cell_figures
from dispatch.domain.facts import Keys, fact_of, facts_of, with_followers
from dispatch.domain.same_place import next_at_same_place, repeat_rate
from dispatch.domain.samples import Share, percentiles
from dispatch.domain.stages import Stage, durations
from tests.domain.story_samples import after, any_story

CELLS = 3


@given(st.lists(st.tuples(any_story(), st.integers(0, CELLS - 1)), max_size=8), st.integers(0, 9e4))
def test_a_cell_has_the_figures_of_its_tickets(placed, minutes):
    now = after(minutes)
    stories = [story for story, _ in placed]
    rows = facts_of(fact_of(one, Keys(at, None, None, None)) for at, one in enumerate(stories))
    facts = cell_facts(with_followers(rows, rows), now)
    codes = np.array([cell for _, cell in placed], dtype=np.int64)
    followers = next_at_same_place(stories)
    for cell, found in enumerate(cell_figures(facts, codes, CELLS)):
        mine = [story for story, its in placed if its == cell]
        kept = circle_attainment(mine, now)
        response = percentiles(durations(mine).get(Stage.RESPONSE, []))
        assert found.n == len(mine)
        assert found.circle == Share(kept.met, kept.n)
        assert found.response_p90 == (response and response.p90)
        assert found.arrived == (response.n if response else 0)
        assert found.repeat == repeat_rate(mine, REPEAT_WITHIN_DAYS, now, followers).share

"""Are the reasons of every candidate kept so that they can be read in two languages later?"""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given

from dispatch.domain.assignment import choose
from dispatch.domain.candidates import assess
from dispatch.domain.sentences import Sentence
from dispatch.domain.written_reasons import expected_there, written_basis, written_reasons
from tests.crews import CREW, NEED, NOW, crew_lists, needs


def test_the_chosen_crew_and_the_others_stand_side_by_side():
    other = replace(CREW, crew_id=2, name="Yuelu 2", on_shift=False)
    candidates = assess(NEED, [CREW, other], now=NOW)
    written = written_reasons(choose(NEED, candidates), candidates)
    assert written["rule"] == "home"
    assert [(one["crew"], one["chosen"], one["excluded_by"]) for one in written["candidates"]] == [
        ("Yuelu 1", True, None),
        ("Yuelu 2", False, "shift"),
    ]
    assert str(Sentence.from_json(written["candidates"][1]["reasons"][0])) == "Off shift"


@given(needs, crew_lists())
def test_what_is_written_survives_json(need, crews):
    candidates = assess(need, crews, now=NOW)
    choice = choose(need, candidates)
    written = written_reasons(choice, candidates)
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    read = [Sentence.from_json(each) for each in written["why"]]
    assert read == list(choice.reasons)
    assert sum(one["chosen"] for one in written["candidates"]) == (choice.crew_id is not None)


def test_an_arrival_rests_on_who_reckoned_the_drive_and_on_the_age_of_the_position():
    old = replace(CREW, crew_id=2, position_age_seconds=900, position_source="live")
    candidates = assess(NEED, [CREW, old], now=NOW)
    assert [len(written_basis(crew, candidates)) for crew in (1, 2, 3)] == [1, 2, 0]
    said = [str(Sentence.from_json(each)) for each in written_basis(2, candidates)]
    assert said[0].startswith("Drive by the straight line, give or take")
    assert said[1].startswith("Position is 15 min old")
    assert [expected_there(crew, candidates) for crew in (1, 2, 3)] == [
        *(one.arrives_at for one in sorted(candidates, key=lambda one: one.crew_id)), None
    ]  # fmt: skip
    nowhere = assess(replace(NEED, point=None), [CREW], now=NOW)
    assert expected_there(1, nowhere) is None
    assert written_basis(1, nowhere) == []

"""Does the process beside tell progress, result and refusal in lines?"""

from __future__ import annotations

import io
import json

from dispatch.domain.sentences import say
from dispatch.rehearsal.apart import run
from dispatch.rehearsal.own_city import rehearse_own
from tests.rehearsal.own_material import material, wish


def asked(given, changes) -> str:
    return json.dumps({"material": given.as_json(), "wish": wish(**changes).as_json()})


def straight(_asked, given):
    return given.straight, None


def expected(given, asked):
    found = rehearse_own(given, asked)
    return found | {"travel": found["travel"] | {"note": None}}


def test_progress_comes_before_the_result():
    told = []
    run(io.StringIO(asked(material(), {})), told.append, straight)
    assert told[-2] == {"progress": 1.0}
    assert told[-1]["result"] == expected(material(), wish())


def test_the_source_is_asked_for_and_its_silence_told():
    seen, told = [], []

    def drives(travel, given):
        seen.append(travel)
        return given.straight, say("It took too long.")

    question = json.loads(asked(material(), {})) | {"travel": {"hour": 8}}
    run(io.StringIO(json.dumps(question)), told.append, drives)
    assert seen == [{"hour": 8}]
    assert told[-1]["result"]["travel"]["note"]["text"] == "It took too long."


def test_a_refusal_is_a_sentence():
    told = []
    run(io.StringIO(asked(material(tickets=()), {})), told.append, straight)
    assert told[0]["refused"]["text"].startswith("No located ticket")

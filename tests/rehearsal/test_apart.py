"""Does the process beside tell progress, result and refusal in lines?"""

from __future__ import annotations

import io
import json
import subprocess
import sys

from dispatch.rehearsal.apart import run
from dispatch.rehearsal.own_city import rehearse_own
from tests.rehearsal.own_material import material, wish


def asked(given, changes) -> str:
    return json.dumps({"material": given.as_json(), "wish": wish(**changes).as_json()})


def test_progress_comes_before_the_result():
    told = []
    run(io.StringIO(asked(material(), {})), told.append)
    assert told[-2] == {"progress": 1.0}
    assert told[-1]["result"] == rehearse_own(material(), wish())


def test_a_refusal_is_a_sentence():
    told = []
    run(io.StringIO(asked(material(tickets=()), {})), told.append)
    assert told[0]["refused"]["text"].startswith("No located ticket")


def test_the_command_answers_as_the_function_does():
    done = subprocess.run(
        [sys.executable, "-m", "dispatch.rehearsal.apart"],
        input=asked(material(), {}),
        capture_output=True,
        text=True,
        check=True,
    )
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["result"] == rehearse_own(material(), wish())

"""Does the process beside answer as the function does, with the source that the settings name?"""

from __future__ import annotations

import json
import subprocess

from dispatch.config import Settings
from dispatch.jobs.rehearsal_process import drives
from dispatch.jobs.rehearsals import COMMAND, travel_asked
from dispatch.rehearsal.own_city import rehearse_own
from tests.rehearsal.own_material import material, wish


def test_the_command_answers_as_the_function_does():
    asked = {"material": material().as_json(), "wish": wish().as_json()}
    done = subprocess.run(
        COMMAND, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])["result"]
    assert found.pop("travel").pop("note") is None
    expected = rehearse_own(material(), wish())
    assert found == {name: expected[name] for name in found}


def test_the_settings_reach_it(tmp_path):
    settings = Settings(data_dir=tmp_path, travel="roads", roads_dir=tmp_path / "none")
    asked = json.loads(json.dumps(travel_asked(settings, 8)))
    travel, note = drives(asked, material())
    assert travel == material().straight
    assert "the road map did not answer" in str(note)
    assert drives(travel_asked(Settings(data_dir=tmp_path), 8), material()).note is None

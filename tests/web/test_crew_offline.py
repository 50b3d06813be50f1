"""Is the shell of the crew's pages whole and small, and is nobody's page kept for another?"""

from __future__ import annotations

import gzip
import json
import re
from datetime import datetime

from dispatch.domain.field_commands import FACTS, ROUND_STEPS, TRANSITIONS
from dispatch.models.base import db
from dispatch.models.tickets import TicketEvent
from dispatch.web.crew_offline import phone_steps, shell_files
from dispatch.web.files import STATIC
from tests.factories import DESK
from tests.trips import open_burst, send, step

MOST_BYTES = 260 * 1024
IMPORTED = re.compile(r'(?:from|import) "([^"]+\.js)"')


def shell(client):
    answer = client.get("/crew/worker.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/crew"
    assert "no-cache" in answer.headers["Cache-Control"]
    first = answer.text.splitlines()[0]
    return json.loads(first.removeprefix("self.SHELL = ").removesuffix(";"))


def test_what_a_phone_keeps_beforehand_is_there_and_within_its_budget(client):
    listed = shell(client)
    assert [each.partition("?v=")[0] for each in listed["files"]] == [
        f"/static/{name}" for name in shell_files()
    ]
    sizes = [len(gzip.compress((STATIC / name).read_bytes())) for name in shell_files()]
    assert 0 < sum(sizes) < MOST_BYTES


def test_every_module_and_sheet_that_a_page_of_the_crew_loads_is_kept(sign_in):
    kept = set(shell_files())
    for name in [each for each in kept if each.endswith(".js") and not each.startswith("vendor/")]:
        folder = (STATIC / name).parent
        for target in IMPORTED.findall((STATIC / name).read_text(encoding="utf-8")):
            path = STATIC / target.removeprefix("/static/") if target[0] == "/" else folder / target
            assert str(path.resolve().relative_to(STATIC.resolve())) in kept, (name, target)
    crew = sign_in("crew")
    for path in ("/crew", "/crew/unsent", "/crew/offline"):
        page = crew.get(path).text.replace('rel="apple-touch-icon" href=', "")
        loaded = set(re.findall(r'(?:href|src|content)="/static/([^"?]+)\?v=', page))
        assert loaded
        assert loaded <= kept, path


def test_a_page_says_whose_it_is_and_a_stranger_gets_none(sign_in, client):
    crew = sign_in("crew")
    assert "microphone=()" in crew.get("/account").headers["Permissions-Policy"]
    for path in ("/crew", "/crew/unsent", "/crew/offline"):
        answer = crew.get(path)
        assert answer.headers["X-OneVisit-Person"] == str(crew.user_id)
        assert "microphone=(self)" in answer.headers["Permissions-Policy"]
        assert f'<meta name="person" content="{crew.user_id}">' in answer.text
        assert "X-OneVisit-Person" not in client.get(path).headers
    assert "X-OneVisit-Person" not in crew.get("/account").headers


def test_a_late_step_hears_what_others_did_since_its_page(app, sign_in, now):
    with app.app_context():
        open_burst(now)
        send(1, 1, now)
        last = db.session.query(TicketEvent.id).order_by(TicketEvent.id.desc()).limit(1).scalar()
        step(1, "cancel", DESK, now, reason="found by another crew")
    crew = sign_in("crew", crew_id=1)
    told = crew.get(f"/crew/W000001/changes?seen={last}").get_json()["changes"]
    assert [(each["what"], each["by"]) for each in told][-1] == ("Cancelled", DESK.name)
    assert datetime.fromisoformat(told[-1]["at"]) == now
    assert crew.get(f"/crew/W000001/changes?seen={10**30}").get_json() == {"changes": []}
    assert sign_in("crew", crew_id=2).get("/crew/W000001/changes").status_code == 404


def test_the_home_screen_speaks_the_language_of_the_reader(client):
    english = client.get("/crew/manifest.webmanifest", headers={"Accept-Language": "en"})
    assert english.mimetype == "application/manifest+json"
    told = english.get_json(force=True)
    assert (told["name"], told["scope"], told["start_url"]) == ("OneVisit crew", "/crew", "/crew")
    for each in told["icons"]:
        with client.get(each["src"]) as icon:
            assert (icon.status_code, icon.mimetype) == (200, each["type"])
    chinese = client.get("/crew/manifest.webmanifest", headers={"Accept-Language": "zh-CN"})
    assert "班组" in chinese.get_json(force=True)["name"]


def test_every_kind_that_a_phone_may_keep_has_a_name_and_ends_are_known():
    steps = {each.kind: each for each in phone_steps()}
    assert set(steps) == TRANSITIONS | FACTS | ROUND_STEPS
    assert all(str(each.name.text) != each.kind for each in steps.values())
    ends = {"complete", "cannot-complete", "decline", "return"}
    assert {each.kind for each in steps.values() if each.is_last} == ends | {"refuse-hand-over"}
    assert [steps[kind].state for kind in ("acknowledge", "set-off", "arrive", "start")] == [
        "acknowledged", "en_route", "arrived", "working",
    ]  # fmt: skip
    assert all(steps[kind].state for kind in ends)

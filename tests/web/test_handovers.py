"""Does the leaving dispatcher write, the next read and sign, and everybody see what was said?"""

from __future__ import annotations

import re
import uuid

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.handovers import Handover, ShiftNote
from tests.factories import make_city, make_ticket

PATH = "/desk/handover"
WAITING = "/api/v1/handovers/waiting"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)


@pytest.fixture
def people(city, sign_in):
    return [sign_in("dispatcher", name=name) for name in ("Ann", "Bo")]


def count(app, table):
    with app.app_context():
        return db.session.query(table).count()


def test_a_note_is_written_once_and_read_by_all(app, people, sign_in):
    ann, bo = people
    form = {"text": "Valve <7> is stuck", "ticket": "W1", "key": str(uuid.uuid4())}
    for _ in range(2):
        assert ann.post(f"{PATH}/notes", data=form).status_code == 303
    assert count(app, ShiftNote) == 1
    page = bo.get(PATH).text
    assert "Valve &lt;7&gt; is stuck" in page
    assert "/desk?ticket=W000001" in page
    assert "No names or telephone numbers" not in sign_in("auditor").get(PATH).text


def test_the_desk_is_handed_over_signed_and_no_longer_waits(app, people):
    ann, bo = people
    assert ann.get(WAITING).json == {"handover": None}
    written = ann.post(PATH, data={"text": "All quiet", "key": str(uuid.uuid4())})
    address = written.headers["Location"]
    assert (written.status_code, address) == (303, f"{PATH}/1")
    told = bo.get(WAITING).json["handover"]
    assert (told["id"], told["author"], told["mine"]) == (1, "Ann", False)
    assert ann.get(WAITING).json["handover"]["mine"] is True
    mine, theirs = ann.get(address).text, bo.get(address).text
    assert "The next dispatcher signs it." in mine
    assert "take the desk over" in theirs
    assert "take the desk over" not in mine
    assert re.search(r"Promises, the overdue first.*W000001", theirs, re.DOTALL)
    assert "Ann handed the desk over" in bo.get(PATH).text
    assert ann.post(f"{address}/sign").status_code == 403
    assert bo.post(f"{address}/sign", data={"remark": "Thanks"}).status_code == 303
    assert "Read and signed by Bo" in ann.get(address).text
    assert bo.post(f"{address}/sign").status_code == 409
    assert bo.get(WAITING).json == {"handover": None}


def test_what_is_wrong_is_said_beside_the_field_and_kept(app, people):
    ann, _bo = people
    for path, field in ((PATH, "handover-text"), (f"{PATH}/notes", "note-text")):
        form = {"text": " "} | ({"ticket": ""} if path != PATH else {})
        refused = ann.post(path, data=form)
        assert refused.status_code == 422
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', refused.text)
    refused = ann.post(f"{PATH}/notes", data={"text": "Kept words", "ticket": "W99"})
    assert refused.status_code == 404
    assert "Kept words" in refused.text
    assert ann.post(PATH, data={"text": "x" * 4001}).status_code == 422
    assert count(app, Handover) == 0


def test_only_dispatchers_hand_over_and_readers_read(app, people, sign_in, client):
    ann, _bo = people
    ann.post(PATH, data={"text": "x"})
    for role, status in (("manager", 200), ("auditor", 200), ("call_taker", 200), ("crew", 403)):
        reader = sign_in(role, crew_id=1) if role == "crew" else sign_in(role)
        assert reader.get(PATH).status_code == status, role
        assert reader.get(f"{PATH}/1").status_code == status, role
        assert reader.post(f"{PATH}/1/sign").status_code == 403, role
        assert reader.post(PATH, data={"text": "x"}).status_code == 403, role
    assert sign_in("auditor").post(f"{PATH}/notes", data={"text": "x"}).status_code == 403
    assert client.get(WAITING).status_code == 401
    leader = sign_in("team_leader", team_id=1)
    assert leader.get(f"{PATH}/1").status_code == 404
    assert leader.get(WAITING).json == {"handover": None}


def test_an_empty_history_says_what_to_do(people):
    page = people[0].get(f"{PATH}?page=99").text
    assert "The desk was not handed over yet" in page
    assert people[0].get(f"{PATH}/7").status_code == 404

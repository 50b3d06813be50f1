"""Does a crew hand its ticket over on its page, and does the other one answer there?"""

from __future__ import annotations

import re
import uuid

import pytest

from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.trips import open_burst, send, step, steward


@pytest.fixture
def crews(app, clock, now, sign_in):
    """Send W1 to one burst, which it takes; sign in a member of W1 and one of W2."""
    with app.app_context():
        open_burst(now)
        send(1, 1, now)
        step(1, "acknowledge", steward(1), now)
    return sign_in("crew", crew_id=1, name="Wang"), sign_in("crew", crew_id=2, name="Li")


def tap(who, name, **form: str):
    seen = re.search(r'name="seen" value="(\d+)"', who.get("/crew/W000001").text)
    form = {"key": str(uuid.uuid4()), "seen": seen.group(1) if seen else ""} | form
    return who.post(f"/crew/W000001/{name}", data=form)


WISH = {"chosen": "shift_ends", "words": "Valve shut", "crew": "2"}


def test_a_ticket_goes_from_one_hand_to_the_other(app, crews):
    mine, other = crews
    assert "/crew/W000001/hand-over" in mine.get("/crew/W000001").text
    form = mine.get("/crew/W000001/hand-over").text
    assert '<option value="2">W2</option>' in form
    assert "E1</option>" not in form
    assert tap(mine, "hand-over", **WISH).status_code == 303
    page = mine.get("/crew/W000001").text
    assert "You asked W2" in page
    assert "/crew/W000001/hand-over" not in page
    day = other.get("/crew").text
    assert "W1 asks you to take over" in day
    assert "Valve shut" in day
    assert 'data-numbers="W000001"' in day
    assert tap(other, "take-over").status_code == 303
    assert "asks you" not in other.get("/crew").text
    assert "handed over" in other.get("/crew/W000001").text
    assert "not with your crew now" in mine.get("/crew/W000001").text
    with app.app_context():
        assert db.session.get(Ticket, 1).state == "acknowledged"


def test_the_crew_that_asks_reads_when_nobody_has_answered_in_time(crews, clock):
    mine, _ = crews
    tap(mine, "hand-over", **WISH)
    clock.shift(4 * 60)
    assert "Nobody has answered" not in mine.get("/crew/W000001").text
    clock.shift(60)
    assert "Nobody has answered" in mine.get("/crew/W000001").text


def test_what_was_typed_comes_back_when_something_is_missing(crews):
    mine, _ = crews
    page = tap(mine, "hand-over", **WISH | {"words": ""})
    assert page.status_code == 422
    assert "Write what has been done so far" in page.text
    assert re.search(r'value="shift_ends" checked', page.text)
    assert '<option value="2" selected>' in page.text


def test_a_no_goes_back_with_its_reason_and_the_crew_may_ask_the_desk(crews):
    mine, other = crews
    tap(mine, "hand-over", **WISH)
    assert other.get("/crew/W000001/refuse-hand-over").status_code == 200
    assert tap(other, "refuse-hand-over", chosen="Still busy at another place").status_code == 303
    assert "asks you" not in other.get("/crew").text
    assert tap(mine, "hand-over", **WISH | {"crew": ""}).status_code == 303
    assert "You asked the desk" in mine.get("/crew/W000001").text
    assert tap(mine, "take-back").status_code == 303
    assert "You asked the desk" not in mine.get("/crew/W000001").text


def test_a_yes_that_comes_too_late_says_so(crews, sign_in):
    mine, other = crews
    tap(mine, "hand-over", **WISH)
    seen = re.search(r'name="seen" value="(\d+)"', other.get("/crew").text).group(1)
    tap(mine, "take-back")
    late = other.post("/crew/W000001/take-over", data={"key": str(uuid.uuid4()), "seen": seen})
    assert late.status_code == 409
    assert "Crew keeps the ticket" in late.text


def test_the_desk_takes_the_same_steps_by_the_interface(crews, sign_in):
    mine, _ = crews
    tap(mine, "hand-over", **WISH | {"crew": ""})
    desk = sign_in("dispatcher")

    def take(step, **values: object):
        version = desk.get("/api/v1/tickets/W000001").json["ticket"]["version"]
        answer = desk.post(
            f"/api/v1/tickets/W000001/{step}", json=values, headers={"If-Match": f'"{version}"'}
        )
        assert answer.status_code == 200, answer.json
        return answer.json["ticket"]["visits"]

    [visit] = take("hand-over", to_crew_id=2)
    assert (visit["relief"]["crew"]["name"], visit["relief"]["reason_name"]) == (
        "W2", "Our shift ends",
    )  # fmt: skip
    assert [each["state"] for each in take("take-over")] == ["handed_over", "acknowledged"]
    events = desk.get("/api/v1/tickets/W000001/events").json["events"]
    assert [each["detail"] for each in events if each["kind"] == "handed_over"] == [
        "W1 → W2: Our shift ends"
    ]

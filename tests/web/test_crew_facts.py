"""Does a crew write down readings, parts and ticks without a script, and is a slip shown to it?"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.resident_code import MOST_TRIES, resident_code
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket, TicketEvent
from tests.trips import open_burst, send, work

PAGE = "/crew/W000001"
READING = {"reading": "pressure", "value": "3.5", "unit": "bar", "when": "before"}
TICK = {"list": "safety", "item": "traffic", "done": "yes"}


@pytest.fixture
def crew(app, clock, now, sign_in):
    """Sign in a member of crew W1, which is on the site of a burst main."""
    with app.app_context():
        open_burst(now)
        send(1, 1, now)
        work(1, 1, now, until="arrive")
    clock.shift(30 * 60)
    return sign_in("crew", crew_id=1, name="Wang")


def write(crew, kind, **form: object):
    return crew.post(f"{PAGE}/facts/{kind}", data={"key": str(uuid.uuid4())} | form)


def facts(app, kind):
    with app.app_context(), transaction():
        return [row.facts for row in db.session.query(TicketEvent).filter_by(kind=kind)]


def test_a_reading_is_saved_and_shown(app, crew):
    answer = write(crew, "reading", **READING)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}#kit-reading")
    page = crew.get(PAGE).text
    assert "The reading was saved." in page
    assert "Pressure, before: 350 kPa" in page
    [told] = facts(app, "reading_taken")
    assert told["given"] == "3.5 bar"


def test_a_reading_that_cannot_be_stays_in_its_field(app, crew):
    answer = write(crew, "reading", **READING | {"value": "350"})
    assert answer.status_code == 422
    assert "between 0 and 2500 kPa; you typed 350 bar" in answer.text
    assert re.search(r'name="value"[^>]* value="350" aria-invalid="true"', answer.text)
    assert facts(app, "reading_taken") == []


def test_parts_are_counted_in_all(app, crew):
    assert write(crew, "parts", item="valves", count="2").location == f"{PAGE}#kit-parts"
    write(crew, "parts", item="valves", count="3")
    assert "3 ×</span> Gate valve" in crew.get(PAGE).text
    answer = write(crew, "parts", item="valves", count="many")
    assert answer.status_code == 422
    assert 'value="many"' in answer.text


def test_how_much_longer_is_one_tap(app, crew):
    assert "One tap, and the planner knows" in crew.get(PAGE).text
    assert write(crew, "time-left", minutes="20").location == f"{PAGE}#kit-time-left"
    page = crew.get(PAGE).text
    assert "The desk knows how much longer you need." in page
    assert re.search(r"You said so at \d\d:\d\d: done at about \d\d:\d\d\.", page)
    assert page.count('aria-label="About 20 min more" aria-pressed="true"') == 1
    assert page.count('aria-pressed="false"') >= 3
    assert write(crew, "time-left", minutes="soon").status_code == 422
    assert facts(app, "time_left") == [{"minutes": 20}]


def test_a_tick_is_set_and_taken_back(app, crew):
    assert write(crew, "tick", **TICK).location == f"{PAGE}#kit-tick-safety"
    assert crew.get(PAGE).text.count('class="tick" aria-pressed="true"') == 1
    write(crew, "tick", **TICK | {"done": "no"})
    assert 'class="tick" aria-pressed="true"' not in crew.get(PAGE).text
    assert write(crew, "tick", **TICK | {"item": "nonsense"}).status_code == 422


def test_the_same_form_sent_twice_is_one_fact(app, crew):
    key = str(uuid.uuid4())
    for _ in range(2):
        assert write(crew, "parts", item="valves", count="2", key=key).status_code == 303
    assert len(facts(app, "parts_used")) == 1
    assert write(crew, "parts", item="valves", count="3", key=key).status_code == 422


def test_a_fact_is_saved_for_a_ticket_that_has_ended(app, crew):
    crew.post(f"{PAGE}/complete", data={"key": str(uuid.uuid4()), "seen": "99"})
    with app.app_context():
        assert db.session.get_one(Ticket, 1).state == "completed"
    assert write(crew, "needs", parts=["valves"], needs=["excavation"]).status_code == 303
    assert facts(app, "next_visit_needs") == [{"parts": ["valves"], "needs": ["excavation"]}]


def test_could_not_fix_asks_what_is_needed_next(app, crew):
    seen = re.search(r'data-seen="(\d+)"', crew.get(PAGE).text).group(1)
    form = {
        "chosen": "",
        "parts": ["couplings", "sleeves", ""],
        "needs": ["excavation", "second_crew"],
        "seen": seen,
    }
    answer = crew.post(f"{PAGE}/cannot-complete", data=form | {"key": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert answer.text.count(" checked>") == 3
    assert '<option value="sleeves" selected>' in answer.text
    form |= {"chosen": "part_missing", "key": str(uuid.uuid4())}
    assert crew.post(f"{PAGE}/cannot-complete", data=form).status_code == 303
    assert facts(app, "next_visit_needs") == [
        {"parts": ["couplings", "sleeves"], "needs": ["excavation", "second_crew"]}
    ]


def test_the_next_crew_reads_it_first(app, crew, now, sign_in):
    seen = re.search(r'data-seen="(\d+)"', crew.get(PAGE).text).group(1)
    form = {"chosen": "part_missing", "parts": "sleeves", "needs": "excavation", "seen": seen}
    crew.post(f"{PAGE}/cannot-complete", data=form)
    with app.app_context():
        send(1, 2, now + timedelta(hours=1))
    for page in (PAGE, "/crew"):
        shown = sign_in("crew", crew_id=2).get(page).text
        assert shown.index("Repair sleeve") < shown.index("Cones, signs")
    assert "this time:" in sign_in("crew", crew_id=2).get(PAGE).text


def test_the_work_order_lists_what_to_bring(crew, sign_in):
    write(crew, "needs", parts=["sleeves"], needs=["excavation"])
    page = sign_in("dispatcher").get("/desk/tickets/W000001/work-order").text
    assert "<b>Repair sleeve</b> · The last visit failed for want of it" in page


@pytest.mark.parametrize(("path", "status"), [("x", 404), ("note", 404)])
def test_what_is_no_fact_is_not_there(crew, path, status):
    assert write(crew, path).status_code == status


def test_nobody_but_the_crew_of_the_ticket_may(crew, sign_in):
    assert sign_in("crew", crew_id=3).post(f"{PAGE}/facts/tick", data=TICK).status_code == 404
    assert sign_in("dispatcher").post(f"{PAGE}/facts/tick", data=TICK).status_code == 403


def test_the_code_of_the_track_page_proves_the_arrival(app, crew, client):
    with app.app_context():
        token = db.session.query(Report).one().token
    shown = client.get(f"/t/{token}").text
    [code] = re.findall(r'crew-code">.*?<b class="number">(\d{4})</b>', shown, re.DOTALL)
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    assert write(crew, "code", code=wrong).status_code == 303
    assert "That was not the code." in crew.get(PAGE).text
    assert write(crew, "code", code="12").status_code == 422
    assert write(crew, "code", code=code).location == f"{PAGE}#kit-code"
    assert "The resident has confirmed that you are there." in crew.get(PAGE).text
    crew.post(f"{PAGE}/complete", data={"key": str(uuid.uuid4()), "seen": "99"})
    assert "crew-code" not in client.get(f"/t/{token}").text


def test_a_code_that_was_wrong_too_often_is_not_asked_for_again(app, crew):
    with app.app_context():
        code = resident_code(db.session.query(Report).one().token)
    for _ in range(MOST_TRIES):
        write(crew, "code", code=f"{(int(code) + 1) % 10_000:04d}")
    page = crew.get(PAGE).text
    assert "wrong too often" in page
    assert 'name="code"' not in page

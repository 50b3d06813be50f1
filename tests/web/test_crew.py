"""Does one tap move the ticket once, and does every wrong tap get a clear answer?"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from dispatch.actions.placing import GivenPlace
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.disputes import Dispute
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.web.crew_words import DONE, NEXT_STEPS, WORDED_STEPS, map_links
from tests.factories import DESK
from tests.trips import another_ticket, open_burst, send, step, work

MINUTE = timedelta(minutes=1)
CALLER = {
    "reporter_name": "Zhou Ming",
    "reporter_phone": "138 1234 5678",
    "description": "It pours <script>alert(1)</script>",
}


@pytest.fixture
def sent(app, clock, now):
    """One burst main in the west, and crew W1 sent to it."""
    with app.app_context():
        open_burst(now, **CALLER)
        send(1, 1, now)


@pytest.fixture
def crew(sent, sign_in):
    """Sign in a member of crew W1."""
    return sign_in("crew", crew_id=1, name="Wang")


def seen_on(page):
    """Return the last event that a page shows."""
    return re.search(r'data-seen="(\d+)"', page.text).group(1)


def tap(crew, name, number="W000001", **form: str):
    """Take a step as the page of the ticket would."""
    page = crew.get(f"/crew/{number}")
    form = {"key": str(uuid.uuid4()), "seen": seen_on(page)} | form
    return crew.post(f"/crew/{number}/{name}", data=form)


def ticket_state(app):
    with app.app_context():
        return db.session.get(Ticket, 1).state


def events(app, kind):
    with app.app_context():
        return db.session.query(TicketEvent).filter_by(kind=kind).all()


@pytest.mark.parametrize(
    "path", ["/crew", "/crew/W000001", "/crew/W000001/note", "/crew/W000001/decline"]
)
def test_nobody_but_a_crew_may_look(client, sign_in, sent, path):
    assert client.get(path).status_code == 302
    for role in ("call_taker", "dispatcher", "team_leader", "manager", "administrator", "auditor"):
        assert sign_in(role).get(path).status_code == 403


@pytest.mark.parametrize("role", ["dispatcher", "manager"])
def test_nobody_but_a_crew_may_tap(sign_in, app, sent, role):
    assert sign_in(role).post("/crew/W000001/acknowledge").status_code == 403
    assert ticket_state(app) == "dispatched"


def test_the_day_shows_the_ticket_and_its_promise(crew):
    page = crew.get("/crew").text
    assert "W000001" in page
    assert "Burst main" in page
    assert 'data-due="2026-03-02T10:00:00+00:00"' in page
    assert "18:00" in page


def test_a_page_that_asks_for_news_gets_the_day_only_when_it_changed(crew, clock):
    tag = {"If-None-Match": crew.get("/crew").headers["ETag"]}
    clock.shift(10)
    quiet = crew.get("/crew", headers=tag)
    assert (quiet.status_code, quiet.data) == (304, b"")
    assert crew.get("/crew", headers=tag | {"Accept-Language": "zh-CN"}).status_code == 200
    tap(crew, "acknowledge")
    changed = crew.get("/crew", headers=tag)
    assert changed.status_code == 200
    assert "acknowledged" in changed.text


def test_an_account_without_a_crew_is_told_what_to_do(sent, sign_in):
    page = sign_in("crew").get("/crew")
    assert page.status_code == 200
    assert "belongs to no crew" in page.text


def test_an_idle_crew_sees_an_empty_day(sent, sign_in):
    assert "Nothing to do now" in sign_in("crew", crew_id=2).get("/crew").text


def test_the_page_of_a_ticket_masks_the_number_and_escapes_the_words(crew):
    page = crew.get("/crew/W000001").text
    assert "138****5678" in page
    assert 'href="tel:13812345678"' in page
    assert "138 1234 5678" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_page_of_a_ticket_carries_a_map_of_its_surroundings(app, crew, now):
    with app.app_context():
        another_ticket(now, category="leak", place=GivenPlace(28.151, 112.95))
        send(2, 1, now)
    page = crew.get("/crew/W000001").text
    assert page.count('<g class="stop">') == 1
    assert ">W000002</text>" in page


@pytest.mark.parametrize("number", ["W000002", "W999999", "nonsense", "%00", "1" * 60])
def test_a_ticket_that_is_not_there_is_404(crew, number):
    assert crew.get(f"/crew/{number}").status_code == 404
    assert crew.post(f"/crew/{number}/acknowledge").status_code == 404


def test_somebody_elses_ticket_is_404_and_stays_as_it_is(app, sent, sign_in):
    other = sign_in("crew", crew_id=3)
    assert other.get("/crew/W000001").status_code == 404
    assert other.post("/crew/W000001/acknowledge", data={"seen": "99"}).status_code == 404
    assert other.get("/crew/W000001/decline").status_code == 404
    assert ticket_state(app) == "dispatched"


def test_the_big_button_leads_from_dispatched_to_fixed(app, crew, clock):
    for name, state in [
        ("acknowledge", "acknowledged"),
        ("set-off", "en_route"),
        ("arrive", "arrived"),
        ("start", "working"),
    ]:
        clock.shift(60)
        assert f"/crew/W000001/{name}" in crew.get("/crew/W000001").text
        answer = tap(crew, name)
        assert (answer.status_code, answer.location) == (303, "/crew/W000001")
        assert ticket_state(app) == state
    clock.shift(60)
    answer = tap(crew, "complete")
    assert (answer.status_code, answer.location) == (303, "/crew")
    assert "Fixed at 17:35. Well done." in crew.get("/crew").text
    with app.app_context():
        ticket, visit = db.session.get(Ticket, 1), db.session.get(Visit, 1)
        assert ticket.completed_at - ticket.received_at == 5 * MINUTE
        assert visit.state == "completed"


def test_a_double_tap_is_one_step(app, crew):
    form = {"key": str(uuid.uuid4()), "seen": seen_on(crew.get("/crew/W000001"))}
    for _ in range(3):
        assert crew.post("/crew/W000001/acknowledge", data=form).status_code == 303
    assert len(events(app, "acknowledged")) == 1


def test_a_key_used_for_other_words_is_said_to_be_sent_already(app, crew):
    key = str(uuid.uuid4())
    assert tap(crew, "note", key=key, words="first").status_code == 303
    answer = tap(crew, "note", key=key, words="second thoughts")
    assert answer.status_code == 422
    assert "second thoughts" in answer.text
    assert len(events(app, "note_added")) == 1


def test_a_tap_on_an_old_page_says_who_changed_what(app, crew, now):
    seen = seen_on(crew.get("/crew/W000001"))
    with app.app_context():
        step(1, "withdraw", DESK, now + MINUTE, reason="nearer crew")
    answer = crew.post("/crew/W000001/acknowledge", data={"seen": seen, "key": str(uuid.uuid4())})
    assert answer.status_code == 409
    for words in ("Nothing was done", "Crew withdrawn", "Li Na", "not with your crew"):
        assert words in answer.text
    assert ticket_state(app) == "accepted"


def test_a_warning_or_a_remark_does_not_stop_the_tap(app, crew, now):
    seen = seen_on(crew.get("/crew/W000001"))
    with app.app_context():
        step(1, "note", DESK, now, note="mind the dog")
    answer = crew.post("/crew/W000001/acknowledge", data={"seen": seen, "key": str(uuid.uuid4())})
    assert answer.status_code == 303


@pytest.mark.parametrize("seen", ["", "x", "-1", "٣", "9" * 30, "\0"])
def test_a_tap_that_saw_nothing_is_refused(app, crew, seen):
    answer = crew.post("/crew/W000001/acknowledge", data={"seen": seen})
    assert answer.status_code == 409
    assert ticket_state(app) == "dispatched"


def test_a_step_out_of_turn_is_refused_in_words(app, crew):
    answer = tap(crew, "start")
    assert answer.status_code == 409
    assert "cannot become" in answer.text
    assert ticket_state(app) == "dispatched"


def test_a_ticket_on_hold_waits_for_the_desk(app, crew, now):
    with app.app_context():
        step(1, "hold", DESK, now, reason="waiting_for_permit")
    page = crew.get("/crew/W000001").text
    assert "paused this ticket" in page
    assert "/crew/W000001/acknowledge" not in page
    assert tap(crew, "note", words="still here").status_code == 303


@pytest.mark.parametrize("name", ["dispatch", "cancel", "level", "close", "x", "../desk"])
def test_a_step_that_is_no_crews_is_404(crew, name):
    assert crew.post(f"/crew/W000001/{name}", data={"seen": "99"}).status_code == 404
    assert crew.get(f"/crew/W000001/{name}").status_code == 404


def test_could_not_fix_needs_a_cause_from_the_list(app, crew, now):
    with app.app_context():
        work(1, 1, now - 5 * MINUTE, until="acknowledge")
    for name in ("set-off", "arrive"):
        tap(crew, name)
    assert crew.get("/crew/W000001/cannot-complete").text.count('type="radio"') == 9
    for chosen in ("", "tired", "part_missing\0"):
        answer = tap(crew, "cannot-complete", chosen=chosen, words="no clamp 🔧")
        assert answer.status_code == 422
        assert "no clamp 🔧" in answer.text
        assert "Choose a cause" in answer.text or "cannot be kept" in answer.text
    assert ticket_state(app) == "arrived"
    answer = tap(crew, "cannot-complete", chosen="part_missing", words="no clamp 🔧")
    assert (answer.status_code, answer.location) == (303, "/crew")
    assert ticket_state(app) == "accepted"
    with app.app_context():
        visit = db.session.get(Visit, 1)
        assert (visit.cause, visit.note) == ("part_missing", "no clamp 🔧")


@pytest.mark.parametrize(("name", "state"), [("decline", "accepted"), ("return", "returned")])
def test_declining_and_returning_need_a_reason(app, crew, name, state):
    refused = tap(crew, name)
    assert refused.status_code == 422
    assert "reason" in refused.text
    assert ticket_state(app) == "dispatched"
    assert tap(crew, name, chosen="Not our pipe", words="private").status_code == 303
    assert ticket_state(app) == state
    told = events(app, "declined" if name == "decline" else "returned")[0]
    assert told.note == "Not our pipe – private"


def test_a_note_may_be_long_but_not_endless_and_holds_no_nul(app, crew):
    assert tap(crew, "note", words=" ").status_code == 422
    assert tap(crew, "note", words="a\0b").status_code == 422
    too_long = tap(crew, "note", words="水" * 2001)
    assert too_long.status_code == 422
    assert "水" * 2001 in too_long.text
    assert tap(crew, "note", words="水" * 2000).status_code == 303
    assert len(events(app, "note_added")) == 1


def test_the_water_comes_back_before_the_repair(app, crew):
    assert "/restore" not in crew.get("/crew/W000001").text.split('<template id="later">')[0]
    for name in ("acknowledge", "set-off", "arrive"):
        tap(crew, name)
    assert "/crew/W000001/restore" in crew.get("/crew/W000001").text
    assert tap(crew, "restore").status_code == 303
    assert tap(crew, "restore").status_code == 409
    with app.app_context():
        assert db.session.get(Ticket, 1).restored_at is not None


@pytest.mark.parametrize(
    ("form", "grade", "accuracy"),
    [
        ({"lat": "28.1501", "lon": "112.9501", "accuracy": "12"}, (28.1501, 112.9501), 12.0),
        ({"lat": "28.1501", "lon": "112.9501", "accuracy": "nan"}, (28.1501, 112.9501), None),
        ({"lat": "28.1501", "lon": "112.9501", "accuracy": "x"}, (28.1501, 112.9501), None),
        ({"lat": "nan", "lon": "112.95"}, (None, None), None),
        ({"lat": "0", "lon": "0"}, (None, None), None),
        ({"lat": "112", "lon": "28"}, (None, None), None),
        ({}, (None, None), None),
    ],
)
def test_an_arrival_keeps_the_phones_position_or_does_without(app, crew, form, grade, accuracy):
    tap(crew, "acknowledge")
    tap(crew, "set-off")
    assert tap(crew, "arrive", **form).status_code == 303
    (event,) = events(app, "arrived")
    assert (event.lat, event.lon) == grade
    assert event.accuracy_metres == accuracy
    assert event.source == "mobile"


def test_a_form_from_another_site_is_refused(app, crew):
    crew.carries_token = False
    assert crew.post("/crew/W000001/acknowledge", data={"seen": "9"}).status_code == 400
    assert ticket_state(app) == "dispatched"


def test_every_state_has_its_step_and_every_step_its_words():
    taken = {each.step for each in NEXT_STEPS.values()} | set(WORDED_STEPS)
    taken |= {"restore", "take-over", "take-back"}
    assert taken == set(DONE)


def test_maps_get_the_point_in_their_own_datum():
    changsha = {key: url for key, _name, url in map_links(Point(28.2, 112.95), "Lushan & 18")}
    assert changsha["geo"].startswith("geo:28.200000,112.950000?")
    assert "to=112.955" in changsha["amap"]
    assert "28.2034" in changsha["baidu"] or "28.202" in changsha["baidu"]
    assert "Lushan%20%26%2018" in changsha["amap"]
    assert "google" not in changsha
    boston = {key: url for key, _name, url in map_links(Point(42.36, -71.06), "City Hall")}
    assert boston["google"].endswith("destination=42.360000,-71.060000")
    assert set(boston) == {"geo", "google", "apple"}


def test_the_page_is_chinese_for_a_chinese_browser(crew):
    page = crew.get("/crew/W000001", headers={"Accept-Language": "zh-CN"})
    assert '<html lang="zh-CN"' in page.text


def test_not_ours_may_ask_whose_it_is(app, crew):
    page = crew.get("/crew/W000001/return").text
    assert 'name="ground"' in page
    assert '<option value="not_our_area">Not our area</option>' in page
    assert 'name="ground"' not in crew.get("/crew/W000001/decline").text
    nobody = tap(crew, "return", chosen="Not our pipe", ground="not_our_pipe")
    assert nobody.status_code == 422
    assert "Name the other team or the other department" in nobody.text
    assert '<option value="not_our_pipe" selected>' in nobody.text
    asked = {"ground": "not_our_pipe", "department": "Metro", "team": ""}
    assert tap(crew, "return", chosen="Not our pipe", **asked).status_code == 303
    with app.app_context():
        [row] = db.session.query(Dispute).all()
        assert (row.ground, row.department, row.state) == ("not_our_pipe", "Metro", "open")
    assert ticket_state(app) == "returned"

"""Can a manager ask “what if”, follow it, compare it and share it, and nobody else too much?"""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions.rehearsals import QUEUE, finish_rehearsal
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.rehearsal_wish import Wish
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.rehearsals import Rehearsal
from dispatch.queries.rehearsals import material_for
from dispatch.rehearsal.own_city import rehearse_own
from dispatch.rehearsal.own_material import Material
from tests.own_days import make_days

HERE = "/circle/rehearsals"
FORM = {"first": "2026-03-02", "last": "2026-03-03"}
FRIDAY = FORM | {"extra_crews": "2", "extra_team": "West Team", "extra_day": "2026-03-03"}


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        return make_days(now)


@pytest.fixture
def manager(city, sign_in):
    return sign_in("manager")


def asked(browser: Any, **fields: str) -> str:
    """Ask for a rehearsal and return its address."""
    answer = browser.post(HERE, data=FORM | fields)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def page_of(browser: Any, address: str = HERE, **headers: str) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def rehearsed(app: Any, now: Any) -> None:
    """Run everything that waits, without the process beside."""
    with app.app_context():
        while True:
            with transaction():
                row = QUEUE.begin_next(now)
            if row is None:
                return
            zone = app.config["SETTINGS"].zone
            wish = Wish.from_json(row.options)
            material, life = material_for(wish, zone, row.team_id, now)
            result = rehearse_own(Material.from_json(material), wish)
            with transaction():
                finish_rehearsal(row.id, result | {"life": life, "took_seconds": 1.2}, now)


def test_the_circle_leads_there(manager):
    assert f'href="{HERE}"' in page_of(manager, "/circle")


def test_an_empty_list_says_what_to_do_and_how_many_tickets_there_are(manager):
    page = page_of(manager, f"{HERE}?first=2026-03-02&last=2026-03-02")
    assert "Nothing rehearsed yet" in page
    assert "What if two more crews on Friday evening?" in page
    assert "There are 24 located tickets from 2026-03-02 to 2026-03-03" in page
    assert "Located tickets in these days: 13, at most 5,000 at once." in page
    assert "style=" not in page


def test_without_tickets_it_says_how_to_get_some(sign_in):
    page = page_of(sign_in("manager"))
    assert "No tickets to rehearse yet" in page
    assert "There is no located ticket yet." in page


def test_a_rehearsal_waits_then_shows_its_progress(app, manager, now):
    other, address = asked(manager), asked(manager)
    page = page_of(manager, address)
    assert "Waiting for its turn" in page
    assert "Before it: 1." in page
    assert '<noscript><meta http-equiv="refresh"' in page
    found = manager.get(f"{address}/progress").get_json()
    assert found == {"state": "queued", "state_name": "waiting", "progress": 0.0, "ahead": 1}
    with app.app_context():
        with transaction():
            row_id = QUEUE.begin_next(now).id
        with transaction():
            QUEUE.note_progress(row_id, 0.42, now)
    assert manager.get(f"{other}/progress").get_json()["progress"] == 0.42
    assert '<progress max="100" value="42"' in page_of(manager, other)
    assert 'class="badge" data-tone="info"' in page_of(manager)


def test_the_answer_stands_beside_what_really_happened(app, manager, now):
    address = asked(manager, **FRIDAY, name="Two more")
    rehearsed(app, now)
    page = page_of(manager, f"{address}?with=life")
    assert "Two more" in page
    assert "A rehearsal leaves out much that delays crews" in page
    assert "+2 crews of West Team, 2026-03-03 17:00–22:00" in page
    assert "Reached within 30 min" in page
    assert "What really happened: 50.0 %, n = 24" in page
    assert "+50.0 points" in page
    assert "min sooner" in page
    assert page.count('class="grid-map"') == 2
    assert "West: 100.0 %, kept nearly always, 90 % and more, n = 12" in page
    assert "East: 0.0 %, mostly missed, below 50 %, n = 12" in page
    for by in ("By level", "By team", "By grid"):
        assert by in page
    assert "<noscript>" not in page
    assert "style=" not in page


def test_a_change_is_measured_against_the_same_without_it(app, manager, now):
    address = asked(manager, **FRIDAY)
    rehearsed(app, now)
    page = page_of(manager, address)
    assert "The same without the crews on top: 100.0 %, n = 24" in page
    assert '<option value="unchanged" selected>' in page
    assert "… of the calls in the changed hours, n = 2" in page
    assert "leaves out much" not in page


def test_two_rehearsals_stand_side_by_side(app, manager, now):
    calm = asked(manager, name="Calm")
    frost = asked(manager, frost="3.5", frost_hours="24", name="Frost")
    rehearsed(app, now)
    page = page_of(manager, f"{frost}?with={calm.rsplit('/', 1)[1]}")
    assert '<option value="life">' in page
    assert '<option value="unchanged">The same without the frost' in page
    assert re.search(r'<option value="[^"]+" selected>Calm</option>', page)
    assert "tickets × 3.5 for 24 h from 2026-03-02 00:00" in page
    assert "Calm: 100.0 %, n = 24" in page
    alone = page_of(manager, f"{frost}?with=life")
    assert "What really happened is without the tickets of the frost." in alone


def test_life_without_arrivals_is_not_made_up(app, manager, now):
    with app.app_context(), transaction():
        db.session.execute(db.text("UPDATE ticket SET arrived_at = NULL"))
    address = asked(manager)
    rehearsed(app, now)
    page = page_of(manager, address)
    assert "was not recorded, so there is nothing to compare with" in page
    assert page.count('class="grid-map"') == 1


def test_both_languages_name_everything(app, manager, now):
    with app.app_context(), transaction():
        db.session.query(Team).filter_by(name="West Team").one().name_zh = "西片区队"
    address = asked(manager, **FRIDAY)
    rehearsed(app, now)
    page = page_of(manager, address, **{"Accept-Language": "zh-CN"})
    assert "西片区队" in page
    assert "推演" in page
    assert "Rehears" not in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"first": "2020-01-01", "last": "2020-01-02"}, "No located ticket was received"),
        ({"first": "2026-03-04"}, "before the first"),
        ({"first": "soon"}, "is not a day"),
        ({"first": ""}, "This field is missing."),
        ({"staffing": "around_the_clock", "crews": "0"}, "Give from 1 to 500 crews."),
        ({"planner": "oracle"}, "none of the known values"),
        ({"extra_crews": "1", "extra_team": "Nobody"}, "There is no team “Nobody”."),
        ({"extra_crews": "1", "extra_team": "West Team", "extra_from": "99:99"}, "time of day"),
        ({"frost": "3.5", "frost_hours": "49"}, "must end within the days"),
        ({"promise_minutes": "0"}, "whole number from 1 to 240"),
        ({"seed": "x"}, "must be a whole number"),
        ({"name": "\x00"}, "cannot be stored"),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(app, manager, fields, sentence):
    answer = manager.post(HERE, data=FORM | {"seed": "77"} | fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="77"' in answer.text or "seed" in fields
    with app.app_context():
        assert db.session.query(Rehearsal).count() == 0


def test_too_many_tickets_are_refused_with_both_numbers(manager, monkeypatch):
    monkeypatch.setattr("dispatch.domain.rehearsal_wish.MOST_TICKETS", 20)
    answer = manager.post(HERE, data=FORM)
    assert answer.status_code == 422
    assert "24 located tickets" in answer.text


def test_the_days_are_counted_for_the_form(manager):
    query = "first=2026-03-02&last=2026-03-03"
    assert manager.get(f"{HERE}/count?{query}").get_json() == {"located": 24, "most": 5000}
    assert manager.get(f"{HERE}/count?first=x&last=y").status_code == 422


def test_another_one_begins_with_the_options_of_the_first(manager):
    address = asked(manager, **FRIDAY, promise_minutes="45")
    page = page_of(manager, f"{HERE}?again={address.rsplit('/', 1)[1]}")
    assert 'name="promise_minutes" type="number" value="45"' in page
    assert 'name="extra_day" type="date" value="2026-03-03"' in page
    assert 'name="extra_from" type="time" value="17:00"' in page


def test_cancel_keep_and_delete(app, manager, now):
    address = asked(manager)
    assert manager.post(f"{address}/cancel").status_code == 302
    assert "was cancelled" in page_of(manager, address)
    assert manager.post(f"{address}/cancel").status_code == 409
    other = asked(manager)
    rehearsed(app, now)
    manager.post(f"{other}/keep", data={"kept": "1", "name": "Winter plan"})
    assert "Kept. Its address can be shared" in page_of(manager, other)
    assert "Winter plan" in page_of(manager)
    manager.post(f"{other}/keep", data={"kept": "0"})
    assert "Not kept any more" in page_of(manager, other)
    assert manager.post(f"{other}/delete").headers["Location"] == HERE
    assert manager.get(other).status_code == 404


def test_a_failed_one_says_why(app, manager, now):
    address = asked(manager)
    with app.app_context(), transaction():
        row = db.session.query(Rehearsal).one()
        row.state, row.fault = "failed", {"text": "There is no located ticket yet.", "values": {}}
    assert "There is no located ticket yet." in page_of(manager, address)


def test_a_colleague_sees_it_and_cannot_change_it(app, manager, sign_in, now):
    address = asked(manager, name="Frost")
    rehearsed(app, now)
    for role in ("auditor", "dispatcher"):
        colleague = sign_in(role)
        page = page_of(colleague, address)
        assert "Frost" in page
        assert "/delete" not in page
        assert colleague.post(f"{address}/delete").status_code == 403
    auditor = sign_in("auditor")
    assert "rehearsal-form" not in page_of(auditor)
    assert auditor.post(HERE, data=FORM).status_code == 403


@pytest.mark.parametrize("role", ["call_taker", "crew"])
def test_who_may_not_see_figures_sees_none(city, sign_in, role):
    browser = sign_in(role)
    for path in ("", "/count", "/x", "/x/progress", "/x/figures.csv"):
        assert browser.get(HERE + path).status_code == 403
    assert browser.post(HERE, data=FORM).status_code == 403


def test_a_team_leader_rehearses_the_own_team_alone(app, city, manager, sign_in, now):
    whole = asked(manager)
    leader = sign_in("team_leader", team_id=city.west.id)
    assert leader.get(whole).status_code == 404
    assert leader.get(f"{HERE}?again={whole.rsplit('/', 1)[1]}").status_code == 404
    assert "There are 12 located tickets" in page_of(leader)
    own = asked(leader)
    rehearsed(app, now)
    page = page_of(leader, own)
    assert "West Team" in page
    assert "East" not in page
    assert leader.get(f"{own}/figures.csv").status_code == 403
    assert "West Team" in page_of(manager, own)


def test_the_tables_can_be_taken_along(app, manager, now):
    address = asked(manager)
    rehearsed(app, now)
    answer = manager.get(f"{address}/figures.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["by"] for row in rows] == [
        "total",
        "level",
        "level",
        "team",
        "team",
        "grid",
        "grid",
    ]
    assert rows[0]["n"] == rows[0]["life_n"] == "24"
    assert rows[0]["life_rate"] == "0.5"
    assert rows[0]["unchanged_rate"] == ""


def test_the_usual_days_end_with_the_newest_call_or_yesterday(manager, clock):
    clock.shift(timedelta(days=365))
    assert 'name="last" type="date" value="2026-03-03"' in page_of(manager)


def test_the_title_keeps_its_dates_whole_and_is_not_repeated_below(app, manager, now):
    address = asked(manager)
    rehearsed(app, now)
    page = page_of(manager, address)
    heading = page.split("<h1>")[1].split("</h1>")[0]
    below = page.split("facts-line")[1].split("</p>")[0]
    assert '<span class="nowrap">2026-03-02</span> – <span class="nowrap">' in heading
    assert FORM["first"] not in below
    assert "promise 30 min" in below
    named = asked(manager, name="Two more")
    assert FORM["first"] in page_of(manager, named).split("facts-line")[1].split("</p>")[0]

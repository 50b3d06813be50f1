"""Does everybody see what waits for them, on every page, and can they take note at once?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from dispatch.actions.clockwork import beat, fire_due
from dispatch.actions.unit_of_work import transaction
from dispatch.models.alerts import Alert, RotaEntry
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.people import Team
from tests.factories import make_city, make_ticket


@pytest.fixture
def desk(app, sign_in, now, clock):
    """Sign in a dispatcher who is on duty, with a ticket that nobody takes."""
    visitor = sign_in("dispatcher")
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)
        db.session.add(
            RotaEntry(duty="dispatcher", user_id=visitor.user_id, start_minute=0, end_minute=0)
        )
    clock.shift(timedelta(minutes=16))
    return visitor


def sweep(app, now, minutes=16):
    with app.app_context(), transaction():
        fire_due(now + timedelta(minutes=minutes), limit=100)


def states(app):
    with app.app_context():
        return {alert.clock: alert.state for alert in db.session.query(Alert).order_by(Alert.id)}


def test_the_bell_counts_what_waits_and_leads_to_the_ticket(app, desk, now):
    sweep(app, now)
    page = desk.get("/alerts/centre").text
    assert "Alerts for you: 2" in page
    assert "Arrive 50 %" in page
    assert 'href="/desk?ticket=W000001"' in page
    assert "60 s late" in page


def test_nothing_is_drawn_anew_while_nothing_has_changed(app, desk, now, clock):
    first = desk.get("/alerts/centre")
    tag = {"If-None-Match": first.headers["ETag"]}
    clock.shift(1)
    assert desk.get("/alerts/centre", headers=tag).status_code == 304
    sweep(app, now)
    assert desk.get("/alerts/centre", headers=tag).status_code == 200


def test_one_tap_takes_note_by_name(app, desk, now):
    sweep(app, now)
    with app.app_context():
        [row] = db.session.query(Alert).filter_by(clock="arrive").all()
    answer = desk.post(f"/alerts/{row.id}/acknowledge")
    assert (answer.status_code, answer.location) == (303, "/alerts")
    assert states(app)["arrive"] == "acknowledged"
    assert "Alerts for you: 1" in desk.get("/alerts/centre").text


def test_an_alert_of_somebody_else_cannot_be_noted(app, desk, sign_in, now):
    sweep(app, now)
    assert sign_in("call_taker").post("/alerts/1/acknowledge").status_code == 403
    assert desk.post("/alerts/999/acknowledge").status_code == 404
    assert set(states(app).values()) == {"open"}


@pytest.mark.parametrize("path", ["/desk", "/alerts", "/circle", "/account", "/desk/call"])
def test_the_bell_is_on_every_page_of_the_desk(desk, path):
    assert 'id="alert-centre"' in desk.get(path).text


@pytest.mark.parametrize("path", ["/admin", "/admin/rota", "/admin/people"])
@pytest.mark.usefixtures("clock")
def test_the_bell_is_on_the_pages_of_the_administration(sign_in, path):
    assert 'id="alert-centre"' in sign_in("administrator").get(path).text


def test_a_stranger_has_no_bell(client):
    assert "alert-centre" not in client.get("/report").text
    assert client.get("/alerts/centre").status_code == 302


def test_the_crew_has_it_on_the_phone(app, sign_in, now):
    with app.app_context(), transaction():
        crew = make_city(now).crews[0].id
    steward = sign_in("crew", crew_id=crew)
    assert 'id="alert-centre"' in steward.get("/crew").text
    asks = {"X-OneVisit-Bell": "tell"}
    day = steward.get("/crew", headers=asks)
    again = steward.get("/crew", headers=asks | {"If-None-Match": day.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["X-OneVisit-Bell"] == day.headers["X-OneVisit-Bell"]
    assert "Nothing waits for you." in steward.get("/alerts/centre").text


def test_a_page_that_asks_hears_of_the_bell_with_its_own_news(desk, client, app, now):
    asks = {"X-OneVisit-Bell": "tell"}
    quiet = desk.get("/desk", headers=asks).headers["X-OneVisit-Bell"]
    assert desk.get("/alerts/centre").headers["ETag"] == f'"{quiet}"'
    sweep(app, now)
    told = desk.get("/desk", headers=asks).headers["X-OneVisit-Bell"]
    assert told != quiet
    assert desk.get("/alerts/centre").headers["ETag"] == f'"{told}"'
    assert "X-OneVisit-Bell" not in desk.get("/desk").headers
    assert "X-OneVisit-Bell" not in client.get("/sign-in", headers=asks).headers


def test_a_silent_clockwork_is_amber_then_red_on_every_page(app, desk, sign_in, now, clock):
    clock.move_to(now)
    with app.app_context(), transaction():
        beat("timers", "here/1", now=now, started_at=now, took_ms=1)
    assert "data-clockwork" not in desk.get("/alerts/centre").text
    clock.shift(11)
    assert 'data-clockwork="amber"' in desk.get("/alerts/centre").text
    clock.shift(20)
    assert 'data-clockwork="red"' in desk.get("/alerts/centre").text
    for role, words in (
        ("administrator", "Start the jobs process."),
        ("dispatcher", "Tell the administrator now"),
        ("crew", "Tell the desk; what you tap is kept"),
    ):
        assert words in sign_in(role, crew_id=1).get("/alerts/centre").text
    assert desk.get("/healthz/deadlines").status_code == 503
    with app.app_context(), transaction():
        beat("timers", "here/1", now=now + timedelta(seconds=31), started_at=now, took_ms=1)
    assert "data-clockwork" not in desk.get("/alerts/centre").text
    assert desk.get("/healthz/deadlines").status_code == 200


def test_the_history_is_filtered_and_comes_as_a_table(app, desk, now):
    sweep(app, now)
    page = desk.get("/alerts?clock=arrive&state=open&duty=dispatcher&from=2026-03-02&to=2026-03-02")
    assert "Promises: 1, newest first" in page.text
    assert "Promises: 0, newest" in desk.get("/alerts?state=settled").text
    assert "Promises: 0, newest" in desk.get("/alerts?to=2026-03-01").text
    assert "Promises: 0, newest" in desk.get("/alerts?from=2026-03-03").text
    table = desk.get("/alerts.csv?clock=arrive")
    head, row, *rest = table.get_data(as_text=True).splitlines()
    assert head.startswith("\ufeffid,ticket,team,")
    assert "W000001,West Team,burst,1,arrive,50" in row
    assert rest == []


def test_filters_that_cannot_be_meant_are_named_or_left_out(app, desk, now):
    sweep(app, now)
    page = desk.get("/alerts?state=nonsense&from=yesterday&page=9999999999999999999999")
    assert page.status_code == 200
    assert "This must be a date" in page.text
    assert "Promises: 2, newest" in page.text


def test_a_leader_sees_the_alerts_of_the_own_team_alone(app, desk, sign_in, now):
    sweep(app, now)
    with app.app_context():
        west, east = (each.id for each in db.session.query(Team).order_by(Team.id))
    assert "Promises: 2, newest" in sign_in("team_leader", team_id=west).get("/alerts").text
    assert "Promises: 0, newest" in sign_in("team_leader", team_id=east).get("/alerts").text


def test_the_list_folds_the_lower_rungs_of_a_clock(app, desk, now, clock):
    for minutes in (16, 25, 31):
        sweep(app, now, minutes)
        with app.app_context(), transaction():
            db.session.execute(delete(Timer).where(Timer.alert_id.is_not(None)))
    page = desk.get("/alerts/centre").text
    assert page.count("Arrive 100 %") == 1
    assert "Arrive 50 %" not in page
    assert "told before at 80 %" in page
    history = desk.get("/alerts?clock=arrive").text
    assert history.count("<tr>") == 2
    assert "Alerts before: " in history


def test_an_open_alert_is_noted_on_the_list_by_who_may(app, desk, sign_in, now):
    sweep(app, now)
    assert 'action="/alerts/1/acknowledge"' in desk.get("/alerts").text
    manager = sign_in("manager")
    assert "/acknowledge" not in manager.get("/alerts").text.partition('class="table')[2]
    answer = manager.post("/alerts/1/acknowledge")
    assert answer.status_code == 403
    assert "they take note of it" in answer.text

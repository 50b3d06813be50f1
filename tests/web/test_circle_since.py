"""Is a manager told what changed in past days since the last look, until it is seen?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dispatch.actions.corrections import correct_time
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.figure_looks import FigureLook
from dispatch.queries import kept_answers
from dispatch.queries.tickets import ticket_for_change
from tests.cases import Case
from tests.factories import DESK

DAYS = "from=2026-03-02&to=2026-03-02"
ADDRESS = f"/circle?{DAYS}"


@pytest.fixture
def past(app, now, clock):
    """Add a ticket that was reached after 40 minutes, and go on to two days later."""
    with app.app_context():
        case = Case(now)
        visit = case.send(at=1)
        case.go(visit, "acknowledge", "set_off", at=2)
        case.go(visit, "arrive", "complete", at=40)
        found = case.id
    clock.move_to(now + timedelta(days=2))
    return found


def correct(app, ticket, now):
    with app.app_context(), transaction():
        row = ticket_for_change(ticket_number(ticket), Scope(everything=True))
        at = now + timedelta(minutes=25)
        late = now + timedelta(days=2, minutes=1)
        correct_time(row, "arrived", at, reason="wrong button", actor=DESK, now=late)


def page_of(browser, address=ADDRESS):
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


@pytest.mark.parametrize("path", ["map", "responsibility", "ranking"])
def test_an_answer_of_a_minute_ago_is_compared_from_its_own_moment(
    app, past, now, clock, sign_in, monkeypatch, path
):
    monkeypatch.setattr(kept_answers, "LARGE", 1)
    manager = sign_in("manager")
    address = f"/circle/{path}?{DAYS}"
    clock.move_to(now + timedelta(days=2, seconds=45))
    page_of(manager, address)
    correct(app, past, now)
    clock.move_to(now + timedelta(days=2, seconds=75))
    named = f'href="/desk?ticket={ticket_number(past)}"'
    assert named not in page_of(manager, address)
    clock.move_to(now + timedelta(days=3))
    assert named in page_of(manager, address)


def looks(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(FigureLook))


def test_the_drawer_tells_old_and_new_value_and_the_ticket_until_it_is_seen(
    app, past, now, clock, sign_in
):
    manager = sign_in("manager")
    assert "You look at these days for the first time." in page_of(manager)
    assert "Unchanged since you looked on 2026-03-04 17:30" in page_of(manager)
    correct(app, past, now)
    clock.move_to(now + timedelta(days=3))
    for _ in range(2):
        page = page_of(manager)
        assert "figures of these days changed since you looked on 2026-03-04 17:30:" in page
        drawer = page.split('id="promise"')[1].split("</details>")[0]
        assert "Changed since you looked on 2026-03-04 17:30" in drawer
        assert "Circle attainment: was 0.0 % (n = 1), is 100.0 % (n = 1)" in drawer
        assert "(+100.0 points)" in drawer
        assert "(−15.0 min)" in drawer
        number = ticket_number(past)
        assert f'href="/desk?ticket={number}">{number}</a> A time was corrected' in drawer
        assert "was 0.0 % when you looked" in page
        assert "Unchanged since you looked" in page.split('id="first-time"')[1]
    answer = manager.post(f"/circle/seen?{DAYS}")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/circle?from=2026-03-02")
    page = page_of(manager)
    assert "days changed since" not in page
    assert "Changed since" not in page
    assert "Unchanged since you looked on 2026-03-05 17:30" in page


@pytest.mark.parametrize(
    ("path", "where", "said"),
    [
        ("/circle", 'id="teams"', "Circle attainment: was 0.0 % (n = 1), is 100.0 % (n = 1)"),
        ("/circle/map", 'class="asked"', "Arrival P90, min: was 40.0 (n = 1), is 25.0 (n = 1)"),
        ("/circle/ranking", 'id="teams"', "Circle attainment: was 0.0 % (n = 1)"),
        ("/circle/responsibility", 'id="holders"', "30 minutes broken: was 100.0 % (n = 1)"),
    ],
)
def test_each_page_tells_in_its_drawers_what_changed_since_it_was_looked_at(
    app, past, now, clock, sign_in, path, where, said
):
    manager = sign_in("manager")
    address = f"{path}?{DAYS}"
    assert "changed since" not in page_of(manager, address)
    correct(app, past, now)
    clock.move_to(now + timedelta(days=3))
    page = page_of(manager, address)
    drawer = page.split(where)[1].split("</details>")[0]
    assert said in drawer
    assert ticket_number(past) in drawer
    answer = manager.post(f"/circle/seen?{DAYS}", data={"page": path})
    assert answer.headers["Location"].startswith(f"{path}?from=2026-03-02")
    assert "Changed since" not in page_of(manager, address)


def test_what_was_seen_on_one_page_is_still_told_on_another(app, past, now, clock, sign_in):
    manager = sign_in("manager")
    for path in ("/circle", "/circle/map"):
        page_of(manager, f"{path}?{DAYS}")
    correct(app, past, now)
    for path in ("/circle", "/circle/map"):
        page_of(manager, f"{path}?{DAYS}")
    manager.post(f"/circle/seen?{DAYS}", data={"page": "/circle/map"})
    assert "Changed since" not in page_of(manager, f"/circle/map?{DAYS}")
    assert "Changed since" in page_of(manager)
    elsewhere = manager.post(f"/circle/seen?{DAYS}", data={"page": "https://example.org"})
    assert elsewhere.headers["Location"].startswith("/circle?")


def test_each_person_and_each_view_has_a_look_of_its_own(app, past, now, clock, sign_in):
    manager, auditor = sign_in("manager"), sign_in("auditor")
    page_of(manager)
    page_of(manager, f"{ADDRESS}&level=1")
    page_of(manager, f"{ADDRESS}&compare=0&by=hour")
    assert looks(app) == 2
    correct(app, past, now)
    assert "You look at these days for the first time." in page_of(auditor)
    assert "days changed since" in page_of(manager, f"{ADDRESS}&level=1")


@pytest.mark.parametrize("address", [f"{ADDRESS}&wall=1", "/circle?last=7", "/circle"])
def test_a_wall_and_days_that_are_not_over_are_not_kept(app, past, sign_in, address):
    page = page_of(sign_in("manager"), address)
    assert "since you looked" not in page
    assert "for the first time" not in page
    assert looks(app) == 0


def test_seen_needs_the_figures_and_a_view_that_can_be_meant(past, sign_in):
    assert sign_in("call_taker").post(f"/circle/seen?{DAYS}").status_code == 403
    manager = sign_in("manager")
    assert manager.post("/circle/seen?team=Nobody").status_code == 422
    assert manager.post(f"/circle/seen?{DAYS}").status_code == 303

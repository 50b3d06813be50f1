"""Does the circle lead from a broken promise to its stage and its tickets?"""

from __future__ import annotations

import re

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.circle_history import DAYS, MONDAY, QUICK, a_week_of_tickets, past_ticket

EVENINGS = f"{DAYS}&days=weekdays&from_hour=17&to_hour=22"


@pytest.fixture
def week(app):
    with app.app_context(), transaction():
        a_week_of_tickets()


def page_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_the_worst_grid_its_stage_and_its_tickets_are_named(week, sign_in):
    manager = sign_in("manager")
    page = page_of(manager, f"/circle?{EVENINGS}")
    assert "Broken most often: East, 15 of 25 (60.0 %)." in page
    assert "Most of the time beyond the usual went in the stage Dispatch." in page
    [link] = re.findall(r'<a href="([^"]+)">Show these tickets', page)
    tickets = page_of(manager, link.replace("&amp;", "&"))
    assert "Grid: East" in tickets
    assert "15 tickets" in tickets
    assert tickets.count('<th scope="row"><a class="mono" href="/desk?ticket=W') == 15
    assert "Monday to Friday" in tickets
    assert "17:00 to 22:00" in tickets
    whole = page_of(manager, f"/circle?{DAYS}")
    assert "Broken most often: West, 20 of 72 (27.8 %)." in whole


@pytest.mark.parametrize(
    ("by", "name", "count"),
    [
        ("team", "East Team", 15), ("crew", "none", 15), ("hour", "18:00", 15),
        ("day", "Friday", 3), ("level", "Level 1", 15), ("category", "Burst main", 15),
    ],
)  # fmt: skip
def test_promises_are_told_apart_by_anything_that_is_offered(week, sign_in, by, name, count):
    page = page_of(sign_in("manager"), f"/circle?{EVENINGS}&by={by}")
    [panel] = re.findall(r'id="broken">.*?</section>', page)
    assert f'<th scope="row">{name}' in panel
    [link] = re.findall(r'<a href="(/circle/tickets[^"]+)" aria-label="[^"]*broke', panel)[:1]
    assert f"{count} tickets" in page_of(sign_in("manager"), link.replace("&amp;", "&"))


def test_the_week_is_a_table_whose_cells_lead_to_their_hour(week, sign_in):
    page = page_of(sign_in("manager"), f"/circle?{DAYS}")
    cell = (
        r'data-heat="4"><a href="([^"]+)" aria-label="Saturday 11:00: 20 of 22 broken">91<small>22'
    )
    [link] = re.findall(cell, page)
    narrowed = page_of(sign_in("manager"), link.replace("&amp;", "&"))
    assert "n = 22" in narrowed
    assert "11:00 to 12:00" in narrowed
    assert 'class="greyed"><a href' in page


def test_every_filter_holds_for_the_whole_page_and_can_be_taken_away(week, sign_in):
    page = page_of(sign_in("manager"), f"/circle?{EVENINGS}&grid=East&storm=0")
    assert "n = 25" in page
    assert page.count("Remove this filter") == 4
    assert '<option value="weekdays" selected>' in page
    assert '<option value="17" selected>' in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("team=Nobody", "There is no team named “Nobody”."),
        ("grid=Nowhere", "There is no grid named “Nowhere”."),
        ("gird=East", "There is no such field"),
        ("category=flood", "none of the known values"),
        ("days=someday", "none of the known values"),
        ("from_hour=24", "whole number from 0 to 23"),
        ("from_hour=9&to_hour=9", "begin and end at 9:00"),
        ("by=colour", "none of the known values"),
        ("last=0", "whole number from 1"),
        ("storm=maybe", "true or false"),
    ],
)
def test_what_is_not_known_is_refused_with_one_sentence(sign_in, query, sentence):
    for path in ("/circle", "/circle/tickets", "/circle/figures.csv"):
        answer = sign_in("manager").get(f"{path}?{query}")
        assert answer.status_code == 422
        assert sentence in answer.text


def test_a_group_that_cannot_be_is_refused(sign_in):
    answer = sign_in("manager").get("/circle/tickets?by=hour&key=noon")
    assert answer.status_code == 422
    assert "There is no group" in answer.text


def test_one_ticket_is_shown_and_not_judged(app, sign_in):
    with app.app_context(), transaction():
        past_ticket(MONDAY, (25, 26, 27, 44))
    page = page_of(sign_in("manager"), f"/circle?{DAYS}")
    assert "No group has the 20 due promises that a judgement needs" in page
    assert "data-heat" not in page
    [longer] = re.findall(r'href="([^"]+)">Look at 12 months up to 2026-03-08', page)
    year = page_of(sign_in("manager"), longer.replace("&amp;", "&"))
    assert "2025-03-09 – 2026-03-08" in year
    assert "Look at 12 months" not in year
    assert "1 ticket ·" in page_of(sign_in("manager"), f"/circle/tickets?{DAYS}")


def test_nothing_broken_and_nothing_at_all_say_so(app, sign_in):
    manager = sign_in("manager")
    assert "No such ticket" in page_of(manager, f"/circle/tickets?{DAYS}")
    with app.app_context(), transaction():
        past_ticket(MONDAY, QUICK)
    assert "Every one of the 1 promises that were due was kept." in page_of(
        manager, f"/circle?{DAYS}"
    )
    assert "arrived in time" in page_of(manager, f"/circle/tickets?{DAYS}&promise=all")


def test_pages_of_tickets_keep_their_group(app, sign_in):
    with app.app_context(), transaction():
        for _ in range(51):
            past_ticket(MONDAY, (25, 26, 27, 44))
    page = page_of(sign_in("manager"), f"/circle/tickets?{DAYS}&by=grid&key=&stage=dispatch")
    [link] = re.findall(r'rel="next" href="([^"]+)"', page)
    after = page_of(sign_in("manager"), link.replace("&amp;", "&"))
    assert after.count('<a class="mono" href="/desk?ticket=W') == 1
    assert "Page 2 of 2" in after


def test_a_definition_tells_what_is_in_this_view(week, sign_in):
    page = page_of(sign_in("manager"), f"/circle?{EVENINGS}")
    assert "In this view: n = 50." in page
    assert "Formula: closed tickets followed within 7, 30 or 90 days" in page


def test_the_wall_shows_the_figures_and_goes_along_with_the_days(week, sign_in, clock):
    clock.move_to(MONDAY.replace(hour=20))
    page = page_of(sign_in("manager"), f"/circle?{DAYS.replace('08', '02')}")
    assert "/circle?compare=1&amp;wall=1&amp;last=1" in page
    wall = page_of(sign_in("manager"), "/circle?wall=1&last=1")
    assert 'class="dashboard wall"' in wall
    assert "Leave the wall" in wall
    assert 'data-live="yes"' in wall

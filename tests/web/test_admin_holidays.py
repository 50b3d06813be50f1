"""Do the days off of a year come into the calendar only after somebody has seen them?"""

from __future__ import annotations

import html
import io
import re
from datetime import date

import pytest

from dispatch.queries.policies import policy_in_force

HERE = "/admin/policy/holidays"
CSV = b"date,kind\n2026-10-01,holiday\n2026-10-10,working_day\n"


@pytest.fixture
def boss(sign_in):
    return sign_in("administrator")


def send_file(boss, content, year="2026", name="days.csv"):
    sent = {"file": (io.BytesIO(content), name), "year": year}
    return boss.post(f"{HERE}/file", data=sent)


def kept(page):
    return {
        name: html.unescape(re.search(f'name="{name}" value="([^"]*)"', page.text)[1])
        for name in ("year", "version", "days")
    }


def test_the_library_is_previewed_and_stored_with_a_reason(app, boss):
    page = boss.get(f"{HERE}?country=CN&year=2025")
    assert page.status_code == 200
    assert "2025-09-28" in page.text
    with app.app_context():
        assert not policy_in_force().policy.calendar.holidays
    form = kept(page)
    refused = boss.post(HERE, data=form)
    assert refused.status_code == 422
    assert kept(refused)["days"] == form["days"]
    assert boss.post(HERE, data=form | {"reason": "as announced"}).status_code == 302
    with app.app_context():
        calendar = policy_in_force().policy.calendar
    assert date(2025, 9, 28) in calendar.working_weekends
    assert date(2025, 10, 1) in calendar.holidays
    stale = boss.post(HERE, data=form | {"reason": "again"})
    assert stale.status_code == 409


def test_a_file_is_previewed_and_says_what_leaves_the_calendar(boss):
    form = kept(send_file(boss, CSV))
    assert boss.post(HERE, data=form | {"reason": "by file"}).status_code == 302
    page = send_file(boss, b"date,kind\n2026-10-02,holiday\n")
    assert "Leaves the calendar: 2026-10-01, 2026-10-10" in page.text


@pytest.mark.parametrize(
    ("content", "year", "said"),
    [
        (CSV, "2027", "days.csv, line 2, date"),
        (CSV + b"2026-10-10,holiday\n", "2026", "days.csv, line 4, date"),
        (b"date,kind\n2026-13-01,holiday\n", "2026", "days.csv, line 2, date"),
        (b"date,kind\n2026-13-01,holiday\n2026-01-01,x\n", "2026", "is none of"),
        (CSV, "MMXXVI", "Give a year"),
        (b"", "2026", "The file is empty"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_kept(app, boss, content, year, said):
    page = send_file(boss, content, year)
    assert page.status_code == 422
    assert said in html.unescape(page.text)
    assert 'name="days"' not in page.text
    with app.app_context():
        assert policy_in_force().version == 0


@pytest.mark.parametrize("asked", ["country=XX&year=2026", "country=CN&year=now"])
def test_what_the_library_does_not_know_is_refused_in_words(boss, asked):
    page = boss.get(f"{HERE}?{asked}")
    assert page.status_code == 422
    assert "Nothing was changed" in page.text


def test_a_year_that_is_not_announced_says_so(boss):
    year = 2027
    while "are not announced yet" not in (page := boss.get(f"{HERE}?country=CN&year={year}")).text:
        year += 1
    assert f"{year}-01-01" in page.text


def test_only_an_administrator_sees_them(sign_in):
    assert sign_in("dispatcher").get(HERE).status_code == 403


def test_days_that_were_meddled_with_are_refused(boss):
    form = {"year": "2026", "version": "0", "days": "[1]", "reason": "x"}
    assert boss.post(HERE, data=form).status_code == 422

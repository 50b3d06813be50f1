"""Are the promises changed by their form, and a wrong one named at its field?"""

from __future__ import annotations

import pytest

from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.web.policy_form import form_of


@pytest.fixture
def boss(sign_in):
    return sign_in("administrator")


def test_new_promises_are_a_new_version_with_its_reason(app, boss):
    form = policy_form(boss)
    form |= {"levels.2.arrive.town": "45", "reason": "a trial", "version": "0"}
    assert boss.post("/admin/policy/edit", data=form).status_code == 302
    page = boss.get("/admin/policy").text
    assert "45 min" in page
    assert "a trial" in page
    assert boss.get("/admin/policy/1").status_code == 200
    stale = boss.post("/admin/policy/edit", data=form | {"levels.2.arrive.town": "40"})
    assert stale.status_code == 409
    assert 'value="40"' in stale.text
    assert "levels.2.arrive.town.minutes" in boss.get("/admin/changes").text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("levels.1.dispatch", "soon"),
        ("levels.1.arrive.town", ""),
        ("levels.1.arrive.night", "999999 h"),
        ("night.0", "25:00"),
        ("ladder", "0.5 0.8"),
        ("calendar.zone", "Mars/Base"),
        ("calendar.hours", "17:00-08:00"),
        ("calendar.weekdays", "8"),
        ("calendar.holidays", "2026-02-30"),
        ("circle_minutes", "0"),
        ("large_main_mm", "wide"),
        ("arrival.fence_metres", "19"),
        ("arrival.dwell_minutes", "an hour"),
        ("follow_up", ""),
        ("asking.same_day_levels", "9"),
        ("asking.hours.0", "21:00"),
        ("asking.left_out", "the moon"),
        ("asking.left_out", "moon"),
        ("asking.tries", "often"),
        ("reason", " "),
    ],
)
def test_a_wrong_promise_is_named_and_nothing_typed_is_lost(boss, field, typed):
    form = policy_form(boss) | {"levels.2.arrive.town": "47 min", "reason": "why not"}
    page = boss.post("/admin/policy/edit", data=form | {field: typed})
    assert page.status_code == 422
    assert 'value="47 min"' in page.text
    near = page.text[page.text.index(f'name="{field}"') :][:400]
    assert 'aria-invalid="true"' in near


def policy_form(boss):

    assert boss.get("/admin/policy/edit").status_code == 200
    return form_of(DEFAULT_POLICY) | {"version": "0"}

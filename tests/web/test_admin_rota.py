"""Is a rota written on its page, from a file or by a program, and refused with the field named?"""

from __future__ import annotations

import io
import re

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.alerts import LadderStep, RotaEntry
from dispatch.models.base import db
from tests.factories import make_account, make_city

HERE = "/admin/rota"
HEADER = "duty,team,person,weekdays,start,end,from,to\n"


@pytest.fixture
def admin(app, sign_in, now, clock):
    visitor = sign_in("administrator")
    with app.app_context(), transaction():
        make_city(now)
        make_account(Role.DISPATCHER, now, name="li")
    return visitor


def entries(app):
    with app.app_context():
        return [row.duty for row in db.session.query(RotaEntry).order_by(RotaEntry.id)]


def send_file(admin, text):
    return admin.post(f"{HERE}/file", data={"file": (io.BytesIO(text.encode()), "rota.csv")})


def test_the_empty_page_says_what_happens_without_a_rota(admin):
    page = admin.get(HERE).text
    assert "The rota is empty" in page
    assert "The rota names nobody as: Dispatcher, Team leader" in page


def test_an_entry_is_added_and_taken_out(app, admin):
    form = {"duty": "dispatcher", "person": "li", "team": "West Team", "weekdays": "1-5"}
    assert admin.post(HERE, data=form | {"start": "08:00", "end": "20:00"}).status_code == 303
    page = admin.get(HERE).text
    assert "08:00–20:00" in page
    assert "on duty" in page
    assert admin.post(f"{HERE}/1/remove").status_code == 409
    assert admin.post(HERE, data=form | {"start": "20:00", "end": "08:00"}).status_code == 303
    assert admin.post(f"{HERE}/1/remove").status_code == 303
    assert entries(app) == ["dispatcher"]
    assert admin.post(f"{HERE}/1/remove").status_code == 404


def test_a_wrong_entry_keeps_what_was_typed(app, admin):
    answer = admin.post(HERE, data={"duty": "dispatcher", "person": "li", "weekdays": "9"})
    assert answer.status_code == 422
    assert "Write weekdays as 1-5" in answer.text
    assert 'value="9"' in answer.text
    assert entries(app) == []


def test_a_file_replaces_the_rota_or_is_refused_whole(app, admin):
    assert send_file(admin, HEADER + "duty_manager,,li,,,,,\n").status_code == 303
    assert entries(app) == ["duty_manager"]
    refused = send_file(admin, HEADER + "crew,,li,,,,,\ncrew,,nobody,,,,,\n")
    assert refused.status_code == 422
    assert "line 3" in refused.text
    assert "There is no account “nobody”" in refused.text
    assert entries(app) == ["duty_manager"]
    assert admin.post(f"{HERE}/file").status_code == 422


def test_the_ladder_is_written_as_a_whole(app, admin):
    admin.post(HERE, data={"duty": "dispatcher", "person": "li"})
    steps = {
        "steps.0.percent": "40", "steps.0.duty": "crew", "steps.0.pass_on_minutes": "3",
        "steps.1.percent": "100", "steps.1.duty": "dispatcher", "steps.1.pass_on_minutes": "",
        "steps.2.percent": "", "steps.2.duty": "crew",
    }  # fmt: skip
    assert admin.post("/admin/ladder", data=steps).status_code == 303
    with app.app_context():
        rows = db.session.query(LadderStep).order_by(LadderStep.fraction)
        assert [(row.fraction, row.duty, row.pass_on_minutes) for row in rows] == [
            (0.4, "crew", 3),
            (1.0, "dispatcher", None),
        ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps.0.pass_on_minutes": "-1"}, "Give a whole number from 1 to"),
        ({"steps.0.percent": "x"}, "This must be a whole number"),
        ({"steps.0.duty": "duty_manager"}, "The rota names nobody as Duty manager"),
        ({"steps.0.percent": ""}, "A ladder needs at least one step"),
    ],
)
def test_a_ladder_that_cannot_be_meant_is_refused(app, admin, change, words):
    steps = {"steps.0.percent": "50", "steps.0.duty": "crew"}
    answer = admin.post("/admin/ladder", data=steps | change)
    assert answer.status_code == 422
    assert words in answer.text
    with app.app_context():
        assert db.session.query(LadderStep).count() == 0


def test_only_an_administrator_writes(sign_in):
    for role in ("dispatcher", "auditor", "manager"):
        visitor = sign_in(role)
        assert visitor.get(HERE).status_code == 403
        assert visitor.post(HERE, data={}).status_code == 403


def version_on(page, action):
    form = page.split(f'action="{action}"')[1]
    return re.search(r'name="version" value="([0-9]+)"', form).group(1)


@pytest.mark.parametrize("typed", ["", "/file", "/1/remove"])
def test_a_rota_that_somebody_changed_meanwhile_is_shown_again(app, admin, clock, typed):
    entry = {"duty": "dispatcher", "person": "li"}
    assert admin.post(HERE, data=entry).status_code == 303
    seen = version_on(admin.get(HERE).text, HERE)
    clock.shift(60)
    assert (
        admin.post(HERE, data=entry | {"duty": "team_leader", "version": seen}).status_code == 303
    )
    line = f"{HEADER}duty_manager,,li,1-7,08:00,20:00,,\n"
    body = {
        "": {"duty": "duty_manager", "person": "li"},
        "/file": {"file": (io.BytesIO(line.encode()), "rota.csv")},
        "/1/remove": {},
    }[typed]
    answer = admin.post(HERE + typed, data=body | {"version": seen})
    assert answer.status_code == 409
    assert "changed this at" in answer.text
    assert "17:31" in answer.text
    assert version_on(answer.text, HERE) != seen
    assert entries(app) == ["dispatcher", "team_leader"]


def test_a_form_that_is_sent_twice_writes_one_entry(app, admin):
    seen = version_on(admin.get(HERE).text, HERE)
    form = {"duty": "dispatcher", "person": "li", "version": seen}
    assert [admin.post(HERE, data=form).status_code for _ in range(2)] == [303, 409]
    assert entries(app) == ["dispatcher"]


def test_a_ladder_that_somebody_changed_meanwhile_is_shown_again(app, admin):
    seen = version_on(admin.get(HERE).text, "/admin/ladder")
    form = {"steps.0.percent": "60", "steps.0.duty": "crew", "version": seen}
    assert admin.post("/admin/ladder", data=form).status_code == 303
    answer = admin.post("/admin/ladder", data=form | {"steps.0.percent": "70"})
    assert answer.status_code == 409
    assert 'value="70"' in answer.text
    with app.app_context():
        assert [step.fraction for step in db.session.query(LadderStep)] == [0.6]

"""Do the pages of the administration work for administrators, and for nobody else?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.people import SettingsEvent
from dispatch.queries.datum_mixup import MixUpLine
from dispatch.web import admin
from dispatch.web.admin import SUBJECTS
from tests.visitors import without_tokens

READS = {
    "/admin": {"administrator"},
    "/admin/people": {"administrator"},
    "/admin/people/new": {"administrator"},
    "/admin/people/1": {"administrator"},
    "/admin/teams": {"administrator"},
    "/admin/grids": {"administrator"},
    "/admin/tickets": {"administrator"},
    "/admin/policy": {"administrator"},
    "/admin/policy/edit": {"administrator"},
    "/admin/changes": {"administrator", "auditor"},
    "/admin/jobs": {"administrator", "auditor"},
    "/account": set(Role),
}
WRITES = (
    "/admin/people/new",
    "/admin/people/1",
    "/admin/people/1/link",
    "/admin/people/1/token",
    "/admin/people/1/password",
    "/admin/people/1/sessions",
    "/admin/people/1/sessions/1",
    "/admin/teams",
    "/admin/grids",
    "/admin/tickets",
    "/admin/policy/edit",
)


@pytest.fixture
def boss(sign_in):
    return sign_in("administrator")


@pytest.mark.parametrize("role", [str(role) for role in Role])
def test_each_role_reads_its_pages_and_no_other(sign_in, role):
    person = sign_in(role)
    headers = person.bearer if role == "api_client" else {}
    for path, readers in READS.items():
        expected = 200 if role in readers else 403
        assert person.get(path, headers=headers).status_code == expected, path


@pytest.mark.parametrize("role", [str(role) for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_changes_anything(app, sign_in, role):
    person = sign_in(role)
    headers = person.bearer if role == "api_client" else {}
    for path in WRITES:
        assert person.post(path, headers=headers).status_code == 403, path
    with app.app_context():
        assert db.session.query(SettingsEvent).count() == 0


def test_a_stranger_is_asked_to_sign_in(client):
    for path in READS:
        assert client.get(path).location.startswith("/sign-in")
    for path in WRITES:
        assert client.post(path).status_code == 302


@pytest.mark.parametrize("path", sorted(READS))
def test_every_page_reads_in_chinese(boss, path):
    boss.set_cookie("language", "zh-CN")
    page = boss.get(path)
    assert page.status_code == 200
    assert 'lang="zh-CN"' in page.text


def test_a_large_figure_is_grouped_and_days_are_listed_as_the_language_does(boss, monkeypatch):
    counts = admin.counts
    monkeypatch.setattr(admin, "counts", lambda now: replace(counts(now), tickets=3044))
    assert '<span class="value">3,044</span>' in boss.get("/admin").text
    boss.set_cookie("language", "zh-CN")
    assert "周一、周二" in boss.get("/admin/policy").text


@pytest.mark.parametrize(
    "path",
    [
        "/admin/people/999",
        f"/admin/people/{10**30}",
        "/admin/policy/77",
        f"/admin/policy/{10**30}",
        "/admin/people/-1",
    ],
)
def test_what_is_not_there_is_not_found(boss, path):
    assert boss.get(path).status_code == 404


def test_a_form_from_another_site_is_refused(boss):
    boss.carries_token = False
    for path in WRITES:
        assert boss.post(path).status_code == 400


def test_the_changes_are_paged_and_filtered(app, boss, now):
    with app.app_context(), transaction():
        for number in range(120):
            subject = "user" if number % 2 else "grids"
            db.session.add(
                SettingsEvent(
                    at=now, actor="x", subject=subject, subject_key=f"k{number}", now={"n": number}
                )
            )
    page = boss.get("/admin/changes?page=2&subject=user").text
    assert "60 changes" in page
    assert "k19" in page
    assert "k118" not in without_tokens(page)
    for odd in (
        "page=0",
        "page=-5",
        "page=x",
        f"page={10**30}",
        "subject=%00",
        "subject=" + "x" * 99,
    ):
        assert boss.get(f"/admin/changes?{odd}").status_code == 200, odd


def test_every_kind_of_setting_has_a_name(root):
    written = set()
    for path in (root / "dispatch" / "actions").glob("*.py"):
        code = path.read_text(encoding="utf-8")
        written |= set(re.findall(r'record_setting\(\s*"(\w+)"', code))
        if "record_setting(SUBJECT" in code:
            written |= set(re.findall(r'^SUBJECT = "(\w+)"', code, re.MULTILINE))
    assert written == set(SUBJECTS)


def test_a_mix_up_of_datums_is_shown_with_its_tickets(boss, monkeypatch):
    line = MixUpLine(say("Something is beside the place."), ("W000001", "W000002"))
    monkeypatch.setattr(admin, "datum_mix_ups", lambda _now: [line])
    page = boss.get("/admin").text
    assert "Something is beside the place." in page
    assert "W000001, W000002" in page

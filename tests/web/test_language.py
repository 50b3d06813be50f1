"""Does the reader's language lead to the catalogue of that language?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from babel import Locale
from flask import g
from flask_babel import force_locale

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.wording import CATALOGUES
from dispatch.config import LANGUAGES
from dispatch.domain.sentences import say
from dispatch.refusals import worded
from dispatch.web.language import LOCALES
from dispatch.web.page_context import near_time, short_day
from tests.factories import DESK, EAST, make_crew, make_grid, make_team, make_ticket
from tools.catalogue import PO


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_locale_has_the_name_that_its_folder_has(language):
    # The page looks for the folder under the name that Babel gives the locale: zh_CN is read as
    # zh_Hans_CN, and a folder of the shorter name would never be found.
    assert str(Locale.parse(LOCALES[language])) == LOCALES[language]


def test_pages_and_commands_read_the_catalogue_that_is_written():
    assert PO.parts[-3] == LOCALES["zh-CN"] == CATALOGUES["zh-CN"]


@pytest.mark.parametrize(
    ("header", "cookie", "language"),
    [
        ("zh-CN,zh;q=0.9", None, "zh-CN"),
        ("zh-TW", None, "zh-CN"),
        ("en-GB,en;q=0.5", None, "en"),
        ("fr", None, "en"),
        ("zh-CN", "en", "en"),
        ("en", "klingon", "en"),
    ],
)
def test_the_chosen_language_comes_before_the_browsers(client, header, cookie, language):
    if cookie:
        client.set_cookie("language", cookie)
    page = client.get("/sign-in", headers={"Accept-Language": header})
    assert f'<html lang="{language}"' in page.text


def test_the_language_is_remembered_and_leads_back(client):
    answer = client.post("/language", data={"language": "zh-CN", "next": "/sign-in?next=/desk"})
    assert answer.location == "/sign-in?next=/desk"
    assert 'lang="zh-CN"' in client.get("/sign-in").text
    client.post("/language", data={"language": "klingon", "next": "//evil.example"})
    assert 'lang="zh-CN"' in client.get("/sign-in").text


@pytest.mark.parametrize(
    "address", ["//[", "http://[", "//℀.example/x", "/\\evil.example", "//evil"]
)
def test_an_address_that_cannot_be_read_leads_to_the_front(client, address):
    answer = client.post("/language", data={"language": "en", "next": address})
    assert answer.location == "/"
    answer = client.post("/language", data={"language": "en"}, headers={"Referer": "http://["})
    assert answer.location == "/"
    assert client.get("/sign-in", query_string={"next": address}).status_code == 200


@pytest.mark.parametrize(("language", "team"), [("en", "West Team"), ("zh-CN", "西片区队")])
@pytest.mark.parametrize(
    "path", ["/admin/grids", "/admin/teams", "/admin/people", "/admin/people/new"]
)
def test_a_team_is_named_in_the_readers_language(app, now, sign_in, path, language, team):
    with app.app_context(), transaction():
        owner = make_team(name_zh="西片区队")
        make_grid(team=owner, now=now, name_zh="西区")
        team_id = owner.id
    sign_in("team_leader", name="李娜", team_id=team_id)
    page = sign_in("administrator").get(path, headers={"Accept-Language": language}).text
    assert [name for name in ("West Team", "西片区队") if name in page] == [team]


@pytest.mark.parametrize(
    ("language", "names"), [("en", ["East", "West"]), ("zh-CN", ["East", "西区"])]
)
def test_a_grid_without_a_chinese_name_keeps_its_own(app, now, client, language, names):
    with app.app_context(), transaction():
        make_grid(team=None, now=now, name_zh="西区")
        make_grid("East", EAST, team=None, now=now)
    found = client.get("/report/area", headers={"Accept-Language": language}).json
    assert sorted(each["properties"]["name"] for each in found["features"]) == names


@pytest.mark.parametrize(("language", "name"), [("en", "West 1"), ("zh-CN", "西区一组")])
@pytest.mark.usefixtures("clock")
def test_a_crew_is_named_in_the_readers_language(app, now, sign_in, client, language, name):
    with app.app_context(), transaction():
        crew = make_crew("West 1", team=make_team())
        crew.name_zh = "西区一组"
        opened = make_ticket(now)
        dispatch_visit(opened.ticket, crew, actor=DESK, now=now)
        crew_id, token = crew.id, opened.report.token
    read = {"headers": {"Accept-Language": language}}
    steward = sign_in("crew", name="李娜", crew_id=crew_id)
    administrator = sign_in("administrator")
    pages = [
        steward.get("/crew", **read),
        client.get(f"/t/{token}", **read),
        administrator.get("/admin/teams", **read),
        administrator.get("/admin/people", **read),
    ]
    for page in pages:
        assert page.status_code == 200
        assert [each for each in ("West 1", "西区一组") if each in page.text] == [name]
    events = administrator.get("/api/v1/tickets/W000001/events", **read).json["events"]
    assert name in [each["detail"] for each in events]


@pytest.mark.parametrize(
    ("language", "today", "other_day"),
    [("en", "14:03", "24 Nov 14:03"), ("zh-CN", "14:03", "11月24日 14:03")],
)
def test_a_day_that_is_not_today_is_named_in_words_that_nobody_mistakes(
    app, language, today, other_day
):
    # 06:03 in UTC is 14:03 in the zone of the utility.
    instant = datetime(2026, 11, 24, 6, 3, tzinfo=UTC)
    with app.test_request_context(), force_locale(LOCALES[language]):
        assert near_time(instant, instant + timedelta(hours=9)) == today
        assert near_time(instant, instant + timedelta(hours=10)) == other_day
        assert f"{short_day(instant)} 14:03" == short_day(instant, "HH:mm") == other_day
        g.now = instant + timedelta(hours=10)
        assert worded(say("until %(at)s", at=instant)).endswith(other_day)

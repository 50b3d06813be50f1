"""Can the desk call one reporter after the other, and a manager those that were drawn?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.follow_ups import claim
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.jobs.follow_ups import draw_for_managers
from dispatch.jobs.housekeeping import close_finished
from dispatch.models.base import db
from dispatch.models.people import SettingsEvent
from dispatch.models.tickets import Ticket
from tests.cases import Case
from tests.factories import make_account
from tests.follow_ups import on, questions
from tests.visitors import without_tokens

LIST = "/desk/follow-ups"


@pytest.fixture
def asked(app, now, clock):
    """Repair a ticket whose reporter left a number, and come back the next morning."""
    with app.app_context():
        case = Case(now, reporter_phone="13800001111", reporter_name="Zhou")
        case.fixed()
    clock.shift(16 * 3600)
    return app


def row(app, at=0):
    with app.app_context():
        return questions()[at]


def test_calls_are_made_one_after_the_other(asked, sign_in):
    desk = sign_in("call_taker", name="Li Na")
    page = desk.get(LIST).text
    assert "W000001" in page
    assert "13800001111" not in page
    taken = desk.post(f"{LIST}/next")
    assert (taken.status_code, taken.location) == (303, f"{LIST}?call=1")
    page = desk.get(taken.location).text
    for words in (
        "Is it fixed? You may also rather not say.",
        "请问修好了吗",
        "Z**",
        "138****1111",
    ):
        assert words in page
    shown = desk.post(f"{LIST}/1/number")
    assert "13800001111" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    with asked.app_context():
        assert [each.subject for each in db.session.query(SettingsEvent)] == ["reveal"]
    said = {"answer": "not_fixed", "process": "4", "result": "", "note": "drips", "version": "3"}
    done = desk.post(f"{LIST}/1/answer", data=said | {"version": str(row(asked).version)})
    assert (done.status_code, done.location) == (303, LIST)
    assert "is open again, for another crew" in desk.get(LIST).text
    found = row(asked)
    assert (found.fixed, found.process, found.result, found.note) == ("not_fixed", 4, None, "drips")
    with asked.app_context():
        assert db.session.get(Ticket, 1).state == "reopened"
    assert desk.post(f"{LIST}/next").location == LIST


def test_silence_and_refusal_are_noted_and_a_call_can_be_given_back(asked, sign_in):
    desk = sign_in("dispatcher")
    for path in ("take", "leave", "take"):
        assert desk.post(f"{LIST}/1/{path}").status_code == 303
    assert desk.post(f"{LIST}/1/no-answer", data={"again_in": "30"}).status_code == 303
    assert row(asked).tries == 1
    assert desk.post(f"{LIST}/1/refused", data={}).status_code == 303
    assert row(asked).state == "refused"
    assert "has ended already" in desk.get(f"{LIST}?call=1").text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"answer": "maybe"}, "answer"),
        ({}, "answer"),
        ({"answer": "fixed", "process": "6"}, "process"),
        ({"answer": "fixed", "result": "0"}, "result"),
        ({"answer": "fixed", "result": "4.5"}, "result"),
        ({"answer": "fixed", "note": "x" * 2001}, "note"),
    ],
)
def test_what_is_no_answer_is_shown_again_with_what_was_typed(asked, sign_in, said, field):
    desk = sign_in("call_taker")
    desk.post(f"{LIST}/1/take")
    page = desk.post(f"{LIST}/1/answer", data={"note": "a remark"} | said)
    assert page.status_code == 422
    assert row(asked).state == "open"
    assert said.get("note", "a remark") in page.text
    near = page.text[page.text.index(f'name="{field}"') - 700 :][:4000]
    assert 'aria-invalid="true"' in near


def test_two_people_get_no_call_twice(asked, sign_in):
    first, second = sign_in("call_taker", name="Li Na"), sign_in("call_taker", name="Wu")
    first.post(f"{LIST}/next")
    assert second.post(f"{LIST}/next").location == LIST
    assert "Li Na" in second.get(LIST).text
    assert "is making this call" in second.get(f"{LIST}?call=1").text
    for path, sent in (("take", {}), ("number", {}), ("answer", {"answer": "fixed"})):
        refused = second.post(f"{LIST}/1/{path}", data=sent)
        assert refused.status_code == 409
        assert "Li Na is making this call" in refused.text
        assert "13800001111" not in refused.text
    assert row(asked).state == "open"


def test_who_lost_a_race_for_the_next_call_is_given_another_or_none(asked, sign_in, monkeypatch):
    with asked.app_context(), transaction():
        other = make_account(Role.CALL_TAKER, row(asked).about_at, name="Wu")
    with asked.app_context():
        at = row(asked).call_at + timedelta(minutes=30)
        on(1, lambda found, _ticket: claim(found, actor=other, now=at))
    monkeypatch.setattr("dispatch.web.follow_ups.next_call", lambda *_rest: 1)
    assert sign_in("call_taker").post(f"{LIST}/next").location == LIST


def test_an_answer_to_what_was_called_off_or_is_not_there(asked, sign_in):
    desk = sign_in("call_taker")
    desk.post(f"{LIST}/1/answer", data={"answer": "rather_not_say"})
    refused = desk.post(f"{LIST}/2/answer", data={"answer": "fixed"})
    assert refused.status_code == 409
    assert "called off" in refused.text
    for path in (f"{LIST}?call=99",):
        assert desk.get(path).status_code == 404
    for path in (f"{LIST}/99/answer", f"{LIST}/99999999999999999999/answer"):
        assert desk.post(path, data={"answer": "fixed"}).status_code == 404
    assert desk.get(f"{LIST}?call=99999999999999999999").status_code == 404
    assert desk.get(f"{LIST}?call=x").status_code == 200


@pytest.mark.usefixtures("asked")
def test_only_those_who_may_call_see_the_lists(sign_in, client):
    assert client.get(LIST).status_code == 302
    for role, desk, managers in (
        ("call_taker", 200, 403),
        ("manager", 403, 200),
        ("crew", 403, 403),
        ("auditor", 403, 403),
    ):
        visitor = sign_in(role)
        assert visitor.get(LIST).status_code == desk, role
        assert visitor.get("/circle/audit-calls").status_code == managers, role


def test_a_manager_calls_those_that_were_drawn_and_sees_how_far_it_agrees(asked, sign_in, clock):
    desk, boss = sign_in("call_taker"), sign_in("manager")
    desk.post(f"{LIST}/1/answer", data={"answer": "fixed", "process": "5"})
    with asked.app_context():
        now = row(asked).about_at
        assert close_finished(now + timedelta(hours=17)) == 1
        assert draw_for_managers(now + timedelta(days=7)) == 1
    clock.shift(7 * 86400)
    drawn = row(asked, 2)
    calls = "/circle/audit-calls"
    assert boss.post(f"{calls}/next").location == f"{calls}?call={drawn.id}"
    assert desk.post(f"{LIST}/{drawn.id}/answer", data={"answer": "fixed"}).status_code == 404
    assert boss.post(f"{calls}/1/answer", data={"answer": "fixed"}).status_code == 404
    assert "13800001111" in boss.post(f"{calls}/{drawn.id}/number").text
    assert boss.post(f"{calls}/{drawn.id}/answer", data={"answer": "not_fixed"}).status_code == 303
    page = boss.get(calls).text
    assert "audit call “not fixed”, before “fixed”" in page
    assert "2026-W10" in page
    with asked.app_context():
        assert db.session.get(Ticket, 1).state == "reopened"
    assert "13800001111" not in without_tokens(page)

"""Does everybody read what was chosen, in both languages, and nothing before it is open?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dispatch.actions.unit_of_work import transaction
from tests.circle_history import QUICK, past_ticket

CHOSEN = {
    "open": "1", "version": "0", "figures": ["attainment", "satisfaction"],
    "scope": "Pipes up to the meter\n<b>and no further</b>", "scope_zh": "表前管道",
    "fees": "Repairs are free.",
}  # fmt: skip


def test_nobody_reads_a_page_that_nobody_opened(client, sign_in):
    admin = sign_in("administrator")
    assert client.get("/public").status_code == 404
    assert admin.post("/admin/public", data=CHOSEN | {"open": []}).status_code == 302
    assert client.get("/public.json").status_code == 404
    assert "Pipes up to the meter" in admin.get("/admin/public/preview").text
    assert sign_in("manager").post("/admin/public", data=CHOSEN).status_code == 403


def test_everybody_reads_what_was_chosen(app, client, sign_in, clock):
    clock.move_to(datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")))
    with app.app_context(), transaction():
        for _number in range(20):
            past_ticket(datetime(2026, 3, 1, 20, tzinfo=ZoneInfo("Asia/Shanghai")), QUICK)
    sign_in("administrator").post("/admin/public", data=CHOSEN)
    answer = client.get("/public", headers={"Accept-Language": "en"})
    assert answer.headers["X-Robots-Tag"] == "all"
    assert "100.0 %" in answer.text
    assert "too few to show" in answer.text
    assert "Fixed at the first visit" not in answer.text
    assert "&lt;b&gt;and no further" in answer.text
    assert "30 min" in answer.text
    chinese = client.get("/public", headers={"Accept-Language": "zh"}).text
    assert '<p class="public-text" lang="zh-CN">表前管道</p>' in chinese
    assert '<p class="public-text" lang="en">Repairs are free.</p>' in chinese


def test_programs_get_the_same_in_both_languages(client, sign_in):
    sign_in("administrator").post("/admin/public", data=CHOSEN)
    answer = client.get("/public.json")
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    found = answer.get_json()
    assert [each["figure"] for each in found["figures"]] == ["attainment", "satisfaction"]
    assert {each["value"] for each in found["figures"]} == {None}
    assert found["scope"]["zh-CN"] == "表前管道"
    assert found["promises"][0]["categories"][0]["key"] == "burst"
    again = client.get("/public.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_what_is_refused_comes_back_as_it_was_typed(sign_in):
    admin = sign_in("administrator")
    answer = admin.post("/admin/public", data=CHOSEN | {"figures": ["names"]})
    assert answer.status_code == 422
    assert "Pipes up to the meter" in answer.text
    admin.post("/admin/public", data=CHOSEN)
    assert admin.post("/admin/public", data=CHOSEN).status_code == 409

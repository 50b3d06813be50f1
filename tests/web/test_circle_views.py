"""Is a view of the circle kept, shared and put away, apart from those of the desk?"""

from __future__ import annotations

import re

from tests.circle_history import DAYS, MONDAY

EVENINGS = f"{DAYS}&days=weekdays&from_hour=17&to_hour=22&by=team"


def views_of(browser, address=f"/circle?{DAYS}"):
    page = browser.get(address).text
    return re.findall(
        r'<a href="(/circle\?[^"]*)"[^>]*>([^<]*)</a>(?:\s*<span[^>]*>([^<]*))?',
        "".join(re.findall(r'class="view-row">.*?</div>', page, re.DOTALL)),
    )


def test_a_view_is_kept_and_opens_as_it_was(sign_in):
    manager = sign_in("manager")
    answer = manager.post(f"/circle/views?{EVENINGS}", data={"name": "Evenings"})
    assert answer.status_code == 303
    [(address, name, _)] = views_of(manager)
    assert name == "Evenings"
    page = manager.get(address.replace("&amp;", "&")).text
    assert "17:00 to 22:00" in page
    assert 'aria-current="page">Evenings' in page


def test_a_view_that_ends_today_goes_along_with_the_days(sign_in, clock):
    clock.move_to(MONDAY.replace(day=8, hour=20))
    manager = sign_in("manager")
    manager.post(f"/circle/views?{DAYS}", data={"name": "Week"})
    [(address, _, _)] = views_of(manager)
    assert "last=7" in address
    assert "from=" not in address
    clock.move_to(MONDAY.replace(day=9, hour=20))
    assert "2026-03-03 – 2026-03-09" in manager.get(address.replace("&amp;", "&")).text


def test_a_shared_view_is_seen_by_others_who_cannot_delete_it(sign_in):
    manager, leader = sign_in("manager"), sign_in("auditor")
    manager.post(f"/circle/views?{EVENINGS}", data={"name": "Evenings", "shared": "1"})
    manager.post(f"/circle/views?{DAYS}", data={"name": "Mine"})
    [(_, name, told)] = views_of(leader)
    assert (name, told.startswith("from ")) == ("Evenings", True)
    assert leader.post(f"/circle/views/1/delete?{DAYS}", data={"version": "1"}).status_code == 403
    assert (
        leader.post(f"/circle/views?{DAYS}", data={"name": "X", "shared": "1"}).status_code == 403
    )


def test_a_view_is_put_away(sign_in):
    manager = sign_in("manager")
    manager.post(f"/circle/views?{DAYS}", data={"name": "Week"})
    answer = manager.post(f"/circle/views/1/delete?{DAYS}", data={"version": "1"})
    assert answer.status_code == 303
    assert views_of(manager) == []


def test_a_name_is_needed_and_taken_once(sign_in):
    manager = sign_in("manager")
    assert manager.post(f"/circle/views?{DAYS}", data={"name": " "}).status_code == 422
    assert manager.post(f"/circle/views?{DAYS}", data={"name": "Week"}).status_code == 303
    answer = manager.post(f"/circle/views?{DAYS}", data={"name": "week"})
    assert answer.status_code == 422
    assert "You have a view with this name already" in answer.text
    assert manager.post("/circle/views?team=Nobody", data={"name": "X"}).status_code == 422


def test_views_of_the_desk_and_of_the_circle_stay_apart(sign_in):
    manager = sign_in("manager")
    manager.post(f"/circle/views?{DAYS}", data={"name": "Week"})
    assert manager.get("/api/v1/views").get_json()["views"] == []
    body = {"name": "Week", "filters": {"level": "1"}}
    headers = {"Idempotency-Key": "one"}
    assert manager.post("/api/v1/views", json=body, headers=headers).status_code == 201
    headers = {"Idempotency-Key": "two", "If-Match": '"1"'}
    assert manager.post("/api/v1/views/1", json=body, headers=headers).status_code == 404
    assert [name for _, name, _ in views_of(manager)] == ["Week"]


def test_a_view_is_renamed_and_brought_back_after_its_deletion(sign_in):
    manager = sign_in("manager")
    manager.post(f"/circle/views?{EVENINGS}", data={"name": "Evenings"})
    number = re.search(r"/circle/views/(\d+)/rename", manager.get(f"/circle?{DAYS}").text)[1]
    steps = f"/circle/views/{number}"
    renamed = {"name": "Late shift", "version": "1"}
    assert manager.post(f"{steps}/rename?{DAYS}", data=renamed).status_code == 303
    assert [name for _, name, _ in views_of(manager)] == ["Late shift"]
    assert manager.post(f"{steps}/rename?{DAYS}", data=renamed).status_code == 409
    manager.post(f"{steps}/delete?{DAYS}", data={"version": "2"})
    page = manager.get(f"/circle?{DAYS}").text
    assert "The view “Late shift” is deleted." in page
    seen = re.search(r'restore.*?name="version" value="(\d+)"', page, re.DOTALL)[1]
    assert manager.post(f"{steps}/restore?{DAYS}", data={"version": seen}).status_code == 303
    assert [name for _, name, _ in views_of(manager)] == ["Late shift"]
    assert "Deleted views" not in manager.get(f"/circle?{DAYS}").text

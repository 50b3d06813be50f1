"""Is a caller known to who takes calls, and to nobody else?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_city, make_ticket


def test_a_caller_is_known_by_the_number(app, clock, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now, category="leak", reporter_phone="13900001111")
    found = sign_in("call_taker").post("/desk/caller", data={"phone": "139 0000 1111"}).json
    assert [each["number"] for each in found["tickets"]] == ["W000001"]
    assert found["tickets"][0]["category_name"] == "Leak"
    assert found["complaints"] == []


def test_only_who_takes_calls_may_ask(client, sign_in):
    assert client.post("/desk/caller", data={"phone": "13900001111"}).status_code == 302
    assert sign_in("manager").post("/desk/caller", data={"phone": "139"}).status_code == 403

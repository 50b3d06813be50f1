"""Does the search answer who sees the desk, with households only for those who take calls?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_household, make_ticket

PATH = "/api/v1/search"


@pytest.fixture(autouse=True)
def city(app, now):
    with app.app_context(), transaction():
        make_household()
        make_ticket(now, category="leak", address="Furong Road 12", reporter_phone="13800005678")


def test_tickets_and_households_are_found_in_words(sign_in):
    found = sign_in("dispatcher").post(PATH, json={"q": "furong"}).json
    assert [each["number"] for each in found["tickets"]] == ["W000001"]
    assert found["tickets"][0]["category_name"] == "Leak"
    assert len(found["households"]) == 1


def test_who_takes_no_calls_gets_no_households_and_who_sees_no_names_no_telephones(sign_in):
    manager = sign_in("manager")
    assert manager.post(PATH, json={"q": "furong"}).json["households"] == []
    assert manager.post(PATH, json={"q": "13800005678"}).json["tickets"] == []
    assert len(sign_in("dispatcher").post(PATH, json={"q": "5678"}).json["tickets"]) == 1


def test_a_mistyped_household_is_found(sign_in):
    [home] = sign_in("dispatcher").post(PATH, json={"q": "furnog rd 8"}).json["households"]
    assert (home["account"], home["vulnerable"]) == ("H-1", False)


def test_a_crew_and_an_empty_search_are_refused(sign_in):
    assert sign_in("crew").post(PATH, json={"q": "x"}).status_code == 403
    assert sign_in("dispatcher").post(PATH, json={"q": " "}).status_code == 422

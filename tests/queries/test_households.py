"""Is a household found by what a caller says?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.models.places import Household
from dispatch.queries.households import find_households, household_id_of


@pytest.fixture
def homes(session):
    with transaction():
        session.add(Household(account="B-2", name="Wang Fang", phone="13900002222", address="East"))
        session.add(
            Household(
                account="A_1", name="Li Na", phone="13812345678", address="Wuyi Road 12",
                lat=28.1, lon=112.9,
            )
        )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"phone": "138 1234-5678"}, ["A_1"]),
        ({"phone": "2222"}, ["B-2"]),
        ({"phone": "222"}, []),
        ({"search": "wuyi"}, ["A_1"]),
        ({"search": "wang"}, ["B-2"]),
        ({"search": "B-2"}, ["B-2"]),
        ({"search": "A%1"}, []),
        ({"search": "wang", "phone": "5678"}, ["A_1", "B-2"]),
        ({"search": "a", "limit": 1}, ["A_1"]),
        ({"search": " "}, []),
        ({}, []),
    ],
    ids=str,
)
@pytest.mark.usefixtures("homes")
def test_a_household_is_found(asked, found):
    assert [home["account"] for home in find_households(**asked)] == found


@pytest.mark.usefixtures("homes")
def test_the_telephone_is_masked():
    [home] = find_households(search="A_1")
    assert home["phone"] == "138****5678"
    assert home["place"] == {"lat": 28.1, "lon": 112.9}


@pytest.mark.usefixtures("homes")
def test_an_account_names_a_row():
    assert household_id_of("B-2") == 1
    with pytest.raises(Invalid) as refusal:
        household_id_of("none")
    assert list(refusal.value.fields) == ["household"]

"""Does the address book know what was added, whose a place is, and what is near an unknown door?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.queries import address_book
from dispatch.queries.address_book import find_places
from tests.factories import make_city


@pytest.fixture
def homes(session, now):
    with transaction():
        make_city(now)
        for account, name, address, lat, lon in (
            ("H-1", "陈丽", "芙蓉区人民路3号", 28.15, 112.95),
            ("H-2", None, "天心区人民路3号", 28.15, 113.05),
            ("H-3", None, "岳麓区人民路3号", 28.15, 112.999),
            ("H-4", "Smith", "Wuyi Road 10", None, None),
            ("H-5", None, "River Road 1", 28.2001, 112.95),
            ("H-6", None, "Far Road 1", 40.0, 116.0),
        ):
            db.session.add(
                Household(
                    account=account, name=name, address=address, lat=lat, lon=lon,
                    phone="13812345678",
                )
            )  # fmt: skip


@pytest.mark.usefixtures("homes")
def test_three_districts_are_told_apart_and_none_is_first_by_right(now):
    found = find_places("人民路3号", now=now)
    assert [(each["account"], each["team"]["name"]) for each in found] == [
        ("H-1", "West Team"),
        ("H-2", "East Team"),
        ("H-3", "West Team"),
    ]
    assert all(each["as_good"] for each in found)
    assert found[0]["phone"] == "138****5678"


@pytest.mark.usefixtures("homes")
def test_a_door_that_is_not_in_the_book_is_nobodys_household(now):
    [found] = find_places("wuyi rd 12", now=now)
    assert (found["address"], found["near"], found["account"]) == (
        "Wuyi Road 12",
        "Wuyi Road 10",
        None,
    )
    assert (found["place"], found["grid"], found["standing"]) == (None, None, None)


@pytest.mark.usefixtures("homes")
@pytest.mark.parametrize(
    ("typed", "standing", "team"),
    [("River Road 1", "outside", "West Team"), ("Far Road 1", "outside", None)],
)
def test_a_place_outside_every_grid_has_the_nearest_team(now, typed, standing, team):
    found = find_places(typed, now=now)[0]
    assert found["standing"] == standing
    assert (found["team"] or {}).get("name") == team


@pytest.mark.usefixtures("homes")
def test_an_account_is_found_by_itself(now):
    assert [each["account"] for each in find_places(" H-4 ", now=now)] == ["H-4"]


@pytest.mark.usefixtures("homes")
def test_a_household_that_was_added_is_found_at_once(now):
    assert find_places("Nanhu", now=now) == []
    with transaction():
        db.session.add(Household(account="H-9", address="Nanhu Road 1"))
    assert [each["account"] for each in find_places("nanhu rd 1", now=now)] == ["H-9"]


class Beside:
    """A thread that runs when the test says so."""

    waiting: list[Beside]

    def __init__(self, *, target, args, **_how: object) -> None:
        self.run = lambda: target(*args)

    def start(self):
        self.waiting.append(self)


@pytest.fixture
def beside(monkeypatch):
    monkeypatch.setattr(address_book, "AT_ONCE", 3)
    monkeypatch.setattr(address_book, "Thread", Beside)
    monkeypatch.setattr(Beside, "waiting", [], raising=False)
    return Beside.waiting


@pytest.mark.usefixtures("homes")
def test_a_large_book_is_read_beside_the_answers(now, beside):
    assert [each["account"] for each in find_places("Wuyi Road", now=now)] == ["H-4"]
    assert find_places("wuyi rd", now=now) == find_places("🚰", now=now) == []
    assert len(beside) == 1
    beside.pop().run()
    assert [each["account"] for each in find_places("wuyi rd", now=now)] == ["H-4"]
    with transaction():
        db.session.add(Household(account="H-9", address="Nanhu Road 1"))
    assert find_places("Nanhu", now=now) == []
    assert [each["account"] for each in find_places("wuyi rd", now=now)] == ["H-4"]
    beside.pop().run()
    assert [each["account"] for each in find_places("Nanhu", now=now)] == ["H-9"]


@pytest.mark.usefixtures("homes")
def test_a_book_that_cannot_be_read_is_tried_again(now, beside, monkeypatch, caplog):
    find_places("wuyi", now=now)
    monkeypatch.setattr(address_book, "_read", lambda _connection: 1 / 0)
    beside.pop().run()
    assert "could not be read" in caplog.text
    monkeypatch.undo()
    assert [each["account"] for each in find_places("wuyi rd", now=now)] == ["H-4"]

"""Are tickets found by number, words and telephone, in the asker's scope and newest first?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.places import Household
from dispatch.queries import palette
from dispatch.queries.palette import meant_households, meant_tickets
from tests.factories import make_household, make_ticket

ALL = Scope(everything=True)


@pytest.fixture
def tickets(session, now):
    make_ticket(now, category="leak", address="Wuyi Road 12", reporter_phone="13800005678")
    make_ticket(now, category="burst", address="Renmin Road 3", description="W000001 again")


def found(search, scope=ALL, *, personal=True):
    return [each["number"] for each in meant_tickets(search, scope, personal=personal)]


@pytest.mark.usefixtures("tickets")
@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        ("road", ["W000002", "W000001"]),
        ("W000001", ["W000001", "W000002"]),
        ("wuyi", ["W000001"]),
        ("5678", ["W000001"]),
        ("678", []),
        ("50%", []),
        ("  ", []),
    ],
)
def test_what_fits_is_found(search, numbers):
    assert found(search) == numbers


@pytest.mark.parametrize(
    "typed", ["617-555-0139", "6175550139", "(617) 555 0139", "0139", "ms. chen"]
)
def test_a_caller_is_found_however_the_number_was_typed_then_and_now(session, now, typed):
    make_ticket(now, reporter_name="Ms. Chen", reporter_phone="617-555-0139")
    assert found(typed) == ["W000001"]
    assert found(typed, personal=False) == []


@pytest.mark.usefixtures("tickets")
def test_telephones_and_others_tickets_are_kept_back():
    assert found("5678", personal=False) == []
    assert found("road", Scope(team_id=7)) == []


@pytest.mark.usefixtures("tickets")
def test_words_are_looked_for_in_the_newest_and_a_number_in_all(monkeypatch):
    monkeypatch.setattr(palette, "NEWEST", 1)
    assert found("road") == ["W000002"]
    assert found("W000001") == ["W000001", "W000002"]


@pytest.mark.parametrize("typed", ["furong", "5678", "Chen", "H-1", "furnog road 8", "fr 8"])
def test_a_household_is_meant_by_spelling_initials_and_with_typing_errors(session, now, typed):
    with transaction():
        make_household()
        session.add(Household(account="H-2", address="Nanhu Road 3"))
    assert [each["account"] for each in meant_households(typed, now=now)] == ["H-1"]


def test_pinyin_finds_a_chinese_address_and_nobody_twice(session, now):
    with transaction():
        session.add(Household(account="H-3", address="芙蓉区人民路3号", name="renmin"))
        session.add(Household(account="H-4", address="芙蓉区人民路30号"))
    found = meant_households("renmin", now=now, limit=3)
    assert [each["account"] for each in found] == ["H-3", "H-4"]
    assert meant_households("rml3", now=now)[0]["account"] == "H-3"
    assert [each["account"] for each in meant_households("renmin", now=now, limit=1)] == ["H-3"]
    assert meant_households(" ", now=now) == []

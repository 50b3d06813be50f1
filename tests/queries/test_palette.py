"""Are tickets found by number, words and telephone, in the asker's scope and newest first?"""

from __future__ import annotations

import pytest

from dispatch.domain.permissions import Scope
from dispatch.queries import palette
from dispatch.queries.palette import meant_tickets
from tests.factories import make_ticket

ALL = Scope(everything=True)


@pytest.fixture
def tickets(session, now):
    make_ticket(now, category="leak", address="Wuyi Road 12", reporter_phone="13800005678")
    make_ticket(now, category="burst", address="Renmin Road 3", description="W000001 again")


def found(search, scope=ALL, *, phones=True):
    return [each["number"] for each in meant_tickets(search, scope, phones=phones)]


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


@pytest.mark.usefixtures("tickets")
def test_telephones_and_others_tickets_are_kept_back():
    assert found("5678", phones=False) == []
    assert found("road", Scope(team_id=7)) == []


@pytest.mark.usefixtures("tickets")
def test_words_are_looked_for_in_the_newest_and_a_number_in_all(monkeypatch):
    monkeypatch.setattr(palette, "NEWEST", 1)
    assert found("road") == ["W000002"]
    assert found("W000001") == ["W000001", "W000002"]

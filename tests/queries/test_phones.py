"""Does each see the phones and the held work of the own crews, and is a phone's person found?"""

from __future__ import annotations

import pytest

from dispatch.actions.held_work import set_aside
from dispatch.actions.phones import make_code, revoke_phone
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.field_commands import FACTS, PHOTO, ROUND_STEPS, TRANSITIONS
from dispatch.domain.permissions import Role, Scope
from dispatch.domain.sentences import Sentence
from dispatch.domain.visit_state import CAUSE_NAMES, Cause
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.queries.phones import (
    KIND_NAMES,
    code_for_change,
    crew_of_phone,
    crews_to_equip,
    held_commands,
    held_for_change,
    people_of_phone,
    person_on_phone,
    phone_for_change,
    phone_in_use,
    phone_known,
    phones_of,
)
from tests.cases import Case
from tests.factories import DESK, make_account
from tests.phones import CrewPhone

ALL = Scope(everything=True)


@pytest.fixture
def case(session, now):
    return Case(now)


@pytest.fixture
def phones(case):
    """Return a phone of the west that was revoked and has something held, and one of the east."""
    west = CrewPhone(case.start, case.crews[0].id)
    east = CrewPhone(case.start, case.crews[2].id, "Eva")
    with transaction():
        revoke_phone(west.device, "lost", actor=DESK, now=case.minute(1))
    west.send(west.tap("cannot-complete", args={"cause": "no_access", "note": "Dog"}), 5)
    west.send(west.tap("note", ticket="W999999", args={"note": ""}), 6)
    return west, east


def test_each_lists_the_phones_of_the_own_crews_those_in_use_first(phones, case):
    rows = phones_of(ALL)
    assert [(each.crew, each.held, each.revoked_reason) for each in rows] == [
        ("E1", 0, None), ("W1", 2, "lost"),
    ]  # fmt: skip
    assert rows[0].last_person == "Eva"
    own = Scope(team_id=case.city.east.id)
    assert [each.crew for each in phones_of(own)] == ["E1"]
    assert [crew.name for crew in crews_to_equip(own)] == ["E1"]
    assert [crew.name for crew in crews_to_equip(ALL)] == ["E1", "W1", "W2"]


def test_held_work_says_what_when_whose_and_why_until_it_is_decided(phones, case):
    first, second = held_commands(ALL)
    assert (first.ticket, first.words, first.person, first.is_known_ticket) == (
        "W000001", [CAUSE_NAMES[Cause.NO_ACCESS], "Dog"], "Ann", True,
    )  # fmt: skip
    assert (second.ticket, second.words, second.is_known_ticket) == ("W999999", [], False)
    assert "revoked" in str(first.reason)
    foreign = Scope(team_id=case.city.east.id)
    assert held_commands(foreign) == []
    assert [each.id for each in held_commands(ALL, 1)] == [first.id]
    with transaction():
        with pytest.raises(NotFound):
            held_for_change(first.id, foreign)
        set_aside(first.id, "x", actor=DESK, now=case.minute(9))
    assert [each.id for each in held_commands(ALL)] == [second.id]


def test_every_command_that_a_phone_may_keep_has_a_name():
    assert set(KIND_NAMES) == TRANSITIONS | FACTS | ROUND_STEPS | {PHOTO}


def test_what_was_found_on_site_reads_as_in_the_story(phones, case):
    west, _ = phones
    reading = {"reading": "pressure", "value": 3.5, "unit": "bar"}
    tick = {"list": "safety", "item": "gas", "done": "no"}
    odd = {"reading": "?", "value": [1]}
    for kind, args in (("tick", tick), ("reading", reading), ("reading", odd)):
        west.send(west.tap(kind, args=args), 7)
    tick, taken, odd = held_commands(ALL)[2:]
    assert len(tick.words) == len(taken.words) == 1
    assert isinstance(taken.words[0], Sentence)
    assert odd.words == ["?", "[1]"]
    assert str(odd.kind_name) == "Reading taken"


def test_a_phone_is_found_by_its_secret_and_changed_by_its_own_team(phones, case):
    west, east = phones
    assert phone_known(west.secret).id == west.device.id
    assert phone_known("") is None
    assert phone_for_change(east.device.id, Scope(team_id=case.city.east.id)).id == east.device.id
    with pytest.raises(NotFound):
        phone_for_change(west.device.id, Scope(team_id=case.city.east.id))
    assert crew_of_phone(east.device).name == "E1"


def test_a_phone_goes_on_for_its_own_crew_until_it_is_revoked(phones):
    revoked, east = phones
    assert phone_in_use(east.secret, east.device.crew_id).id == east.device.id
    assert phone_in_use(east.secret, revoked.device.crew_id) is None
    assert phone_in_use(revoked.secret, revoked.device.crew_id) is None
    assert phone_in_use("", east.device.crew_id) is None


def test_the_people_of_a_phone_are_those_of_its_crew_who_may_sign_in(phones, case):
    west, east = phones
    with transaction():
        bo = make_account(Role.CREW, case.start, crew_id=case.crews[0].id, name="Bo")
        gone = make_account(Role.CREW, case.start, crew_id=case.crews[0].id, name="Abel")
        db.session.get_one(User, gone.user_id).active = False
    assert [each.name for each in people_of_phone(west.device)] == ["Ann", "Bo"]
    assert person_on_phone(west.device.id, west.actor.user_id).name == "Ann"
    assert person_on_phone(west.device.id, bo.user_id) is None
    assert person_on_phone(east.device.id, west.actor.user_id) is None


def test_a_code_is_found_by_its_hash_alone(case):
    with transaction():
        code = make_code(case.crews[0].id, "x", actor=DESK, now=case.start)
        assert code_for_change(code) is None


def test_a_tap_on_a_round_names_its_place(phones, case):
    west, _ = phones
    for args in ({"stop": 99, "note": "Shut"}, {"category": "leak", "address": "Wuyi Road"}):
        west.send(west.tap("round-fault", ticket="", args=args), 7)
    at_stop, on_the_way = held_commands(ALL)[2:]
    assert (at_stop.round_place, at_stop.words) == ("", ["Shut"])
    assert on_the_way.words[0] == "Wuyi Road"
    assert isinstance(on_the_way.words[1], Sentence)

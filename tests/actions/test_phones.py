"""Does a code enrol one phone of one crew once, and does a phone end when the desk says so?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.phones import (
    begin_code_try,
    enrol_phone,
    is_news,
    join_by_code,
    make_code,
    new_phone_secret,
    note_person,
    note_seen,
    revoke_phone,
    tie_session,
)
from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound, TooMany
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.field import PhoneCode, PhonePerson
from dispatch.models.people import Crew, Device, SettingsEvent, User, UserSession
from tests.factories import DESK, make_account, make_city


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


@pytest.fixture
def steward(city, now):
    with transaction():
        return make_account(Role.CREW, now, crew_id=city.crews[0].id)


def code_for(city, now, crew=0):
    with transaction():
        return make_code(city.crews[crew].id, "Phone 1", actor=DESK, now=now)


def join(code, now, present="", new="new"):
    with transaction():
        return join_by_code(code, present_hash=present, new_hash=new, now=now)


def why_not(code, now):
    with pytest.raises(Invalid) as refused:
        join(code, now)
    return str(refused.value)


def test_a_code_enrols_a_phone_once_and_is_kept_only_as_a_hash(city, now):
    code = code_for(city, now)
    [kept] = db.session.query(PhoneCode)
    assert code not in {kept.code_hash, kept.name}
    device = join(code.lower(), now + timedelta(minutes=9))
    assert (device.name, device.crew_id, device.last_sequence) == ("Phone 1", city.crews[0].id, 0)
    assert "used before" in why_not(code, now + timedelta(minutes=9))
    told = [each.now for each in db.session.query(SettingsEvent).filter_by(subject="phone")]
    assert [sorted(each) for each in told] == [["code", "crew"], ["crew", "enrolled", "number"]]


def test_a_code_that_is_unknown_old_or_of_a_retired_crew_enrols_nothing(city, now):
    assert "Nobody knows" in why_not("0000 0000", now)
    assert "too old" in why_not(code_for(city, now), now + timedelta(minutes=10))
    code = code_for(city, now)
    with transaction():
        db.session.get_one(Crew, city.crews[0].id).active = False
    assert "no more" in why_not(code, now)
    assert db.session.query(Device).count() == 0
    with pytest.raises(NotFound):
        code_for(city, now)


def test_a_phone_that_the_crew_has_already_stays_the_same_one(city, now):
    first = join(code_for(city, now), now, new="one")
    again = join(code_for(city, now), now, present="one", new="two")
    assert (again.id, again.secret_hash) == (first.id, "one")
    other = join(code_for(city, now, crew=1), now, present="one", new="three")
    assert other.id != first.id
    with transaction():
        revoke_phone(first, "lost", actor=DESK, now=now)
    back = join(code_for(city, now), now, present="one", new="four")
    assert back.id not in {first.id, other.id}


def test_a_team_leader_gives_codes_for_the_own_crews_only(city, now):
    with transaction():
        leader = make_account(Role.TEAM_LEADER, now, team_id=city.crews[0].team_id)
        assert make_code(city.crews[0].id, "x", actor=leader, now=now)
        foreign = next(each for each in city.crews if each.team_id != leader.team_id)
        with pytest.raises(NotFound):
            make_code(foreign.id, "x", actor=leader, now=now)
        with pytest.raises(Invalid):
            make_code(city.crews[0].id, " \0 ", actor=leader, now=now)


def test_ten_wrong_codes_from_one_address_are_enough_and_others_go_on(session, now):
    with transaction():
        for _ in range(10):
            begin_code_try("192.0.2.1", now)
        begin_code_try("192.0.2.2", now)
    with pytest.raises(TooMany), transaction():
        begin_code_try("192.0.2.1", now)
    with transaction():
        begin_code_try("192.0.2.1", now + timedelta(minutes=6))


def test_a_phone_belongs_to_the_crew_of_its_account(city, steward, now):
    with transaction():
        enrol_phone("  Crew   phone ", actor=steward, now=now, secret_hash="h")
        with pytest.raises(Invalid):
            enrol_phone("  ", actor=steward, now=now, secret_hash="i")
        stranger = make_account(Role.CREW, now, name="nobody's")
        with pytest.raises(Invalid):
            enrol_phone("x", actor=stranger, now=now, secret_hash="y")
    [device] = db.session.query(Device)
    assert (device.name, device.crew_id) == ("Crew phone", city.crews[0].id)
    assert db.session.get(PhonePerson, (device.id, steward.user_id)).first_at == now
    assert len({new_phone_secret() for _ in range(3)}) == 3


def test_a_crew_adds_twenty_phones_a_day_by_itself_and_more_by_a_code(city, steward, now):
    def enrol(number, at):
        with transaction():
            enrol_phone("x", actor=steward, now=at, secret_hash=str(number))

    for number in range(20):
        enrol(number, now)
    with pytest.raises(TooMany):
        enrol(20, now + timedelta(hours=23))
    assert join(code_for(city, now), now).id == 21
    enrol(21, now + timedelta(days=1, seconds=1))


def test_a_revoked_phone_shows_its_people_out_with_the_reason(city, steward, now):
    device = join(code_for(city, now), now)
    with transaction():
        user = db.session.get_one(User, steward.user_id)
        open_session(user, now=now, lifetime=timedelta(hours=1), device_id=device.id)
        open_session(user, now=now, lifetime=timedelta(hours=1))
        with pytest.raises(Invalid):
            revoke_phone(device, "  ", actor=DESK, now=now)
        revoke_phone(device, " left in  a taxi", actor=DESK, now=now)
        with pytest.raises(Forbidden):
            revoke_phone(device, "again", actor=DESK, now=now)
    assert (device.revoked_by, device.revoked_reason) == (DESK.name, "left in a taxi")
    ended = {each.device_id: each.revoked_at for each in db.session.query(UserSession)}
    assert ended == {device.id: now, None: None}


def test_who_used_a_phone_is_remembered_first_and_last(city, steward, now):
    device = join(code_for(city, now), now)
    later = now + timedelta(hours=1)
    with transaction():
        note_person(device, steward, now)
        note_person(device, steward, later)
        note_person(device, DESK, later)
    [row] = db.session.query(PhonePerson)
    assert (row.user_id, row.first_at, row.last_at) == (steward.user_id, now, later)


def test_a_phone_is_written_about_when_it_says_something_new(city, steward, now):
    device = join(code_for(city, now), now)
    assert is_news(device, steward, None, None, now)
    with transaction():
        note_seen(device, steward, waiting=3, app="1.4", now=now)
    assert (device.waiting, device.app_version, device.last_seen_at) == (3, "1.4", now)
    soon = now + timedelta(seconds=59)
    assert not is_news(device, steward, 3, None, soon)
    assert is_news(device, steward, 2, "1.4", soon)
    assert is_news(device, steward, 3, "1.5", soon)
    assert is_news(device, steward, 3, "1.4", now + timedelta(minutes=1))
    with transaction():
        colleague = make_account(Role.CREW, now, name="Bo", crew_id=city.crews[0].id)
        stranger = make_account(Role.CREW, now, name="Cai", crew_id=city.crews[1].id)
    assert is_news(device, colleague, 3, "1.4", soon)
    assert not is_news(device, stranger, 3, "1.4", soon)


def test_a_session_can_be_tied_to_a_phone_but_a_programs_token_is_not(city, steward, now):
    device = join(code_for(city, now), now)
    with transaction():
        user = db.session.get_one(User, steward.user_id)
        for kind in ("browser", "token"):
            open_session(user, now=now, lifetime=timedelta(hours=1), kind=kind)
        for each in db.session.query(UserSession):
            tie_session(each.secret_hash, device.id)
    tied = {each.kind: each.device_id for each in db.session.query(UserSession)}
    assert tied == {"browser": device.id, "token": None}

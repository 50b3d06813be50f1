"""Do six digits open a crew's phone for its own people, and for no guesser?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.phones import enrol_phone, revoke_phone
from dispatch.actions.pins import (
    begin_pin_try,
    check_own_pin,
    check_pin,
    forget_pin_tries,
    set_pin,
)
from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotSignedIn, TooMany
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.people import SettingsEvent, SignInTry, User, UserSession
from tests.factories import DESK, make_account, make_city

PIN = "201530"


@pytest.fixture
def people(session, now):
    """Return the phone of W1 and the accounts of two of its people and one of another crew's."""
    with transaction():
        crews = make_city(now).crews
        owners = [
            make_account(Role.CREW, now, name=name, crew_id=crews[crew].id)
            for name, crew in (("ann", 0), ("bo", 0), ("cai", 1))
        ]
        phone = enrol_phone("Phone", actor=owners[0], now=now, secret_hash="h")
        users = [db.session.get_one(User, each.user_id) for each in owners]
        for user in (users[0], users[2]):
            set_pin(user, PIN, actor=DESK, now=now)
    return phone, users


def test_a_pin_is_kept_as_a_hash_and_ends_what_was_open_on_phones(people, now):
    phone, [ann, *_] = people
    assert PIN not in ann.pin_hash
    with transaction():
        for device in (phone.id, phone.id, None):
            open_session(ann, now=now, lifetime=timedelta(hours=1), device_id=device)
        own = db.session.query(UserSession).order_by(UserSession.id).first().secret_hash
        set_pin(ann, "112358", actor=DESK, now=now, but=own)
    left = [each.device_id for each in db.session.query(UserSession).filter_by(revoked_at=None)]
    assert sorted(map(str, left)) == sorted(map(str, (phone.id, None)))
    told = db.session.query(SettingsEvent).order_by(SettingsEvent.id.desc()).first().now
    assert told == {"pin": "changed", "sessions_ended": 1}


def test_a_weak_pin_is_refused_and_only_stewards_have_one(people, now):
    _, [ann, *_] = people
    with transaction():
        boss = make_account(Role.DISPATCHER, now)
        with pytest.raises(Invalid) as refused:
            set_pin(ann, "111111", actor=DESK, now=now)
        assert "pin" in refused.value.fields
        with pytest.raises(Invalid):
            set_pin(db.session.get_one(User, boss.user_id), PIN, actor=DESK, now=now)


def test_the_pin_of_the_crews_own_people_fits_and_nobody_elses(people, now):
    phone, [ann, bo, cai] = people
    assert check_pin(phone, ann.id, f" {PIN}").id == ann.id
    for user_id, typed in ((ann.id, "999999"), (bo.id, PIN), (cai.id, PIN), (0, PIN)):
        with pytest.raises(NotSignedIn):
            check_pin(phone, user_id, typed)
    with transaction():
        ann.active = False
    with pytest.raises(NotSignedIn):
        check_pin(phone, ann.id, PIN)
    with transaction():
        revoke_phone(phone, "lost", actor=DESK, now=now)
    with pytest.raises(Forbidden):
        check_pin(phone, ann.id, PIN)


def test_fifty_tries_are_five_and_each_further_one_waits_longer(people, now):
    phone, [ann, bo, _] = people
    at, taken = now, []
    for _ in range(50):
        try:
            with transaction():
                begin_pin_try(phone.id, ann.id, "192.0.2.1", at)
        except TooMany:
            pass
        else:
            taken.append(at)
    assert taken == [now] * 5
    for minutes in (1, 2, 4, 8):
        with pytest.raises(TooMany), transaction():
            begin_pin_try(phone.id, ann.id, "192.0.2.1", at + timedelta(minutes=minutes - 0.1))
        at += timedelta(minutes=minutes)
        with transaction():
            begin_pin_try(phone.id, ann.id, "192.0.2.1", at)
    with transaction():
        begin_pin_try(phone.id, bo.id, "192.0.2.1", at)
        begin_pin_try(phone.id + 1, ann.id, "192.0.2.1", at)


def test_the_right_pin_forgets_the_wrong_ones(people, now):
    phone, [ann, *_] = people
    with transaction():
        for _ in range(5):
            counted = begin_pin_try(phone.id, ann.id, "192.0.2.1", now)
        forget_pin_tries(counted)
    assert db.session.query(SignInTry).count() == 0


def test_a_pin_is_not_guessed_with_more_phones(people, now):
    phone, [ann, bo, _] = people
    phones = [phone.id + more for more in range(10)]
    with transaction():
        for _ in range(4):
            forgotten = begin_pin_try(phone.id, ann.id, "192.0.2.1", now)
        forget_pin_tries(forgotten)
        for device in phones[:5] * 3:
            begin_pin_try(device, ann.id, "192.0.2.1", now)
    for device in phones:
        with pytest.raises(TooMany), transaction():
            begin_pin_try(device, ann.id, "192.0.2.1", now)
    with transaction():
        begin_pin_try(phone.id, bo.id, "192.0.2.1", now)
        begin_pin_try(phones[9], ann.id, "192.0.2.1", now + timedelta(minutes=1))


def test_ones_own_pin_is_asked_before_it_changes(people):
    _, [ann, *_] = people
    check_own_pin(ann, PIN)
    with pytest.raises(Invalid) as refused:
        check_own_pin(ann, "000000")
    assert "current" in refused.value.fields

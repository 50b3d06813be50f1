"""Does a phone belong to a crew, and is its secret its own?"""

from __future__ import annotations

import pytest

from dispatch.actions.field_sync import enrol_phone, new_phone_secret
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.people import Device
from tests.factories import make_account, make_city


def test_a_phone_belongs_to_the_crew_of_its_account(session, now):
    with transaction():
        city = make_city(now)
        steward = make_account(Role.CREW, now, crew_id=city.crews[1].id)
        enrol_phone("  Crew   phone ", actor=steward, now=now, secret_hash="h")
        with pytest.raises(Invalid):
            enrol_phone("  ", actor=steward, now=now, secret_hash="i")
    [device] = db.session.query(Device)
    assert (device.name, device.crew_id) == ("Crew phone", city.crews[1].id)
    assert len({new_phone_secret() for _ in range(3)}) == 3


def test_an_account_without_a_crew_has_no_phone(session, now):
    with transaction():
        stranger = make_account(Role.CREW, now)
        with pytest.raises(Invalid):
            enrol_phone("x", actor=stranger, now=now, secret_hash="y")

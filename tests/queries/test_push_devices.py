"""Are the devices of a person found, the one used last first?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.domain.permissions import Role
from dispatch.models.messages import PushSubscription
from dispatch.queries.push_devices import device_at, devices_of
from tests.factories import make_account


def test_devices_are_found_by_person_and_by_address(session, now):
    ann, bob = (make_account(Role.DISPATCHER, now, name=name).user_id for name in ("ann", "bob"))
    for number, user_id in enumerate((ann, bob, ann)):
        used_at = now + timedelta(minutes=number)
        session.add(
            PushSubscription(user_id=user_id, endpoint=f"e{number}", keys={}, created_at=now,
                             last_used_at=used_at)
        )  # fmt: skip
    session.flush()
    assert [row.endpoint for row in devices_of(ann)] == ["e2", "e0"]
    assert device_at("e1").user_id == bob
    assert device_at("e9") is None

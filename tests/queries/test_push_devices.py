"""Are the devices of a person found, the one used last first?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.domain.permissions import Role
from dispatch.models.messages import PushSubscription
from dispatch.queries.push_devices import crew_with_devices, device_at, devices_of
from tests.factories import make_account, make_city


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


def test_the_people_of_a_crew_who_can_be_told_are_found(session, now):
    first, second, _ = make_city(now).crews
    wanted = {"crew_id": first.id, "language": "zh-CN"}
    accounts = [
        make_account(role, now, name=name, **columns).user_id
        for role, name, columns in (
            (Role.CREW, "ann", wanted),
            (Role.CREW, "bob", {"crew_id": second.id}),
            (Role.CREW, "cai", {"crew_id": first.id, "active": False}),
            (Role.TEAM_LEADER, "dan", {"crew_id": first.id}),
        )
    ]
    make_account(Role.CREW, now, name="eve", crew_id=first.id)
    for user_id in accounts:
        session.add(
            PushSubscription(user_id=user_id, endpoint=f"e{user_id}", keys={}, created_at=now,
                             last_used_at=now)
        )  # fmt: skip
    session.flush()
    assert [tuple(row) for row in crew_with_devices(first.id)] == [(accounts[0], "zh-CN")]

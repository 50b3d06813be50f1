"""Are endpoints kept with their story and without their secret?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatch.actions import webhook_endpoints
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.webhook_endpoints import (
    Wanted,
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    endpoint_for_change,
    renew_secret,
    wanted_of,
)
from dispatch.domain.errors import Invalid, NotFound, Stale
from dispatch.models.people import SettingsEvent
from tests.factories import DESK

ERP = Wanted(" ERP ", "https://erp.example/hook", ("completed", "arrived", "arrived"))


def do(action, *args: object, now, **named: object):
    with transaction():
        return action(*args, actor=DESK, now=now, **named)


def test_an_endpoint_is_added_changed_renewed_and_deleted(session, now):
    row = do(add_endpoint, ERP, now=now)
    salt = row.salt
    assert wanted_of(row) == Wanted("ERP", ERP.url, ("arrived", "completed"))
    changed = replace(wanted_of(row), active=False, sees_personal=True)
    do(change_endpoint, row.id, changed, now=now, seen_version=row.version)
    assert wanted_of(endpoint_for_change(row.id)) == changed
    assert do(renew_secret, row.id, now=now).salt != salt
    do(delete_endpoint, row.id, now=now)
    with pytest.raises(NotFound):
        endpoint_for_change(row.id)
    lines = session.scalars(select(SettingsEvent).order_by(SettingsEvent.id)).all()
    assert [line.subject for line in lines] == ["webhook"] * 4
    assert not any("salt" in str(line.was) + str(line.now) for line in lines)


def test_a_change_of_an_older_version_is_refused(session, now):
    row = do(add_endpoint, ERP, now=now)
    with pytest.raises(Stale):
        do(change_endpoint, row.id, ERP, now=now, seen_version=row.version + 1)
    do(change_endpoint, row.id, ERP, now=now)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 81}, "name"), ({"kinds": ()}, "kinds"),
        ({"kinds": ("arrived", "nonsense")}, "kinds"),
    ],
)  # fmt: skip
def test_a_wrong_endpoint_is_refused_by_its_field(session, now, wrong, field):
    with pytest.raises(Invalid) as refusal:
        do(add_endpoint, replace(ERP, **wrong), now=now)
    assert set(refusal.value.fields) == {field}


def test_there_are_not_too_many(session, now, monkeypatch):
    monkeypatch.setattr(webhook_endpoints, "MOST_ENDPOINTS", 1)
    do(add_endpoint, ERP, now=now)
    with pytest.raises(Invalid):
        do(add_endpoint, ERP, now=now)

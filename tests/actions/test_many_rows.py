"""Are many rows stored as one by one, by one statement, and a row without a zone refused?"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text

from dispatch.actions.many_rows import update_many
from dispatch.actions.new_rows import MANY, insert_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.models.alerts import RotaEntry
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from tests.factories import make_account
from tests.statements import statements

CONTENT = {"words": "水管 “burst” \\ ' 100 %", "share": 0.1, "none": None, "list": [1, 2.5, True]}


def row(number, now):
    return {
        "effect_key": f"k{number}",
        "channel": "sms",
        "recipient": "no 1 %s :colon",
        "template": "t",
        "content": CONTENT | {"number": number},
        "fault": None,
        "next_try_at": now + timedelta(microseconds=number),
        "created_at": now.astimezone(timezone(timedelta(hours=8))),
    }


def stored(session, now, count):
    with transaction():
        insert_rows(Outbox, [row(number, now) for number in range(count)])
    found = session.execute(text("SELECT * FROM outbox ORDER BY id")).mappings().all()
    with transaction():
        session.execute(text("DELETE FROM outbox"))
    return [{name: value for name, value in each.items() if name != "id"} for each in found]


def test_many_are_stored_as_few_are(session, now):
    few, many = stored(session, now, MANY - 1), stored(session, now, MANY + 1)
    assert len(many) == MANY + 1
    assert many[: MANY - 1] == few


def test_many_are_read_as_they_were_written_in_their_order(session, now):
    with transaction():
        insert_rows(Outbox, [row(number, now) for number in range(20)])
    found = session.scalars(select(Outbox).order_by(Outbox.id)).all()
    assert [each.content for each in found] == [CONTENT | {"number": n} for n in range(20)]
    assert [each.next_try_at for each in found] == [row(n, now)["next_try_at"] for n in range(20)]
    assert {each.created_at for each in found} == {now}
    assert {(each.state, each.tries, each.fault) for each in found} == {("waiting", 0, None)}
    assert all(each.routes == [] for each in found)


def test_dates_are_stored_too(session, now):
    user = make_account("dispatcher", now)
    session.commit()
    entry = {"duty": "dispatcher", "user_id": user.user_id, "start_minute": 0, "end_minute": 0}
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(MANY)]
    with transaction():
        insert_rows(RotaEntry, [entry | {"from_date": day} for day in days])
    assert session.scalars(select(RotaEntry.from_date).order_by(RotaEntry.id)).all() == days


def test_the_server_is_asked_once_for_all(session, now):
    with statements(db.engine) as ran, transaction():
        insert_rows(Outbox, [row(number, now) for number in range(50)])
        ids = session.scalars(select(Outbox.id)).all()
        changes = [{"tries": 3, "sent_at": now, "id": each} for each in ids]
        update_many(Outbox, ("tries", "sent_at", "id"), changes)
    written = [(each.verb, each.is_many) for each in ran if each.verb in {"INSERT", "UPDATE"}]
    # SQLite has no server: its driver takes the rows one after the other.
    in_turn = db.engine.dialect.name == "sqlite"
    assert written == [("INSERT", in_turn), ("UPDATE", in_turn)]
    assert set(session.execute(select(Outbox.tries, Outbox.sent_at)).all()) == {(3, now)}


@pytest.mark.parametrize("value", [datetime(2026, 3, 2, 9, 30), object()])  # noqa: DTZ001  the fault
def test_what_cannot_be_stored_is_refused(session, now, value):
    rows = [row(number, now) for number in range(MANY)]
    rows[3]["next_try_at" if isinstance(value, datetime) else "content"] = value
    with transaction(), pytest.raises((ValueError, TypeError)):
        insert_rows(Outbox, rows)

"""Do rows that bypass the session's own flush look the same afterwards?"""

from sqlalchemy import select

from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.new_rows import insert_object, insert_rows, new_ids
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import RESIDENT
from dispatch.models.clockwork import Outbox
from dispatch.models.tickets import Report, Ticket
from tests.invariants import rows_of

NEW = NewReport("leak", address="no 12", description="in the cellar")


def columns_of(row):
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def test_an_object_is_known_as_the_database_knows_it(session, now):
    with transaction():
        ticket, report = open_ticket(NEW, actor=RESIDENT, now=now)
        known = [columns_of(ticket), columns_of(report)]
        assert not session.dirty
        assert not session.new
    session.expire_all()
    assert known == [columns_of(session.get(Ticket, 1)), columns_of(session.get(Report, 1))]


def test_a_later_change_of_the_object_is_written(session, now):
    with transaction():
        ticket = open_ticket(NEW, actor=RESIDENT, now=now).ticket
        ticket.description = "in the garden"
    session.expire_all()
    assert session.get(Ticket, 1).description == "in the garden"
    assert session.get(Ticket, 1).version == 2


def test_a_column_with_a_made_default_is_read_when_it_is_asked_for(session, now):
    message = Outbox(effect_key="k", channel="sms", recipient="1", template="t")
    message.next_try_at = message.created_at = now
    with transaction():
        insert_object(message)
        assert message.content == {}
        assert (message.state, message.tries, message.fault) == ("waiting", 0, None)


def test_no_rows_are_no_statement(session):
    with transaction():
        insert_rows(Outbox, [])
    assert rows_of(Outbox, None) == []


def test_ids_are_taken_once_and_the_next_row_goes_on_after_them(session, now):
    row = {"channel": "sms", "recipient": "1", "template": "t", "next_try_at": now}
    row["created_at"] = now
    with transaction():
        first = new_ids(Outbox, 3)
        rows = [row | {"id": number, "effect_key": f"k{number}"} for number in first]
        insert_rows(Outbox, rows)
        insert_rows(Outbox, [row | {"effect_key": "by itself"}])
        second = new_ids(Outbox, 2)
    written = [number for (number,) in session.execute(select(Outbox.id).order_by(Outbox.id))]
    assert written[:3] == list(first)
    assert len({*written, *second}) == 6
    assert min(second) > max(written) > max(first)

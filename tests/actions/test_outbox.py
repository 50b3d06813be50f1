"""Is every reporter with a number owed one message a step, and nobody two?"""

from sqlalchemy import select

from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.outbox import queue_test, queue_test_event
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.webhook_endpoints import Wanted, add_endpoint
from dispatch.domain.messages import Route
from dispatch.models.clockwork import Outbox
from tests.cases import Case
from tests.factories import DESK
from tests.invariants import rows_of


def test_each_reporter_with_a_number_gets_one_message_a_step(session, now):
    case = Case(now, reporter_phone="13800000001", language="zh-CN")
    for address, phone in (("no 14", "13800000002"), ("no 16", None)):
        new = NewReport("burst", address=address, reporter_phone=phone)
        case.do(add_report, new, at=1)
    case.fixed(at=2)
    rows = rows_of(Outbox, case.id)
    assert [row.template for row in rows if row.recipient == "13800000001"] == [
        "report_received",
        "dispatched",
        "set_off",
        "arrived",
        "completed",
    ]
    assert [row.template for row in rows if row.recipient == "13800000002"] == [
        "report_merged",
        "dispatched",
        "set_off",
        "arrived",
        "completed",
    ]
    assert len({row.effect_key for row in rows}) == len(rows)
    assert {row.language for row in rows if row.recipient == "13800000001"} == {"zh-CN"}
    assert rows[0].content == {
        "number": "W000001",
        "category": "burst",
        "level": 1,
        "arrive_due_at": case.ticket.arrive_due_at.isoformat(),
        "token": case.report.token,
    }
    assert {(row.state, row.channel) for row in rows} == {("waiting", "sms")}
    assert rows[0].next_try_at == now


def test_a_test_goes_out_at_once_and_belongs_to_no_ticket(session, now):
    with transaction():
        queue_test("key", Route("sms", "13800000001"), "arrived", {"text": "x"}, now=now)
        row = add_endpoint(Wanted("ERP", "https://erp.example", ("arrived",)), actor=DESK, now=now)
        queue_test_event(row, now=now)
    found = session.scalars(select(Outbox).order_by(Outbox.id)).all()
    assert [(row.template, row.ticket_id) for row in found] == [("arrived", None), ("test", None)]
    assert [row.urgency for row in found] == ["warning", "webhook"]
    assert found[1].content["kind"] == "test"

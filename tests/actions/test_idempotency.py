"""Is a request that comes twice done once, and answered the same?"""

import pytest

from dispatch.actions.idempotency import fingerprint, once
from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Reused
from dispatch.domain.permissions import RESIDENT
from dispatch.models.clockwork import Idempotency
from dispatch.models.tickets import Ticket
from tests.contenders import contend

BODY = {"category": "leak", "address": "no 12"}


def report(now, key, body=BODY, scope="report"):
    def do():
        ticket = open_ticket(NewReport(**body), actor=RESIDENT, now=now).ticket
        return 201, {"ticket": ticket.id}

    with transaction():
        return once(scope, key, body, now=now, do=do)


def test_the_same_key_gets_the_same_answer(session, now):
    first, second = report(now, "k"), report(now, "k")
    assert (first.status, first.reply, first.replayed) == (201, {"ticket": 1}, False)
    assert (second.status, second.reply, second.replayed) == (201, {"ticket": 1}, True)
    assert session.query(Ticket).count() == 1


def test_a_key_belongs_to_one_body_and_one_scope(session, now):
    report(now, "k")
    with pytest.raises(Reused):
        report(now, "k", BODY | {"address": "no 14"})
    assert report(now, "k", scope="another").reply == {"ticket": 2}
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_everything_is_done(session, now, key):
    assert [report(now, key).replayed, report(now, key).replayed] == [False, False]
    assert session.query(Ticket).count() == 2


def test_what_failed_may_be_tried_again_with_its_key(session, now):
    with pytest.raises(ZeroDivisionError), transaction():
        once("report", "k", BODY, now=now, do=lambda: 1 // 0)
    assert session.query(Idempotency).count() == 0
    assert not report(now, "k").replayed


def test_eight_at_once_with_one_key_open_one_ticket(app, now):
    for key in ("a", "b", "c"):
        count = contend(app, lambda _number, key=key: str(report(now, key).replayed))
        assert count == {"False": 1, "True": 7}
    with app.app_context():
        assert [ticket.id for ticket in Ticket.query.order_by(Ticket.id)] == [1, 2, 3]

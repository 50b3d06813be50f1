"""Does an overdue ticket stay on the list until a manager signs it off?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatch.actions.clockwork import fire_due
from dispatch.actions.rectification import NewItem, change_item, open_item, take_item_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Stale
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.rectification import Rectification, RectificationEvent
from dispatch.models.tickets import Ticket
from tests.factories import make_account
from tests.trips import open_burst, send, work

pytestmark = pytest.mark.usefixtures("session")


def later(now, minutes):
    return now + timedelta(minutes=minutes)


def sweep(now, minutes):
    with transaction():
        fire_due(later(now, minutes), limit=100)


def the_item():
    return db.session.query(Rectification).one()


def kinds():
    return [row.kind for row in db.session.query(RectificationEvent).order_by("id")]


@pytest.fixture
def people(now):
    with transaction():
        return {
            "leader": make_account(Role.TEAM_LEADER, now, name="leader"),
            "manager": make_account(Role.MANAGER, now, name="manager"),
            "other": make_account(Role.MANAGER, now, name="other"),
        }


@pytest.fixture
def item(now, people):
    open_burst(now)
    with transaction():
        ticket = db.session.get_one(Ticket, 1)
        return open_item(ticket, NewItem(), actor=people["leader"], now=later(now, 1))


def step(row, name, actor, now, **said: object):
    with transaction():
        take_item_step(row, name, actor=actor, now=now, **said)


def filled(row, actor, now):
    with transaction():
        change_item(row, {"cause": "no_crew", "text": "Second crew at noon"}, actor=actor, now=now)


@pytest.mark.parametrize(
    "change", ["UPDATE rectification_event SET note = 'x'", "DELETE FROM rectification_event"]
)
def test_the_database_itself_refuses_to_change_what_was_said(item, change):
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(change))
    assert kinds() == ["opened"]


def test_a_late_arrival_goes_onto_the_list_with_who_had_it(now):
    open_burst(now)
    send(1, 1, later(now, 6))
    for minutes in (15, 24, 29):
        sweep(now, minutes)
    assert db.session.query(Rectification).count() == 0
    sweep(now, 33)
    row = the_item()
    assert (row.state, row.clock, row.broke_at) == ("open", "arrive", later(now, 30))
    assert (row.holder, row.opened_by, row.cause) == (["crew", "1", ""], "rule", None)
    assert row.due_at == later(now, 33) + timedelta(days=7)
    assert kinds() == ["opened"]


def test_a_late_dispatch_alone_does_not(now):
    open_burst(now)
    sweep(now, 6)
    assert db.session.query(Rectification).count() == 0


def test_a_further_breach_is_added_to_the_same_item(now):
    open_burst(now)
    for minutes in (30, 31, 24 * 60, 24 * 60 + 1, 48 * 60, 48 * 60 + 1):
        sweep(now, minutes)
    assert the_item().clock == "arrive"
    assert kinds()[:2] == ["opened", "breached_again"]


def test_a_ticket_that_was_signed_off_may_come_again(now, people, item):
    filled(item, people["leader"], now)
    step(item, "finish", people["leader"], now)
    step(item, "sign-off", people["manager"], now)
    with transaction():
        again = open_item(
            db.session.get_one(Ticket, 1), NewItem(cause="travel"), actor=people["manager"], now=now
        )
    assert again.id != item.id


def test_a_leader_puts_a_ticket_onto_the_list_once(now, people, item):
    assert (item.clock, item.holder, item.opened_by) == (None, ["team", "1", ""], "leader")
    with pytest.raises(Forbidden), transaction():
        open_item(db.session.get_one(Ticket, 1), NewItem(), actor=people["leader"], now=now)


def test_by_hand_the_earliest_broken_promise_names_the_holder(now, people):
    open_burst(now)
    send(1, 1, later(now, 6))
    work(1, 1, later(now, 40))
    with transaction():
        new = NewItem(cause="travel", text="Nearer base", due_at=later(now, 9999))
        row = open_item(
            db.session.get_one(Ticket, 1), new, actor=people["manager"], now=later(now, 90)
        )
    assert (row.clock, row.holder) == ("dispatch", ["team", "1", ""])
    assert (row.cause, row.text, row.due_at) == ("travel", "Nearer base", later(now, 9999))


def test_an_ended_ticket_can_be_put_onto_the_list(now, people):
    open_burst(now, place=None)
    with transaction():
        ticket = db.session.get_one(Ticket, 1)
        ticket.state = "cancelled"
        row = open_item(ticket, NewItem(), actor=people["manager"], now=now)
    assert row.holder == ["desk", "", ""]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"cause": "laziness"}, "cause"), ({"due_at": -1}, "due_at"), ({"due_at": 0}, "due_at")],
)
def test_a_wrong_value_is_named_and_nothing_is_kept(now, people, item, values, field):
    if field == "due_at":
        values = {"due_at": later(now, values["due_at"])}
    with pytest.raises(Invalid) as refusal, transaction():
        change_item(item, values, actor=people["leader"], now=now)
    assert set(refusal.value.fields) == {field}
    assert kinds() == ["opened"]


def test_another_person_is_responsible_only_with_a_reason(now, people, item):
    with pytest.raises(Invalid) as refusal, transaction():
        change_item(item, {"responsible": "Wang"}, actor=people["leader"], now=now)
    assert set(refusal.value.fields) == {"reason"}
    db.session.expire(item)
    with transaction():
        change_item(
            item, {"responsible": "Wang"}, reason="was on duty", actor=people["leader"], now=now
        )
    assert (item.responsible, item.responsible_reason) == ("Wang", "was on duty")
    assert kinds() == ["opened", "changed"]


def test_what_stays_the_same_leaves_no_event(now, people, item):
    with transaction():
        change_item(item, {"text": ""}, actor=people["leader"], now=now)
    assert kinds() == ["opened"]


def test_an_item_is_done_only_with_cause_and_text(now, people, item):
    with pytest.raises(Invalid) as refusal:
        step(item, "finish", people["leader"], now)
    assert set(refusal.value.fields) == {"cause", "text"}
    with transaction():
        change_item(item, {"cause": "parts"}, actor=people["leader"], now=now)
    with pytest.raises(Invalid) as refusal:
        step(item, "finish", people["leader"], now)
    assert set(refusal.value.fields) == {"text"}


def test_a_manager_signs_off_what_another_put_right(now, people, item):
    filled(item, people["leader"], now)
    step(item, "begin", people["leader"], now)
    step(item, "finish", people["leader"], later(now, 5), note="done")
    with pytest.raises(NotAllowed):
        step(item, "sign-off", people["leader"], now)
    step(item, "sign-off", people["manager"], later(now, 9))
    assert (item.state, item.done_by, item.signed_by) == ("signed_off", "leader", "manager")
    assert (item.done_at, item.signed_at) == (later(now, 5), later(now, 9))
    assert kinds() == ["opened", "changed", "begin", "finish", "sign_off"]
    with pytest.raises(Forbidden), transaction():
        change_item(item, {"text": "more"}, actor=people["manager"], now=now)


def test_nobody_signs_off_the_own_work(now, people, item):
    filled(item, people["manager"], now)
    step(item, "finish", people["manager"], now)
    with pytest.raises(NotAllowed):
        step(item, "sign-off", people["manager"], now)
    step(item, "sign-off", people["other"], now)
    assert item.state == "signed_off"


def test_what_is_not_enough_goes_back_with_a_reason(now, people, item):
    filled(item, people["leader"], now)
    step(item, "finish", people["leader"], now)
    with pytest.raises(Invalid) as refusal:
        step(item, "reject", people["manager"], now)
    assert set(refusal.value.fields) == {"reason"}
    step(item, "reject", people["manager"], now, note="not enough")
    assert item.state == "rejected"
    assert db.session.query(RectificationEvent).order_by("id").all()[-1].note == "not enough"


def test_an_unknown_step_and_an_old_version_are_refused(now, people, item):
    with pytest.raises(NotFound):
        step(item, "shred", people["leader"], now)
    with pytest.raises(Stale):
        step(item, "begin", people["leader"], now, seen_version=item.version + 1)
    with pytest.raises(Stale), transaction():
        change_item(item, {}, actor=people["leader"], now=now, seen_version=item.version + 1)
    step(item, "begin", people["leader"], now, seen_version=item.version)

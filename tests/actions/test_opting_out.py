"""Can a number be silenced and heard again?"""

from __future__ import annotations

from sqlalchemy import select

from dispatch.actions.opting_out import set_wanted
from dispatch.actions.unit_of_work import transaction
from dispatch.models.messages import OptOut


def silent(session):
    return session.scalars(select(OptOut.phone).order_by(OptOut.phone)).all()


def test_messages_go_off_and_on_again_and_twice_is_no_fault(session, now):
    for wanted, left in ((True, []), (False, ["13800000001"]), (False, ["13800000001"]),
                         (True, [])):  # fmt: skip
        with transaction():
            set_wanted("138 0000-0001", wanted=wanted, now=now)
        assert silent(session) == left


def test_a_number_is_silenced_and_heard_however_it_is_spelt(session, now):
    for phone in ("+86 138 0000 0001", "13800000001", "0086-13800000001"):
        with transaction():
            set_wanted(phone, wanted=False, now=now)
    assert silent(session) == ["+8613800000001"]
    with transaction():
        set_wanted("138 0000-0001", wanted=True, now=now)
    assert silent(session) == []

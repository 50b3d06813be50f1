"""Does each reporter get a message once, about the first of their tickets, unless unwanted?"""

from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.opting_out import set_wanted
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.desk_message import desk_message
from dispatch.queries.recipients import recipients_for, told_already
from tests.factories import DESK, make_city, make_ticket

MESSAGE = desk_message("k", {"en": "Back at 6", "zh-CN": "六点恢复"}, "zh-CN")


def test_a_person_of_two_tickets_is_told_about_the_one_named_first(session, now):
    with transaction():
        make_city(now)
        make_ticket(now, reporter_phone="13800000001", language="en")
        second = make_ticket(now, reporter_phone="+8613800000001").ticket
        new = NewReport("burst", address="no 3", reporter_phone="13800000003")
        for _ in range(2):
            add_report(second, new, actor=DESK, now=now)
        make_ticket(now)
    heard = recipients_for([2, 1, 3], MESSAGE)
    assert [(each.phone, each.language) for each in heard[2].recipients] == [
        ("+8613800000001", "zh-CN"),
        ("13800000003", "zh-CN"),
    ]
    assert (heard[1].recipients, heard[1].elsewhere) == ([], 1)
    assert heard[3] == ([], 0, 0)
    first = recipients_for([1], MESSAGE)[1].recipients
    assert [each.language for each in first] == ["en"]


def test_who_wants_no_messages_and_who_has_it_is_left_out(session, now):
    with transaction():
        make_city(now)
        make_ticket(now, reporter_phone="13800000001")
        make_ticket(now, reporter_phone="13800000002")
        set_wanted("+86 13800000001", wanted=False, now=now)
    assert told_already(MESSAGE) == set()
    heard = recipients_for([1, 2], MESSAGE, {MESSAGE.effect_key("13800000002")})
    assert [(each.recipients, each.elsewhere, each.unwanted) for each in heard.values()] == [
        ([], 0, 1),
        ([], 1, 0),
    ]

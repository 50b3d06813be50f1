"""Are changed lists a version of their own, and does every tick read as it was made?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.checklists import store_checklist
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.checklists import CheckLists, ListItem, usual_checklists
from dispatch.domain.errors import Invalid, NotFound, Stale
from dispatch.models.people import SettingsEvent
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries.checklists import checklist_in_force
from dispatch.queries.events import events_of
from tests.factories import DESK
from tests.trips import another_ticket, open_burst, send, step, steward, work

MINUTE = timedelta(minutes=1)
AIR = ListItem("own_1", is_required=True, words=("Test the air", "检测空气"))
LOG = ListItem("own_2", is_required=True, words=("Close the log", "关闭日志"))
VEST = ListItem("traffic", is_required=False, words=("Wear a vest", "穿反光衣"))
LISTS = CheckLists((AIR, VEST), (LOG,))


def put(now, lists=LISTS, reason="after an accident", **more: object):
    category = more.pop("category", "burst")
    with transaction():
        return store_checklist(category, lists, reason, actor=DESK, now=now, **more).version


def told(session, kind):
    return session.query(TicketEvent).filter_by(kind=kind).order_by(TicketEvent.id).all()


def test_each_change_is_a_version_with_its_reason_in_the_settings_story(session, now):
    assert (put(now), put(now, CheckLists((), ()), seen_version=1)) == (1, 2)
    first, second = session.query(SettingsEvent).filter_by(subject="checklist").all()
    assert (first.subject_key, first.was, first.actor) == ("burst 1", None, DESK.name)
    assert first.now == LISTS.as_json() | {"reason": "after an accident"}
    assert second.was == LISTS.as_json()


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"reason": " "}, Invalid),
        ({"reason": "x" * 501}, Invalid),
        ({"lists": usual_checklists("burst")}, Invalid),
        ({"category": "moon"}, NotFound),
        ({"seen_version": 3}, Stale),
    ],
)
def test_what_cannot_be_stored_is_refused(session, now, more, refusal):
    with pytest.raises(refusal):
        put(now, **more)
    assert checklist_in_force("burst").version == 0


def test_a_tick_keeps_the_words_that_the_crew_saw(session, now):
    open_burst(now)
    put(now)
    send(1, 1, now + MINUTE)
    work(1, 1, now + MINUTE, until="arrive")
    at = now + 30 * MINUTE
    put(at, CheckLists((AIR._replace(words=("Other", "其他")),), ()))
    step(1, "tick", steward(1), at, list="safety", item="own_1")
    [tick] = told(session, "ticked")
    assert tick.facts["words"] == {"en": "Test the air", "zh": "检测空气"}
    story = events_of(session.get(Ticket, 1), personal=True)
    assert [str(each["detail"]) for each in story if each["kind"] == "ticked"] == [
        "Safety: Test the air"
    ]
    step(1, "start", steward(1), at)
    assert "unticked" not in told(session, "started")[0].facts
    step(1, "complete", steward(1), at)
    assert told(session, "completed")[0].facts == {
        "unticked": ["own_2"],
        "unticked_words": {"own_2": {"en": "Close the log", "zh": "关闭日志"}},
    }


def test_a_visit_from_before_the_change_keeps_the_shipped_lists(session, now):
    open_burst(now)
    another_ticket(now)
    send(1, 1, now)
    put(now + MINUTE)
    send(2, 2, now + 2 * MINUTE)
    for ticket, crew in ((1, 1), (2, 2)):
        at = work(ticket, crew, now + 3 * MINUTE, until="arrive")
        step(ticket, "start", steward(crew), at)
    first, second = told(session, "started")
    assert first.facts == {"unticked": ["traffic", "cables", "trench", "power"]}
    assert second.facts["unticked"] == ["own_1"]


def test_an_item_that_no_list_ever_had_is_no_tick(session, now):
    open_burst(now)
    put(now)
    for item in ("own_9", "", "pumps"):
        with pytest.raises(Invalid):
            step(1, "tick", steward(1), now, list="safety", item=item)
    with pytest.raises(Invalid):
        step(1, "tick", steward(1), now, list="bring", item="own_1")
    step(1, "tick", steward(1), now, list="safety", item="cables")
    assert told(session, "ticked")[0].facts == {"list": "safety", "item": "cables", "done": True}

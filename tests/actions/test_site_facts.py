"""Is what a crew writes down on site kept whatever becomes of its ticket, and never twice?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.site_facts import SITE_FACTS, add_fact, add_needs
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.field_commands import FACTS
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, TicketEvent
from tests.factories import DESK
from tests.trips import open_burst, send, step, steward, work

MINUTE = timedelta(minutes=1)
READING = {"reading": "pressure", "value": "3.5", "unit": "bar", "when": "after"}
GOOD = {
    "reading": READING,
    "parts": {"item": "clamps_150", "count": 2},
    "tick": {"list": "safety", "item": "traffic", "done": True},
    "needs": {"parts": ["clamps_300"], "needs": ["excavation"]},
    "time-left": {"minutes": "20"},
}


@pytest.fixture
def ticket(session, now):
    """One burst main and crew W1 on its site."""
    open_burst(now)
    send(1, 1, now)
    work(1, 1, now, until="arrive")
    return db.session.get_one(Ticket, 1)


def events(*kinds: str):
    rows = db.session.query(TicketEvent).filter(TicketEvent.kind.in_(kinds))
    return rows.order_by(TicketEvent.id).all()


def add(ticket, kind, actor, now, **args: object):
    with transaction():
        add_fact(ticket, kind, args, actor=actor, now=now)


def test_a_phone_keeps_the_same_facts_as_the_page():
    assert set(SITE_FACTS) == set(GOOD) == FACTS - {"note", "code"}


def test_each_fact_is_an_event_of_the_visit_and_changes_nothing(ticket, now):
    version, state = ticket.version, ticket.state
    for kind, args in GOOD.items():
        add(ticket, kind, steward(1), now + 20 * MINUTE, **args)
    found = events("reading_taken", "parts_used", "ticked", "next_visit_needs", "time_left")
    assert [each.facts for each in found] == [
        {"reading": "pressure", "value": "350", "unit": "kPa", "when": "after", "given": "3.5 bar"},
        {"item": "clamps_150", "count": 2},
        {"list": "safety", "item": "traffic", "done": True},
        {"parts": ["clamps_300"], "needs": ["excavation"]},
        {"minutes": 20},
    ]
    assert {each.visit_id for each in found} == {1}
    assert (ticket.version, ticket.state) == (version, state)


@pytest.mark.parametrize("name", ["complete", "return"])
def test_a_fact_is_kept_after_the_ticket_went_back_or_ended(ticket, now, name):
    step(1, name, steward(1), now + 16 * MINUTE, reason="Not our pipe")
    for kind, args in GOOD.items():
        add(ticket, kind, steward(1), now + 20 * MINUTE, **args)
    assert len(events("reading_taken", "parts_used", "ticked", "next_visit_needs")) == 4


def test_the_desk_writes_down_without_a_visit(ticket, now):
    add(ticket, "parts", DESK, now + 20 * MINUTE, item="meters")
    [event] = events("parts_used")
    assert (event.visit_id, event.facts["count"]) == (None, 1)


def test_the_desk_writes_down_for_the_crew_that_it_names(ticket, now):
    step(1, "reading", DESK, now + 20 * MINUTE, **READING, crew_id=1)
    [event] = events("reading_taken")
    assert (event.visit_id, event.acting_for_crew_id, event.actor) == (1, 1, DESK.name)


def test_a_fact_is_of_the_visit_that_is_named_if_the_crew_had_it(ticket, now):
    step(1, "return", steward(1), now + 20 * MINUTE, reason="no clamps")
    send(1, 2, now + 30 * MINUTE)
    send(1, 1, now + 40 * MINUTE, None)
    step(1, "parts", DESK, now + 50 * MINUTE, visit_id=1, **GOOD["parts"])
    step(1, "parts", steward(1), now + 50 * MINUTE, visit_id=1, **GOOD["parts"])
    step(1, "parts", DESK, now + 50 * MINUTE, crew_id=1, **GOOD["parts"])
    assert [each.visit_id for each in events("parts_used")] == [1, 1, 3]
    for wrong in (2, 99, 10**30):
        with pytest.raises(Invalid):
            step(1, "parts", steward(1), now + 50 * MINUTE, visit_id=wrong, **GOOD["parts"])


def test_a_late_value_names_the_one_that_another_person_wrote_meanwhile(ticket, now):
    tapped, told = now + 20 * MINUTE, {"item": "clamps_150", "count": 2}
    step(1, "parts", DESK, now + 21 * MINUTE, **told | {"count": 3}, crew_id=1)

    def late(**args: object):
        add_fact(
            ticket,
            "parts",
            told | args,
            actor=steward(1),
            now=now + 40 * MINUTE,
            told=Told(effective_at=tapped),
        )
        return events("parts_used")[-1].facts.get("other")

    with transaction():
        assert late(item="clamps_300") is None
        other = late()
        assert late(count=4) is None
    assert (other["by"], other["args"]) == (DESK.name, told | {"count": 3})
    step(1, "parts", DESK, now + 41 * MINUTE, **told | {"count": 5}, crew_id=1)
    with transaction():
        assert late(count=5) is None


def test_a_value_that_the_phone_never_saw_is_named_though_the_tap_came_after_it(ticket, now):
    told = {"item": "clamps_150", "count": 2}

    def late(*, seen: int | None):
        step(1, "parts", DESK, now + 20 * MINUTE, **told | {"count": 3}, crew_id=1)
        theirs = events("parts_used")[-1].id
        at = Told(effective_at=now + 21 * MINUTE, seen=None if seen is None else theirs + seen)
        with transaction():
            add_fact(ticket, "parts", told, actor=steward(1), now=now + 40 * MINUTE, told=at)
        return events("parts_used")[-1].facts.get("other")

    assert late(seen=0) is late(seen=None) is None
    assert late(seen=-1)["args"] == told | {"count": 3}


@pytest.mark.parametrize(
    ("kind", "args", "field"),
    [
        ("reading", {}, "reading"),
        ("reading", READING | {"value": None}, "value"),
        ("reading", READING | {"value": "900"}, "value"),
        ("parts", {"item": "pumps"}, "item"),
        ("parts", {"item": "meters", "count": "x"}, "count"),
        ("tick", {"list": "safety", "item": "traffic", "done": "maybe"}, "done"),
        ("tick", {"list": "safety", "item": "traffic", "done": []}, "done"),
        ("tick", {"list": "safety"}, "item"),
        ("needs", {}, "needs"),
        ("needs", {"parts": "jetpack"}, "parts"),
        ("time-left", {}, "minutes"),
        ("time-left", {"minutes": 0}, "minutes"),
    ],
)
def test_what_is_wrong_in_itself_is_named(ticket, now, kind, args, field):
    with pytest.raises(Invalid) as refused:
        add(ticket, kind, steward(1), now + 20 * MINUTE, **args)
    assert set(refused.value.fields) == {field}
    assert events("reading_taken", "parts_used", "ticked", "next_visit_needs") == []


def test_could_not_fix_says_what_is_needed_next(ticket, now):
    at = now + 20 * MINUTE
    args = {"cause": "part_missing", "parts": ["clamps_300"], "needs": ["excavation"]}
    step(1, "cannot-complete", steward(1), at, **args)
    ended, needs = events("cannot_complete", "next_visit_needs")
    assert needs.facts == {"parts": ["clamps_300"], "needs": ["excavation"]}
    assert needs.visit_id == ended.visit_id == 1
    assert needs.effective_at == ended.effective_at == at


def test_a_wrong_need_refuses_the_whole_step(ticket, now):
    with pytest.raises(Invalid):
        step(1, "cannot-complete", steward(1), now + 20 * MINUTE, cause="no_access", needs="tea")
    assert events("cannot_complete", "next_visit_needs") == []


def test_nothing_needed_is_no_event(ticket, now):
    with transaction():
        add_needs(ticket, {"parts": []}, actor=steward(1), now=now)
    assert events("next_visit_needs") == []


def test_the_start_names_the_safety_steps_that_nobody_ticked_and_goes_on(ticket, now):
    for item in ("traffic", "cables"):
        add(ticket, "tick", steward(1), now + 16 * MINUTE, list="safety", item=item)
    step(1, "start", steward(1), now + 17 * MINUTE)
    [started] = events("started")
    assert started.facts == {"unticked": ["trench", "power"]}


@pytest.mark.parametrize("actor", [DESK, steward(1)])
def test_a_dispatcher_and_a_full_list_leave_nothing_open(ticket, now, actor):
    if actor is not DESK:
        for item in ("traffic", "cables", "trench", "power"):
            add(ticket, "tick", actor, now + 16 * MINUTE, list="safety", item=item)
    step(1, "start", actor, now + 17 * MINUTE)
    assert "unticked" not in events("started")[0].facts

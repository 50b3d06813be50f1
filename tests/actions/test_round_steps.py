"""Does each tap on a round do its one thing, and is what came too late kept all the same?"""

from __future__ import annotations

import pytest

from dispatch.actions.round_steps import keep_late_words, take_round_step
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound
from dispatch.domain.place import Point
from dispatch.models.places import Household
from dispatch.models.rounds import RoundStop
from dispatch.models.tickets import Report, Ticket, TicketEvent
from tests.factories import IN_WEST
from tests.rounds import add_households, go_round
from tests.trips import another_ticket, open_burst, steward

WANG = steward(1)
LEAK = {"category": "leak", "description": "Wet wall"}


@pytest.fixture
def city(session, now):
    """Add the city, its burst, three households, and a round of two of them and a planned visit."""
    open_burst(now)
    add_households()
    another_ticket(now, kind="planned", category="other", place=IN_WEST, household_id=3)
    go_round(now, ["H-1", "H-2"], ["W000002"])
    return {row.household_id: row.id for row in session.query(RoundStop)}


def tap(kind, now, told=None, actor=WANG, **args: object):
    with transaction():
        return take_round_step(kind, args, actor=actor, now=now, told=told or Told())


def test_stops_are_ended_and_taken_back(city, session, now):
    tap("round-done", now, stop=city[1], note=" Meter read\0 ")
    tap("round-nobody-home", now, stop=str(city[2]))
    rows = [session.get(RoundStop, city[each]) for each in (1, 2)]
    assert [(row.state, row.note) for row in rows] == [
        ("done", "Meter read"),
        ("nobody_home", None),
    ]
    tap("round-undo", now, stop=city[2])
    assert session.get(RoundStop, city[2]).state == "waiting"


def test_a_find_takes_the_place_of_the_stop_else_of_the_phone(city, session, now):
    here = Told(position=Point(28.16, 112.96), accuracy_metres=8)
    at_stop = tap("round-fault", now, here, stop=city[1], **LEAK).id
    on_the_way = tap("round-fault", now, here, address="Wuyi Road", **LEAK).id
    nowhere = tap("round-fault", now, address="Wuyi Road", **LEAK).id
    found = [session.get(Ticket, each) for each in (at_stop, on_the_way, nowhere)]
    assert [(row.household_id, row.lat, row.address) for row in found] == [
        (1, 28.151, "Furong Road 1"), (None, 28.16, "Wuyi Road"), (None, None, "Wuyi Road"),
    ]  # fmt: skip
    report = session.query(Report).filter_by(ticket_id=at_stop).one()
    assert (report.channel, report.description) == ("crew", "Wet wall")


def test_a_find_without_an_account_has_the_place_of_its_planned_ticket(city, session, now):
    with transaction():
        session.get(Household, 3)
        session.get(RoundStop, city[3]).household_id = None
    found = tap("round-fault", now, stop=city[3], **LEAK).id
    assert (session.get(Ticket, found).household_id, session.get(Ticket, found).lat) == (
        None, IN_WEST.lat,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "args", "refusal"),
    [
        ("round-done", {}, NotFound),
        ("round-done", {"stop": 99}, NotFound),
        ("round-undo", {"stop": "nine"}, NotFound),
        ("round-fault", {}, Invalid),
        ("round-fault", {"category": "bill"}, Invalid),
        ("round-fault", {"stop": 99, "category": "leak"}, NotFound),
        ("round-fault", {"category": "leak"}, Invalid),
    ],
)
def test_what_names_nothing_is_refused(city, session, now, kind, args, refusal):
    with pytest.raises(refusal):
        tap(kind, now, **args)
    assert session.query(Ticket).count() == 2


def test_nobody_taps_on_the_round_of_another_crew(city, now):
    other, nobody = steward(2), steward(0)
    with pytest.raises(NotFound):
        tap("round-done", now, actor=other, stop=city[1])
    with pytest.raises(NotFound):
        tap("round-fault", now, actor=nobody, **LEAK)


def test_words_that_came_too_late_stand_at_the_stop_and_its_ticket(city, session, now):
    for household in (1, 3):
        tap("round-done", now, stop=city[household], note="First")
        with pytest.raises(Forbidden):
            tap("round-nobody-home", now, stop=city[household])
        with transaction():
            args = {"stop": city[household], "note": "Second"}
            keep_late_words(args, Told(note="Second"), actor=WANG, now=now)
            keep_late_words({"stop": city[household]}, Told(), actor=WANG, now=now)
        assert session.get(RoundStop, city[household]).note == "First\nSecond"
    kept = session.query(TicketEvent).filter_by(kind="for_review").order_by(TicketEvent.id)
    assert [(event.ticket_id, event.note) for event in kept] == [(2, "Second"), (2, None)]
    tap("round-done", now, stop=city[2])
    with transaction():
        keep_late_words({"stop": city[2], "note": "Late"}, Told(), actor=WANG, now=now)
    assert session.get(RoundStop, city[2]).note == "Late"

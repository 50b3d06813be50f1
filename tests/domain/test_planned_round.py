"""Does each ticket get its crew, its wait or its "nobody", exactly one of them?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.live_outlook import OnDuty, Pending
from dispatch.domain.planned_round import plan_round, urgency, why_turned
from dispatch.domain.service_policy import Level
from tests.crews import CREW, HERE, NEED, NOW, crew_lists, needs
from tests.domain.test_live_outlook import look, stands, waits


def numbers(tickets):
    return [each.need.ticket_id for each in tickets]


@given(st.lists(needs, max_size=6, unique_by=lambda need: need.ticket_id), crew_lists())
def test_every_ticket_is_dealt_with_once_and_no_crew_is_sent_twice(drawn, options):
    crews = [stands(each) for each in options if each.on_shift]
    found = plan_round(look([waits(each) for each in drawn], crews), NOW)
    dealt = [
        *numbers(each.ticket for each in [*found.sends, *found.waits]),
        *numbers([*found.nobody, *found.later]),
    ]
    assert sorted(dealt) == sorted(each.ticket_id for each in drawn)
    sent = [each.crew.crew.crew_id for each in found.sends]
    assert len(sent) == len(set(sent))


def test_the_most_urgent_is_sent_first():
    routine = waits(replace(NEED, level=Level.STANDARD))
    burst = waits(replace(NEED, ticket_id=2, level=Level.EMERGENCY))
    crews = [stands(), stands(replace(CREW, crew_id=2))]
    found = plan_round(look([routine, burst], crews), NOW)
    assert numbers(each.ticket for each in found.sends) == [2, 1]
    assert urgency(burst) < urgency(routine)
    assert urgency(waits(replace(NEED, arrive_due_at=None))) > urgency(waits())


def test_who_gets_no_crew_because_of_another_is_looked_at_again():
    burst = waits(replace(NEED, ticket_id=2, level=Level.EMERGENCY))
    found = plan_round(look([waits(), burst], [stands()]), NOW)
    assert (numbers(each.ticket for each in found.sends), numbers(found.later)) == ([2], [1])


def test_who_nobody_may_go_to_is_said_at_once():
    found = plan_round(look([waits(replace(NEED, skill="diving"))], [stands()]), NOW)
    assert numbers(found.nobody) == [1]


def test_a_ticket_waits_for_the_crew_next_door():
    far = replace(CREW, crew_id=2, position=replace(HERE, lat=28.34))
    next_door = replace(CREW, position=HERE)
    done = stands(
        next_door,
        working_since=NOW - timedelta(minutes=46),
        repair_sigma=0.02,
    )
    found = plan_round(look([waits()], [done, stands(far)]), NOW)
    [wait] = found.waits
    assert wait.crew_id == 1
    assert str(wait.why).startswith(
        "Waits for Yuelu 1, which is expected to be free in 1 min and there by "
    )


def test_a_ticket_waits_for_the_crew_that_said_that_it_is_nearly_done():
    far = replace(CREW, crew_id=2, position=replace(HERE, lat=28.34))
    told = stands(
        replace(CREW, position=HERE),
        working_since=NOW - timedelta(minutes=1),
        repair_mean=4 * 60.0,
        repair_sigma=0.02,
        has_told=True,
    )
    [wait] = plan_round(look([waits()], [told, stands(far)]), NOW).waits
    assert str(wait.why).startswith(
        "Waits for Yuelu 1, which says that it is free in 3 min; there by "
    )


def test_a_late_ticket_waits_while_crews_run_short():
    late = waits(replace(NEED, arrive_due_at=NOW - timedelta(minutes=5)))
    seen = look([late], [stands()])
    busy = replace(seen, seen=replace(seen.seen, arrivals=40.0))
    [wait] = plan_round(busy, NOW).waits
    assert (wait.ticket, wait.crew_id) == (late, None)
    assert str(wait.why).startswith("Not likely in time any more: it waits")
    assert plan_round(seen, NOW).waits == []


def test_a_ticket_keeps_the_crew_that_is_under_way():
    under_way = stands(heading=1, visit_id=5)
    found = plan_round(look([waits()], [under_way]), NOW)
    assert found == type(found)([], [], [], [])


def test_a_ticket_whose_crew_drives_waits_for_no_other():
    """The drive goes on though a crew at work next door would be there sooner."""
    late = replace(NEED, arrive_due_at=NOW + timedelta(minutes=12))
    far = stands(replace(CREW, crew_id=2, position=replace(HERE, lat=28.34)), heading=1, visit_id=5)
    done = stands(
        replace(CREW, position=HERE), working_since=NOW - timedelta(minutes=46), repair_sigma=0.02
    )
    found = plan_round(look([waits(late)], [far, done]), NOW)
    assert found == type(found)([], [], [], [])


def turned(old_level, new_level):
    old = waits(replace(NEED, ticket_id=8, level=old_level))
    new = waits(replace(NEED, ticket_id=9, level=new_level))
    crew = OnDuty(crew=CREW, origin=HERE, heading=8, visit_id=5)
    found = plan_round(look([old, new], [crew]), NOW)
    assert len(found.sends) <= 1
    return found, old, new


def test_an_emergency_takes_a_crew_and_both_tickets_say_so():
    found, old, _ = turned(Level.STANDARD, Level.EMERGENCY)
    [send] = found.sends
    assert (send.left, send.changes_mind, send.crew.visit_id) == (old, True, 5)
    assert [str(each) for each in why_turned(send, old)] == [
        "Yuelu 1 was needed for the emergency W000009",
        "An emergency: taken from W000008, which is less urgent",
    ]


def test_any_other_turn_says_that_more_promises_are_kept():
    found, old, new = turned(Level.STANDARD, Level.EMERGENCY)
    ordinary = Pending(need=replace(new.need, level=Level.URGENT), version=1)
    assert [str(each) for each in why_turned(replace(found.sends[0], ticket=ordinary), old)] == [
        "Yuelu 1 keeps more promises at W000009",
        "Turned on its way to W000008: more promises are kept this way",
    ]

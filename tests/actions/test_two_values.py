"""Does the value that the desk chooses count, with both in the story, and is it chosen once?"""

from __future__ import annotations

import pytest

from dispatch.actions.steps import take_step
from dispatch.actions.two_values import choose_value
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, NotAllowed, NotFound
from dispatch.domain.permissions import Role, Scope
from dispatch.models.tickets import TicketEvent
from dispatch.queries.site_work import site_records
from dispatch.queries.two_values import two_values
from tests.factories import DESK, make_account
from tests.invariants import rows_of
from tests.phones import CrewPhone
from tests.trips import steward
from tests.two_values import ALL, CLAMPS, write_two


def choose(case, event_id: int, actor=DESK, *, takes_other: bool):
    with transaction():
        choose_value(event_id, takes_other=takes_other, actor=actor, now=case.minute(60))
    return case.last_event()


@pytest.mark.parametrize(("takes_other", "count"), [(True, 3), (False, 2)])
def test_the_chosen_value_is_the_last_word_and_nothing_waits_any_more(case, takes_other, count):
    event_id = write_two(case)
    last = choose(case, event_id, takes_other=takes_other)
    assert (last.kind, last.facts, last.actor) == (
        "parts_used", {"item": "clamps_150", "count": count}, DESK.name,
    )  # fmt: skip
    assert last.acting_for_crew_id == case.crews[0].id
    told = [each for each in rows_of(TicketEvent, case.id) if each.kind == "parts_used"]
    assert [each.facts["count"] for each in told] == [3, 2, count]
    assert two_values(ALL)[0] == []
    with pytest.raises(Forbidden):
        choose(case, event_id, takes_other=takes_other)


@pytest.mark.parametrize(("takes_other", "count"), [(True, 3), (False, 2)])
def test_it_is_written_on_the_visit_it_is_of_though_the_crew_was_sent_again(
    case, takes_other, count
):
    event_id = write_two(case)
    first = case.last_event().visit_id
    with transaction():
        take_step(
            case.reload(),
            "decline",
            {"reason": "no clamps"},
            actor=steward(case.crews[0].id),
            now=case.minute(45),
        )
    second = case.send(at=50)
    last = choose(case, event_id, takes_other=takes_other)
    assert (last.visit_id, second.id > first) == (first, True)
    assert [(each.visit, each.number) for each in site_records([case.id])[case.id].parts] == [
        (first, count)
    ]
    assert two_values(ALL)[0] == []


def test_a_phone_that_names_the_visit_writes_there_though_the_crew_was_sent_again(case):
    event_id = write_two(case)
    first = case.last_event().visit_id
    phone = CrewPhone(case.start, case.crews[0].id)
    phone.send(phone.tap("decline", at=45, args={"reason": "no clamps"}), 46)
    second = case.send(at=50)
    chosen = CLAMPS | {"count": 3, "visit_id": first}
    assert phone.send(phone.tap("parts", at=51, args=chosen), 52).outcome == "applied"
    assert (case.last_event().visit_id, second.id > first) == (first, True)
    assert two_values(ALL)[0] == []
    with pytest.raises(Forbidden):
        choose(case, event_id, takes_other=True)


def test_only_who_acts_for_crews_chooses_and_only_on_the_own_tickets(case):
    event_id = write_two(case)
    with transaction():
        boss = make_account(Role.ADMINISTRATOR, case.start, name="boss")
        far = make_account(Role.TEAM_LEADER, case.start, name="far", team_id=case.city.east.id)
    for actor, fault in ((boss, NotAllowed), (far, NotFound)):
        with pytest.raises(fault):
            choose(case, event_id, actor, takes_other=True)
    with pytest.raises(NotFound):
        choose(case, 9999, takes_other=True)
    assert two_values(Scope(team_id=case.city.east.id))[0] == []

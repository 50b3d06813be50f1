"""May only those take a step of a task whose it is, or who run tasks?"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dispatch.actions.task_steps import TASK_STEPS, ask_for_task, take_task_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, NotAllowed, NotFound
from dispatch.domain.permissions import Role
from tests.factories import DESK, make_account, make_city, make_ticket


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


@pytest.fixture
def ticket(city, now):
    with transaction():
        return make_ticket(now).ticket


def crew_of(city, place, now):
    with transaction():
        return make_account(Role.CREW, now, name=f"c{place}", crew_id=city.crews[place].id)


def ask(ticket, now, actor=DESK, **args: object):
    with transaction():
        return ask_for_task(ticket, {"kind": "excavation"} | args, actor=actor, now=now)


def take(ticket, task, step, now, actor=DESK, **args: object):
    with transaction():
        return take_task_step(ticket, task.id, step, args, actor=actor, now=now)


def test_a_crew_asks_and_the_desk_says_whose_it_is(ticket, city, now):
    task = ask(ticket, now, crew_of(city, 0, now), note=" by the school ")
    assert (task.note, task.crew_id, task.opened_by) == ("by the school", None, "c0")
    take(ticket, task, "assign", now, crew_id=city.crews[1].id, team_id=city.west.id)
    assert (task.crew_id, task.team_id) == (city.crews[1].id, city.west.id)


def test_whoever_has_the_task_takes_its_steps_and_nobody_else(ticket, city, now):
    own, other = crew_of(city, 0, now), crew_of(city, 1, now)
    task = ask(ticket, now, crew_id=city.crews[0].id)
    for step in sorted(TASK_STEPS):
        with pytest.raises(NotAllowed):
            take(ticket, task, step, now, other, reason="so")
    for step in ("assign", "cancel"):
        with pytest.raises(NotAllowed):
            take(ticket, task, step, now, own, reason="so")
    take(ticket, task, "start", now, own)
    take(ticket, task, "finish", now, own, note="two metres deep")
    assert (task.state, task.note) == ("done", "two metres deep")


def test_a_named_person_has_the_task_too(ticket, now):
    with transaction():
        auditor = make_account(Role.AUDITOR, now)
    task = ask(ticket, now, user_id=auditor.user_id)
    take(ticket, task, "refuse", now, auditor, reason="on leave")
    assert (task.state, task.note) == ("refused", "on leave")
    take(ticket, task, "cancel", now, reason="not needed")
    assert task.state == "cancelled"


def test_a_manager_only_looks(ticket, now):
    with transaction():
        manager = make_account(Role.MANAGER, now)
    with pytest.raises(NotAllowed):
        ask(ticket, now, manager)


def test_a_crew_does_not_say_whose_a_task_is(ticket, city, now):
    with pytest.raises(NotAllowed):
        ask(ticket, now, crew_of(city, 0, now), crew_id=city.crews[0].id)


@pytest.mark.parametrize(
    ("args", "field"), [({"team_id": 99}, "team_id"), ({"user_id": 99}, "user_id")]
)
def test_an_owner_that_there_is_not_is_refused_by_name(ticket, now, args, field):
    task = ask(ticket, now)
    with pytest.raises(Invalid) as refused:
        take(ticket, task, "assign", now, **args)
    assert list(refused.value.fields) == [field]


def test_an_unknown_crew_step_or_task_is_not_found(ticket, now):
    task = ask(ticket, now)
    with pytest.raises(NotFound):
        take(ticket, task, "assign", now, crew_id=99)
    with pytest.raises(NotFound) as refused:
        take(ticket, task, "polish", now)
    assert refused.value.facts["steps"] == sorted(TASK_STEPS)
    with pytest.raises(NotFound):
        take(ticket, SimpleNamespace(id=99), "start", now)

"""Does everybody read the same of a ticket's tasks, and notes only who may?"""

from __future__ import annotations

import pytest

from dispatch.actions.tasks import NewTask, Owner, assign_task, cancel_task, open_task
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.queries.tasks import (
    task_for_change,
    task_rows,
    tasks_of,
    unsettled_counts,
    unsettled_tasks,
)
from tests.factories import DESK, make_city, make_ticket


@pytest.fixture
def ticket(session, now):
    with transaction():
        make_city(now)
        found = make_ticket(now).ticket
        first = open_task(found, NewTask("excavation", note="by the school"), actor=DESK, now=now)
        open_task(found, NewTask("reinstatement", waits_for=(first.id,)), actor=DESK, now=now)
        assign_task(found, first, Owner("Roads", 1, 2), actor=DESK, now=now)
    return found


def test_a_row_says_whose_and_how(ticket, now):
    first, second = task_rows(ticket, personal=True)
    assert (first["kind"], first["state"], str(first["department"])) == (
        "excavation", "open", "Roads",
    )  # fmt: skip
    assert (first["team"]["name"], first["crew"]["name"]) == ("West Team", "W2")
    assert (first["note"], first["ready_at"], first["person"]) == ("by the school", now, None)
    assert (second["state"], second["waits_for"], second["due_at"]) == (
        "waiting", [first["id"]], None,
    )  # fmt: skip
    assert (str(second["department"]), second["team"], second["crew"]) == (
        "Road maintenance", None, None,
    )  # fmt: skip


def test_notes_are_for_those_who_may_see_them(ticket):
    assert [each["note"] for each in task_rows(ticket, personal=False)] == [None, None]


def test_what_is_settled_is_not_counted(ticket, now):
    with transaction():
        cancel_task(ticket, tasks_of(ticket.id)[1], reason="paved already", actor=DESK, now=now)
    assert unsettled_counts([ticket.id, 99]) == {ticket.id: 1}
    assert [each.kind for each in unsettled_tasks(ticket.id)] == ["excavation"]


def test_a_task_of_another_ticket_is_not_found(ticket, now):
    with transaction():
        other = make_ticket(now).ticket
    with pytest.raises(NotFound):
        task_for_change(other, tasks_of(ticket.id)[0].id)

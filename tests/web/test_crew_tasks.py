"""Does a crew see the tasks of its ticket, and tick its own with one tap?"""

from __future__ import annotations

import pytest

from dispatch.actions.tasks import NewTask, Owner, assign_task, open_task
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.tickets import Task
from tests.factories import DESK, make_city, make_ticket


@pytest.fixture
def crew(app, clock, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        ticket = make_ticket(now).ticket
        own = open_task(ticket, NewTask("excavation"), actor=DESK, now=now)
        assign_task(ticket, own, Owner(crew_id=1), actor=DESK, now=now)
        open_task(ticket, NewTask("traffic_permit"), actor=DESK, now=now)
    return sign_in("crew", crew_id=1)


def tick(browser, app, step, task=1, key="a", **form: object):
    with app.app_context():
        version = db.session.get(Task, task).version
    return browser.post(
        f"/crew/W000001/tasks/{task}/{step}", data={"key": key, "version": version} | form
    )


def state(app, task=1):
    with app.app_context():
        return db.session.get(Task, task).state


def test_the_page_offers_the_steps_of_ones_own_task_only(crew):
    page = crew.get("/crew/W000001").text
    assert "Excavation" in page
    assert "Traffic police" in page
    assert page.count("/tasks/1/finish") == 1
    assert "/tasks/2/" not in page


def test_a_tap_is_one_step_and_a_second_one_is_the_same(crew, app):
    first = tick(crew, app, "start")
    assert (first.status_code, state(app)) == (303, "in_progress")
    tick(crew, app, "finish", key="b")
    assert state(app) == "done"
    assert "The task is done." in crew.get("/crew/W000001").text


def test_it_is_given_back_with_a_reason(crew, app):
    tick(crew, app, "refuse")
    assert state(app) == "open"
    assert "Give a reason" in crew.get("/crew/W000001").text
    tick(crew, app, "refuse", key="b", reason="no digger")
    assert state(app) == "refused"


def test_what_is_not_ones_own_stays(crew, app):
    tick(crew, app, "finish", task=2)
    assert state(app, 2) == "open"


@pytest.mark.parametrize("step", ["assign", "cancel", "polish"])
def test_there_is_no_other_step(crew, app, step):
    assert tick(crew, app, step).status_code == 404

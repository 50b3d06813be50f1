"""Are the templates of tasks read as they were written, and faults named by field?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.domain.task_state import TaskKind
from dispatch.domain.task_templates import SUGGESTED_TASKS, TaskRule, TaskTemplates
from dispatch.queries.policies import policy_in_force
from dispatch.web.policy_form import form_of, policy_from

DIG = TaskRule("Roads", None, "mains", before_crew=True)
OTHER = TaskTemplates(SUGGESTED_TASKS.kinds | {TaskKind.EXCAVATION: DIG}, SUGGESTED_TASKS.steps)


@pytest.mark.parametrize("tasks", [DEFAULT_POLICY.tasks, SUGGESTED_TASKS, OTHER])
def test_the_form_is_read_as_it_was_written(tasks):
    policy = replace(DEFAULT_POLICY, tasks=tasks)
    assert policy_from(form_of(policy)) == policy


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("tasks.kinds.excavation.allowed", "soon"),
        ("tasks.kinds.excavation.skill", "magic"),
        ("tasks.kinds.excavation.department", "x" * 81),
        ("tasks.steps.burst.excavation", "first"),
        ("tasks.steps.burst.excavation", "12"),
    ],
)
def test_a_fault_is_named_by_its_field(field, typed):
    with pytest.raises(Invalid) as refused:
        policy_from(form_of(DEFAULT_POLICY) | {field: typed})
    assert list(refused.value.fields) == [field]


def test_an_administrator_sees_and_changes_the_templates(app, clock, sign_in):
    browser = sign_in("administrator")
    page = browser.get("/admin/policy/edit").text
    assert 'name="tasks.steps.burst.valve_closing"' in page
    suggested = browser.get("/admin/policy/edit?suggested").text
    field = 'name="tasks.steps.burst.excavation" value="'
    assert (f'{field}"' in page, f'{field}2"' in suggested) == (True, True)
    with app.app_context():
        found = policy_in_force()
    given = form_of(found.policy) | {
        "tasks.steps.burst.valve_closing": "1",
        "tasks.kinds.valve_closing.department": "North valves",
        "version": str(found.version),
        "reason": "valves first",
    }
    assert browser.post("/admin/policy/edit", data=given).status_code == 302
    shown = browser.get("/admin/policy").text
    assert "North valves" in shown
    assert "Burst main, step 1" in shown
    with app.app_context():
        assert policy_in_force().policy.tasks.of_category("burst")[0].rule.department

"""How are the templates of tasks written in a form that a person can read and change?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dispatch.domain.categories import CATEGORIES, SKILL_NAMES, SKILLS
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.task_state import BESIDE_REPAIRS, DEPARTMENT_NAMES, TASK_NAMES, TaskKind
from dispatch.domain.ticket_kinds import KIND_NAMES, PROCEDURES
from dispatch.refusals import worded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dispatch.domain.task_templates import TaskTemplates

YES = "1"


def task_form_of(
    templates: TaskTemplates, budget_text: Callable[[dict[str, Any] | None], str]
) -> dict[str, str]:
    """Return the text of every field about tasks, named as in the stored policy."""
    form: dict[str, str] = {}
    for kind in TaskKind:
        rule, path = templates.rule_of(kind), f"tasks.kinds.{kind}"
        form |= {
            f"{path}.department": rule.department,
            f"{path}.allowed": budget_text(rule.allowed.as_json() if rule.allowed else None),
            f"{path}.skill": rule.skill or "",
            f"{path}.before_crew": YES if rule.before_crew else "",
        }
    for category in CATEGORIES:
        steps = templates.steps.get(category.key, {})
        for kind in BESIDE_REPAIRS:
            form[f"tasks.steps.{category.key}.{kind}"] = str(steps.get(kind, ""))
    return form


def tasks_from(
    form: Mapping[str, str],
    read_budget: Callable[[Mapping[str, str], str, dict[str, Sentence]], dict[str, Any] | None],
    faults: dict[str, Sentence],
) -> dict[str, Any]:
    """Read the fields as the JSON that the templates are made of; faults are named by field."""
    kinds: dict[str, Any] = {}
    for kind in TaskKind:
        path = f"tasks.kinds.{kind}"
        skill = form.get(f"{path}.skill", "")
        if skill and skill not in SKILLS:
            faults[f"{path}.skill"] = say("Choose a skill from the list.")
        kinds[str(kind)] = {
            "department": form.get(f"{path}.department", "").strip(),
            "allowed": read_budget(form, f"{path}.allowed", faults),
            "skill": skill or None,
            "before_crew": form.get(f"{path}.before_crew") == YES,
        }
    steps: dict[str, dict[str, Any]] = {}
    for category in CATEGORIES:
        for kind in BESIDE_REPAIRS:
            typed = form.get(f"tasks.steps.{category.key}.{kind}", "").strip()
            if typed:
                is_whole = re.fullmatch(r"\d{1,3}", typed, re.ASCII)
                step = int(typed) if is_whole else typed
                steps.setdefault(category.key, {})[str(kind)] = step
    return {"kinds": kinds, "steps": steps}


def task_heads() -> dict[str, list[tuple[str, Any]]]:
    """Return the names of kinds, departments, categories and skills, by key."""
    return {
        "task_kinds": [(str(kind), worded(name)) for kind, name in TASK_NAMES.items()],
        "beside_repairs": [(str(kind), worded(TASK_NAMES[kind])) for kind in BESIDE_REPAIRS],
        "procedures": [
            (worded(KIND_NAMES[kind]), [str(step) for step in steps])
            for kind, steps in PROCEDURES.items()
        ],
        "departments": [(str(kind), worded(name)) for kind, name in DEPARTMENT_NAMES.items()],
        "task_categories": [(rule.key, worded(rule.name)) for rule in CATEGORIES],
        "task_skills": [(key, worded(name)) for key, name in SKILL_NAMES.items()],
    }

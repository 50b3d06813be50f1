"""What is promised, what was promised before, and how is it changed?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.administration import store_policy
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.task_templates import SUGGESTED_TASKS
from dispatch.domain.visit_state import HOLD_NAMES
from dispatch.queries.administration import policy_history, policy_version
from dispatch.queries.policies import policy_in_force
from dispatch.refusals import STATUS, worded
from dispatch.web.policy_form import (
    PROMISES,
    WEEKDAYS,
    budget_sentence,
    form_of,
    level_heads,
    policy_from,
)
from dispatch.web.task_form import task_heads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused
    from dispatch.queries.policies import PolicyInForce

blueprint = Blueprint("admin_policy", __name__)


@blueprint.get("/admin/policy")
@requires(Permission.ADMINISTER)
def in_force() -> str:
    """Show the promises in force and the versions before them."""
    return _readable(policy_in_force())


@blueprint.get("/admin/policy/<int:version>")
@requires(Permission.ADMINISTER)
def older(version: int) -> str:
    """Show one version of the promises."""
    return _readable(policy_version(version))


@blueprint.get("/admin/policy/edit")
@requires(Permission.ADMINISTER)
def edit() -> str:
    """Show the promises in force as a form, with the suggested tasks where they are asked for."""
    found = policy_in_force()
    policy = found.policy
    if "suggested" in request.args:
        policy = replace(policy, tasks=SUGGESTED_TASKS)
    return _form(form_of(policy), found.version)


@blueprint.post("/admin/policy/edit")
@requires(Permission.ADMINISTER)
def store() -> Response:
    """Put a new version in force; what was typed comes back when it is refused."""
    typed = {name: request.form.get(name, "") for name in form_of(policy_in_force().policy)}
    reason = request.form.get("reason", "")
    seen = request.form.get("version", 0, type=int)
    try:
        policy = policy_from(typed)
        with transaction():
            row = store_policy(
                policy, reason, actor=current_actor(), now=current_time(), seen_version=seen
            )
            version = row.version
    except (Invalid, Stale) as refusal:
        answer = make_response(_form(typed, seen, reason=reason, refusal=refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    flash(worded(say("Version %(n)s of the promises is in force.", n=version)), "success")
    return redirect(url_for("admin_policy.in_force"))


def _readable(found: PolicyInForce) -> str:
    form = form_of(found.policy)
    history = policy_history()
    weekdays = [worded(WEEKDAYS[day - 1]) for day in sorted(found.policy.calendar.weekdays)]
    return render_template(
        "admin_policy.html",
        found=found,
        form=form,
        weekdays=weekdays,
        history=history,
        is_newest=not history or found.version == history[0].version,
        budget=lambda name: worded(budget_sentence(form[name])),
        **_heads(),
    )


def _form(
    form: Mapping[str, str], version: int, *, reason: str = "", refusal: Refused | None = None
) -> str:
    fields = refusal.fields if refusal else {}
    return render_template(
        "admin_policy_edit.html",
        form=form,
        version=version,
        reason=reason,
        problem=worded(refusal.sentence) if refusal else None,
        errors={name: worded(fault) for name, fault in fields.items()},
        **_heads(),
    )


def _heads() -> dict[str, object]:
    return {
        "levels": [(level, worded(name)) for level, name in level_heads()],
        "promises": [(key, worded(name)) for key, name in PROMISES.items()],
        "holds": [(f"holds.{key}", worded(name)) for key, name in HOLD_NAMES.items()],
        **task_heads(),
    }

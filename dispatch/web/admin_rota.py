"""Who is on duty when, and by which ladder are they told?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.rota import add_entry, import_rota, remove_entry, set_ladder
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.rota import DUTY_NAMES, MOST_STEPS, DutyRole, LadderRule, weekdays_text
from dispatch.domain.rota_rows import ROTA_COLUMNS, read_entry, read_rota_rows
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import clock_time
from dispatch.queries.administration import settings_version, team_choices
from dispatch.queries.rota import ladder, named_duties, people_for_rota, rota_rows
from dispatch.refusals import STATUS, worded
from dispatch.schemas.alerts import LadderStepShape
from dispatch.schemas.fields import filled, loaded, refusal_of
from dispatch.web.language import local_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from dispatch.domain.sentences import Sentence

blueprint = Blueprint("admin_rota", __name__)

HERE = "/admin/rota"
STEP_FIELDS = ("percent", "duty", "pass_on_minutes")
SPARE_STEPS = 1


@blueprint.get(HERE)
@requires(Permission.ADMINISTER)
def page() -> str:
    """Show the rota with who is on duty now, and the ladder."""
    return _page()


@blueprint.post(HERE)
@requires(Permission.ADMINISTER)
def add() -> Response:
    """Write one more entry."""
    typed = filled(request.form, ROTA_COLUMNS)
    try:
        draft, faults = read_entry(typed)
        if draft is None:
            raise refusal_of(faults)
        with transaction():
            add_entry(draft, **_by())
    except (Invalid, Stale) as refusal:
        return _refused(refusal, typed=typed)
    return _saved()


@blueprint.post(f"{HERE}/<int:entry_id>/remove")
@requires(Permission.ADMINISTER)
def remove(entry_id: int) -> Response:
    """Take one entry out."""
    try:
        with transaction():
            remove_entry(entry_id, **_by())
    except Stale as refusal:
        return _refused(refusal)
    return _saved()


@blueprint.post(f"{HERE}/file")
@requires(Permission.IMPORT)
def take_file() -> Response:
    """Put the entries of a file in the place of the whole rota, or refuse them all."""
    sent = request.files.get("file")
    name = (sent.filename if sent else "") or "rota.csv"
    try:
        lines = sent.stream if sent else iter(())
        drafts = read_rota_rows(lines, name)
        with transaction():
            import_rota(drafts, name, **_by())
    except (Invalid, Stale) as refusal:
        return _refused(refusal)
    return _saved()


@blueprint.post("/admin/ladder")
@requires(Permission.ADMINISTER)
def write_ladder() -> Response:
    """Put the typed steps in the place of the whole ladder."""
    typed = [_typed_step(number) for number in range(MOST_STEPS + SPARE_STEPS)]
    typed = [step for step in typed if step.get("percent")]
    try:
        rules, faults = _rules(typed)
        if faults:
            raise refusal_of(faults)
        with transaction():
            set_ladder(rules, **_by())
    except (Invalid, Stale) as refusal:
        return _refused(refusal, steps=typed)
    return _saved()


def _typed_step(number: int) -> dict[str, str]:
    names = {f"steps.{number}.{name}": name for name in STEP_FIELDS}
    return {names[path]: text for path, text in filled(request.form, names).items()}


def _rules(typed: list[dict[str, str]]) -> tuple[list[LadderRule], dict[str, Sentence]]:
    rules: list[LadderRule] = []
    faults: dict[str, Sentence] = {}
    for number, step in enumerate(typed):
        try:
            found = loaded(LadderStepShape, dict(step))
        except Invalid as refusal:
            faults |= {f"steps.{number}.{name}": each for name, each in refusal.fields.items()}
            continue
        fraction = found["percent"] / 100
        rules.append(LadderRule(fraction, DutyRole(found["duty"]), found["pass_on_minutes"]))
    return rules, faults


def _by() -> dict[str, Any]:
    """Return who changes what they saw, and when."""
    seen = request.form.get("version", type=int)
    return {"actor": current_actor(), "now": current_time(), "seen_version": seen}


def _saved() -> Response:
    flash(worded(say("Saved.")), "success")
    return redirect(url_for("admin_rota.page"), 303)


def _refused(
    refusal: Invalid | Stale,
    *,
    typed: Mapping[str, str] | None = None,
    steps: list[dict[str, str]] | None = None,
) -> Response:
    answer = make_response(_page(refusal, typed=typed, steps=steps))
    answer.status_code = STATUS[type(refusal)][0]
    return answer


def _page(
    refusal: Invalid | Stale | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    steps: list[dict[str, str]] | None = None,
) -> str:
    shown = _steps() if steps is None else steps
    named = named_duties()
    return render_template(
        "admin_rota.html",
        rows=rota_rows(current_time()),
        versions={name: settings_version(name) for name in ("rota", "ladder")},
        duties=[(str(each), worded(name)) for each, name in DUTY_NAMES.items()],
        duty_names=DUTY_NAMES,
        unnamed=[
            worded(DUTY_NAMES[each]) for each in DutyRole if each not in {*named, DutyRole.CREW}
        ],
        people=[("", ""), *((each[0], f"{each[1]} ({each[0]})") for each in people_for_rota())],
        teams=[
            ("", worded(say("the whole utility"))),
            *((name, local_name(name, chinese)) for _row_id, name, chinese in team_choices()),
        ],
        steps=[*shown, *({} for _ in range(SPARE_STEPS))],
        typed=typed or {},
        clock_time=clock_time,
        weekdays_text=weekdays_text,
        problem=worded(refusal.sentence) if refusal else None,
        faults=_file_faults(refusal),
        errors={name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
    )


def _steps() -> list[dict[str, str]]:
    return [
        {
            "percent": str(round(step.fraction * 100)),
            "duty": str(step.duty),
            "pass_on_minutes": str(step.pass_on_minutes or ""),
        }
        for step in ladder()
    ]


def _file_faults(refusal: Invalid | Stale | None) -> list[dict[str, Any]]:
    """Return the line, field and reason of each fault of a file."""
    places: Any = refusal.facts.get("refused", []) if refusal else []
    reasons = refusal.fields.values() if refusal else ()
    return [
        {**place, "reason": worded(reason)} for place, reason in zip(places, reasons, strict=False)
    ]

"""How does a manager ask “what if”, follow the rehearsal, and compare what came of it?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.rehearsals import (
    ask_for_rehearsal,
    cancel_rehearsal,
    delete_rehearsal,
    keep_rehearsal,
    may_change,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.drawn_map import drawn
from dispatch.domain.errors import Invalid
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Permission
from dispatch.domain.rehearsal_wish import (
    MOST_TICKETS,
    PLANNER_NAMES,
    STAFFING_NAMES,
    Wish,
    check_count,
)
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.strict_json import clock_time
from dispatch.queries.figures import chinese_names
from dispatch.queries.rehearsals import (
    ahead_of,
    count_for,
    crew_count,
    csv_of_result,
    grid_names,
    grid_shapes,
    rehearsal_for,
    rehearsals_for,
    team_most_late,
    team_names,
)
from dispatch.queries.street_history import street_shares
from dispatch.refusals import STATUS, worded
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.rehearsals import FROSTS, DaysQuery, RehearsalForm
from dispatch.web import circle_words
from dispatch.web import rehearsal_words as words
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.language import local_name
from dispatch.web.rehearsal_form import ideas, texts_of, typed_by_default, wish_of

if TYPE_CHECKING:
    from datetime import date

    from werkzeug.wrappers import Response as AnyResponse

    from dispatch.domain.errors import Refused
    from dispatch.models.rehearsals import Rehearsal
    from dispatch.queries.rehearsals import Count

blueprint = Blueprint("rehearsals", __name__)

HERE = "/circle/rehearsals"
LIFE = "life"
UNCHANGED = "unchanged"
_DAY = timedelta(days=1)
_FIELDS = tuple(RehearsalForm().fields)


@blueprint.get(HERE)
@requires(Permission.SEE_FIGURES)
def page() -> str:
    """Show what was rehearsed, and the form that asks for more."""
    return _page(_typed())


@blueprint.post(HERE)
@requires(Permission.REHEARSE)
def ask() -> AnyResponse:
    """Put a rehearsal in the queue, or show the form again with what is wrong."""
    try:
        given = loaded(RehearsalForm, filled(request.form, _FIELDS))
        name = given.pop("name")
        wish = wish_of(given)
        wish.check()
        zone = current_app.config["SETTINGS"].zone
        check_count(count_for(current_scope(), wish.period(zone)).located)
        with transaction():
            row = ask_for_rehearsal(wish, actor=current_actor(), now=current_time(), name=name)
            key = row.key
    except Invalid as refusal:
        answer = make_response(_page(request.form.to_dict(), refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    return redirect(url_for(".one", key=key))


@blueprint.get(f"{HERE}/count")
@requires(Permission.SEE_FIGURES)
def count() -> Response:
    """Say how many tickets some days hold."""
    days = loaded(DaysQuery, filled(request.args, ("first", "last")))
    zone = current_app.config["SETTINGS"].zone
    period = Period(days["first"], days["last"] + _DAY, zone)
    return jsonify(located=count_for(current_scope(), period).located, most=MOST_TICKETS)


@blueprint.get(f"{HERE}/<key>")
@requires(Permission.SEE_FIGURES)
def one(key: str) -> str:
    """Show one rehearsal: how far it is, or what came of it beside life or another one."""
    row = rehearsal_for(key, current_scope())
    others = [
        each for each in rehearsals_for(current_scope()) if each.state == "done" and each.key != key
    ]
    usual = UNCHANGED if (row.result or {}).get("unchanged") else LIFE
    beside = request.args.get("with", usual)
    other = None if beside in {LIFE, UNCHANGED} else rehearsal_for(beside, current_scope())
    wish = Wish.from_json(row.options)
    return render_template(
        "rehearsal.html",
        row=row,
        others=others,
        beside=beside,
        other=other,
        there=other.result if other else (row.result or {}).get(beside),
        unchanged=wish.unchanged(),
        ahead=ahead_of(row) if row.state == "queued" else 0,
        sheet=drawn(_polygons(row)) if row.result else None,
        wish=wish,
        **_shared(row),
    )


def _polygons(row: Rehearsal) -> dict[str, Any]:
    wanted = {each["key"] for each in (row.result or {})["by_grid"]}
    return {name: shape for name, shape in grid_shapes().items() if name in wanted}


def _shared(row: Rehearsal | None = None) -> dict[str, Any]:
    return {
        "catalogue": browser_catalogue(),
        "chinese": chinese_names(),
        "words": words,
        "figures": circle_words,
        "minimum": MINIMUM_SAMPLE,
        "may_change": row is not None and may_change(row, current_actor()),
        "may_rehearse": current_actor().can(Permission.REHEARSE),
        "may_export": current_actor().can(Permission.EXPORT),
        "time_of_day": clock_time,
    }


@blueprint.get(f"{HERE}/<key>/progress")
@requires(Permission.SEE_FIGURES)
def progress(key: str) -> Response:
    """Say how far a rehearsal is."""
    row = rehearsal_for(key, current_scope())
    return jsonify(
        state=row.state,
        state_name=words.state_name(row.state),
        progress=row.progress,
        ahead=ahead_of(row) if row.state == "queued" else 0,
    )


@blueprint.get(f"{HERE}/<key>/figures.csv")
@requires(Permission.EXPORT)
def figures(key: str) -> Response:
    """Send the tables of a result, with those of life beside them."""
    row = rehearsal_for(key, current_scope())
    answer = Response(csv_of_result(row), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="rehearsal_{row.id}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post(f"{HERE}/<key>/cancel")
@requires(Permission.REHEARSE)
def cancel(key: str) -> AnyResponse:
    """Stop a rehearsal that waits or runs."""
    with transaction():
        row = rehearsal_for(key, current_scope())
        cancel_rehearsal(row, actor=current_actor(), now=current_time())
    return redirect(url_for(".one", key=key))


@blueprint.post(f"{HERE}/<key>/keep")
@requires(Permission.REHEARSE)
def keep(key: str) -> AnyResponse:
    """Keep a rehearsal under a name, or let it be forgotten."""
    kept = request.form.get("kept") == "1"
    with transaction():
        row = rehearsal_for(key, current_scope())
        name = request.form.get("name", row.name or "").replace("\x00", "")
        keep_rehearsal(row, name, kept=kept, actor=current_actor())
    flash(
        gettext("Kept. Its address can be shared with everybody who may see these figures.")
        if kept
        else gettext("Not kept any more: it is forgotten a week after it was done."),
        "success",
    )
    return redirect(url_for(".one", key=key))


@blueprint.post(f"{HERE}/<key>/delete")
@requires(Permission.REHEARSE)
def delete(key: str) -> AnyResponse:
    """Delete a rehearsal."""
    with transaction():
        delete_rehearsal(rehearsal_for(key, current_scope()), actor=current_actor())
    flash(gettext("Deleted."), "success")
    return redirect(url_for(".page"))


def _page(typed: dict[str, str], refusal: Refused | None = None) -> str:
    scope, zone = current_scope(), current_app.config["SETTINGS"].zone
    there_are = count_for(scope)
    first, last = _usual_days(there_are)
    teams = team_names(scope)
    late = team_most_late(scope, Period(first, last + _DAY, zone))
    streets = street_shares(scope, current_time())
    typed = typed_by_default(first, last, late, streets) | typed
    return render_template(
        "rehearsals.html",
        rows=rehearsals_for(scope),
        typed=typed,
        errors={name: worded(fault) for name, fault in (refusal.fields if refusal else {}).items()},
        problem=worded(refusal.sentence) if refusal else None,
        there_are=there_are,
        span=[at.astimezone(zone).date() for at in (there_are.first, there_are.last) if at],
        chosen=_chosen(typed),
        crews=crew_count(scope),
        most=MOST_TICKETS,
        teams=[(name, local_name(name, chinese)) for name, chinese in teams],
        planners=[(str(key), worded(name)) for key, name in PLANNER_NAMES.items()],
        staffings=[(str(key), worded(name)) for key, name in STAFFING_NAMES.items()],
        frosts=_frosts(),
        ideas=ideas(HERE, first, last, late, _shown(late, teams)),
        grids=[("", "–"), *((name, local_name(name, zh)) for name, zh in grid_names(scope))],
        streets=streets,
        **_shared(),
    )


def _shown(late: tuple[str, int] | None, teams: list[tuple[str, str | None]]) -> str:
    name = late[0] if late else ""
    return local_name(name, dict(teams).get(name))


def _typed() -> dict[str, str]:
    """Return what the address fills in: another rehearsal's options, then single fields."""
    again = request.args.get("again")
    found = {}
    if again:
        wish = Wish.from_json(rehearsal_for(again, current_scope()).options)
        found = texts_of(wish)
    return found | {name: request.args[name] for name in _FIELDS if name in request.args}


def _usual_days(there_are: Count) -> tuple[date, date]:
    """Return the seven days up to the newest call, yesterday at the latest."""
    zone = current_app.config["SETTINGS"].zone
    last = current_time().astimezone(zone).date() - _DAY
    if there_are.last is not None:
        last = min(last, there_are.last.astimezone(zone).date())
    return last - 6 * _DAY, last


def _chosen(typed: dict[str, str]) -> int | None:
    zone = current_app.config["SETTINGS"].zone
    try:
        days = loaded(DaysQuery, {name: typed[name] for name in ("first", "last")})
    except Invalid:
        return None
    period = Period(days["first"], days["last"] + _DAY, zone)
    return count_for(current_scope(), period).located


def _frosts() -> list[tuple[str, str]]:
    named = [(each, gettext("tickets × %(factor)s", factor=each)) for each in FROSTS[1:]]
    return [("1", gettext("none")), *named]

"""Which visits, photos and corrections is a leader asked to look at, and what came of it?"""

from __future__ import annotations

import math
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.findings import mark_finding, undo_mark
from dispatch.actions.idempotency import once
from dispatch.actions.unit_of_work import transaction
from dispatch.circle.asked import DEFAULT_DAYS
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Refused, Reused
from dispatch.domain.findings import KIND_NAMES, LONGEST_NOTE, MARK_NAMES, limits_of
from dispatch.domain.periods import last_days
from dispatch.domain.permissions import Permission, Scope
from dispatch.domain.sentences import say
from dispatch.queries.findings import crews_asked_about, finding_row, findings_for
from dispatch.queries.rectification import team_choices
from dispatch.refusals import STATUS, worded
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.findings import MarkShape
from dispatch.web.circle import PRESETS
from dispatch.web.filtered_lists import chosen_of, named, options_of, spreadsheet, team_options
from dispatch.web.form_keys import form_key
from dispatch.web.language import local_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from werkzeug.wrappers import Response

    from dispatch.domain.findings import Limits
    from dispatch.domain.periods import Period
    from dispatch.queries.findings import FindingRow

blueprint = Blueprint("finding_pages", __name__, url_prefix="/circle/findings")

ROWS_A_PAGE = 100
CSV_COLUMNS = (
    "key", "kind", "kind_name", "at", "ticket", "crew", "person", "evidence", "mark", "mark_name",
    "note", "marked_at", "marked_by",
)  # fmt: skip
REFUSALS = (Invalid, Forbidden, NotAllowed, NotFound, Reused)


@blueprint.get("")
@requires(Permission.REVIEW)
def page() -> Response:
    """Show what the asker's crews and people are asked about, what nobody has looked at first."""
    return _list()


def _list(refusal: Refused | None = None, key: str = "") -> Response:
    period, chosen = _period(), _chosen()
    rows = _rows(period, chosen)
    pages = max(1, math.ceil(len(rows) / ROWS_A_PAGE))
    shown = min(max(request.args.get("page", 1, type=int), 1), pages)
    asked = _days(period.first, period.last) | chosen
    answer = make_response(
        render_template(
            "findings.html",
            rows=rows[(shown - 1) * ROWS_A_PAGE : shown * ROWS_A_PAGE],
            total=len(rows),
            unmarked=sum(row.mark is None for row in rows),
            page=shown,
            pages=pages,
            period=period,
            chosen=chosen,
            presets=_presets(chosen, period),
            url_of=lambda number: _address("page", asked | {"page": number}),
            query=asked | {"page": shown},
            csv_url=_address("table", asked),
            problem=worded(refusal.sentence) if refusal else None,
            at_fault=key,
            typed=request.form if refusal else {},
            **_choices(),
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


def _choices() -> dict[str, Any]:
    return {
        "kinds": options_of(KIND_NAMES),
        "kind_names": KIND_NAMES,
        "marks": options_of(MARK_NAMES),
        "teams": _teams(),
        "crews": _crews(),
        "longest": LONGEST_NOTE,
        "new_key": lambda: str(uuid.uuid4()),
        "limits": _limits(),
    }


def _address(view: str, asked: dict[str, Any]) -> str:
    return url_for(f"finding_pages.{view}", **asked)


def _days(first: date, last: date) -> dict[str, Any]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def _rows(period: Period, chosen: dict[str, str]) -> list[FindingRow]:
    scope = current_scope()
    if scope.everything and "team" in chosen:
        scope = Scope(team_id=int(chosen["team"]))
    return findings_for(period, scope, _limits(), chosen.get("kind"), crew=chosen.get("crew"))


def _limits() -> Limits:
    return limits_of(current_app.config["SETTINGS"])


def _period() -> Period:
    zone = current_app.config["SETTINGS"].zone
    first, last = (request.args.get(name, "") for name in ("from", "to"))
    today = current_time().astimezone(zone).date()
    return last_days(first, last, today=today, days=DEFAULT_DAYS, zone=zone)


def _chosen() -> dict[str, str]:
    """Read the filters; what cannot be meant lets everything through."""
    teams, crews = ([key for key, _name in each] for each in (_teams(), _crews()))
    return named(chosen_of({"kind": KIND_NAMES, "team": teams, "crew": crews}))


def _teams() -> list[tuple[str, str]]:
    """Return the teams to choose from; who sees one team only has no choice."""
    if not current_scope().everything:
        return []
    return team_options(team_choices(current_scope()))


def _crews() -> list[tuple[str, str]]:
    return [(row.name, local_name(*row)) for row in crews_asked_about(current_scope())]


def _presets(chosen: dict[str, str], period: Period) -> list[dict[str, Any]]:
    today = current_time().astimezone(period.zone).date()
    found = []
    for days, name in PRESETS:
        ends = (today - timedelta(days=days - 1), today)
        found.append(
            {
                "url": _address("page", _days(*ends) | chosen),
                "name": name,
                "current": (period.first, period.last) == ends,
            }
        )
    return found


@blueprint.get("/table.csv")
@requires(Permission.REVIEW)
def table() -> Response:
    """Return the findings that are filtered for a spreadsheet: UTF-8 with a mark, no formulas."""
    period = _period()
    rows = [row.as_json() for row in _rows(period, _chosen())]
    for cells in rows:
        for name in ("kind_name", "evidence", "mark_name"):
            cells[name] = worded(cells[name]) if cells[name] else None
    name = f"findings_{period.first.isoformat()}_{period.last.isoformat()}.csv"
    return spreadsheet(CSV_COLUMNS, rows, name)


@blueprint.post("/<key>/mark")
@requires(Permission.REVIEW)
def mark(key: str) -> Response:
    """Write down what a leader found; the same tap sent twice is one mark."""

    def act(row: FindingRow) -> None:
        said = loaded(MarkShape, filled(request.form, ("mark", "note")))
        mark_finding(row, said["mark"], said["note"], actor=current_actor(), now=current_time())

    return _act(key, "mark", act)


@blueprint.post("/<key>/undo")
@requires(Permission.REVIEW)
def undo(key: str) -> Response:
    """Take back what was said about a finding."""

    def act(row: FindingRow) -> None:
        undo_mark(row, actor=current_actor(), now=current_time())

    return _act(key, "undo", act)


def _act(key: str, step: str, act: Callable[[FindingRow], None]) -> Response:
    zone = current_app.config["SETTINGS"].zone

    def do() -> tuple[int, dict[str, Any]]:
        act(finding_row(key, current_scope(), _limits(), zone))
        return 303, {}

    body = {"key": key, "step": step, **filled(request.form, ("mark", "note"))}
    try:
        with transaction():
            once(f"findings/{current_actor().user_id}", form_key(), body, now=current_time(), do=do)
    except REFUSALS as refusal:
        return _list(refusal, key)
    said = say("Noted. It stands below now.") if step == "mark" else say("Taken back.")
    flash(worded(said), "success")
    period = _period()
    shown = {"page": request.args.get("page", 1, type=int)}
    return redirect(_address("page", _days(period.first, period.last) | _chosen() | shown), 303)

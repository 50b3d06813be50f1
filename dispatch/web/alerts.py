"""What waits for me, who took note of what, and is anybody watching?"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.taking_note import acknowledge
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Permission
from dispatch.domain.rota import DUTY_NAMES
from dispatch.domain.service_policy import CLOCK_NAMES
from dispatch.domain.strict_json import read_date
from dispatch.freshness import unless_known
from dispatch.queries.alerts import (
    STATES,
    AlertFilters,
    alerts_tag,
    all_alerts,
    clock_page,
    my_alerts,
)
from dispatch.queries.policies import policy_in_force
from dispatch.queries.storms import storms_on
from dispatch.queries.timers import clockwork
from dispatch.refusals import worded
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.filtered_lists import named, options_of, spreadsheet
from dispatch.web.language import current_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as AnyResponse

    from dispatch.domain.sentences import Sentence

blueprint = Blueprint("alert_pages", __name__)

BELL_HEADER = "X-OneVisit-Bell"
CHOICES: dict[str, Mapping[Any, Sentence]] = {
    "state": STATES,
    "duty": DUTY_NAMES,
    "clock": CLOCK_NAMES,
}
CSV_COLUMNS = (
    "id", "ticket", "team", "category", "level", "clock", "percent", "due_at", "target_at",
    "raised_at", "late_ms", "duty", "people", "everybody", "rule", "state", "pass_on_at",
    "acknowledged_by", "acknowledged_at", "ended_at",
)  # fmt: skip


@blueprint.get("/alerts")
@requires(Permission.SEE_TICKETS)
def history() -> str:
    """Show every alert of the tickets that the asker sees, the newest first."""
    chosen, faults = _asked()
    page = clock_page(current_scope(), _filters(chosen), request.args.get("page", 1, type=int))

    def url_of(number: int) -> str:
        return url_for("alert_pages.history", page=number, **named(chosen))

    return render_template(
        "alerts.html",
        page=page,
        catalogue=browser_catalogue(),
        chosen=chosen,
        faults={name: worded(each) for name, each in faults.items()},
        choices={name: options_of(names) for name, names in CHOICES.items()},
        url_of=url_of,
        csv_url=url_for("alert_pages.table", **named(chosen)),
    )


@blueprint.get("/alerts/ticket/<number>")
@requires(Permission.SIGNED_IN)
def ticket(number: str) -> AnyResponse:
    """Lead from a push to the ticket, on the page that the asker works on."""
    return redirect(f"{_ticket_page()}{quote(number, safe='')}")


def _ticket_page() -> str:
    return "/desk?ticket=" if current_actor().can(Permission.SEE_DESK) else "/crew/"


@blueprint.get("/alerts.csv")
@requires(Permission.EXPORT)
def table() -> AnyResponse:
    """Return the alerts that are filtered for a spreadsheet: UTF-8 with a mark, no formulas."""
    chosen, _faults = _asked()
    rows = all_alerts(current_scope(), _filters(chosen))
    cells = (row | {"rule": worded(row["rule"])} for row in rows)
    return spreadsheet(CSV_COLUMNS, cells, "alerts.csv")


def _asked() -> tuple[dict[str, str], dict[str, Sentence]]:
    """Read the filters; what cannot be meant lets everything through and is named."""
    chosen = {name: request.args.get(name, "").strip() for name in (*CHOICES, "from", "to")}
    faults: dict[str, Sentence] = {}
    for name, names in CHOICES.items():
        if chosen[name] not in {str(key) for key in names}:
            chosen[name] = ""
    for name in ("from", "to"):
        try:
            read_date(chosen[name], name) if chosen[name] else None
        except Invalid as refusal:
            faults[name] = refusal.fields[name]
            chosen[name] = ""
    return chosen, faults


def _filters(chosen: dict[str, str]) -> AlertFilters:
    return AlertFilters(
        state=chosen["state"] or None,
        duty=chosen["duty"] or None,
        clock=chosen["clock"] or None,
        from_at=_midnight(chosen["from"], 0),
        to_at=_midnight(chosen["to"], 1),
    )


def _midnight(day: str, later: int) -> datetime | None:
    """Return the beginning of a local day, or of the next one: the last day is asked for whole."""
    if not day:
        return None
    zone = policy_in_force().policy.calendar.zone
    begun = datetime.fromisoformat(day).replace(tzinfo=zone)
    return begun + timedelta(days=later)


@blueprint.get("/alerts/centre")
@requires(Permission.SIGNED_IN)
def centre() -> Response:
    """Return the bell with its panel and the banner of the clockwork; 304 while both hold."""
    tag, shown = _centre()

    def draw() -> str:
        can = current_actor().can
        return render_template(
            "alert_centre.html",
            **shown,
            sees_desk=can(Permission.SEE_DESK),
            may_start=can(Permission.ADMINISTER),
            ticket_page=_ticket_page(),
        )

    return unless_known(tag, draw)


def _centre() -> tuple[str, dict[str, Any]]:
    """Return what the bell shows, and the tag that it has while nothing of it changes."""
    watch = clockwork(current_time())
    count, alerts = my_alerts(current_actor())
    storms = storms_on(current_time())
    watched = f"{watch['level']} {[(each['id'], each['version']) for each in storms]}"
    tag = alerts_tag(count, alerts, watched, current_language())
    return tag, {"count": count, "alerts": alerts, "watch": watch, "storms": storms}


@blueprint.after_app_request
def _tell_tag(answer: Response) -> Response:
    """Name the tag of the bell to a page that asks with its own news, so that it asks once."""
    is_shown = answer.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
    if BELL_HEADER in request.headers and is_shown and current_actor().is_signed_in:
        answer.headers[BELL_HEADER], _shown = _centre()
    return answer


@blueprint.post("/alerts/<int:alert_id>/acknowledge")
@requires(Permission.SIGNED_IN)
def take_note(alert_id: int) -> AnyResponse:
    """Take note of an alert by name."""
    with transaction():
        acknowledge(alert_id, actor=current_actor(), now=current_time())
    return redirect(url_for("alert_pages.history"), 303)

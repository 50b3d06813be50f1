"""Which alerts are open, who takes note, and whom do rota and ladder name?"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_babel import get_locale

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.rota import replace_rota, set_ladder
from dispatch.actions.taking_note import acknowledge
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, version_to_replace
from dispatch.domain.permissions import Permission
from dispatch.domain.rota import DUTY_NAMES, DutyRole, LadderRule, weekdays_text
from dispatch.domain.rota_rows import read_entry
from dispatch.domain.sentences import Sentence
from dispatch.domain.strict_json import clock_time, wrong_fields
from dispatch.freshness import unless_known
from dispatch.queries.administration import settings_version
from dispatch.queries.alerts import AlertFilters, alert_page, alert_row, alerts_tag, my_alerts
from dispatch.queries.rota import ladder, rota_rows
from dispatch.queries.tickets import ticket_seen
from dispatch.queries.timers import clockwork
from dispatch.schemas.alerts import (
    AlertsQuery,
    AlertsReply,
    LadderReply,
    LadderShape,
    MyAlertsReply,
    OneAlertReply,
    RotaReply,
    RotaShape,
)

blueprint = ApiBlueprint(
    "alerts", __name__, url_prefix="/api/v1", description="Alerts, the rota and the ladder"
)


@blueprint.gets("/alerts/mine")
@requires(Permission.SIGNED_IN)
@blueprint.answers(200, MyAlertsReply)
@blueprint.hears("If-None-Match")
def mine() -> Response:
    """Return the alerts that are open for the asker; 304 while nothing about them has changed."""
    count, alerts = my_alerts(current_actor())
    watch = clockwork(current_time())
    shown = {"count": count, "alerts": alerts, "clockwork": watch, "server_time": current_time()}
    tag = alerts_tag(count, alerts, watch["level"], str(get_locale()))
    return unless_known(tag, lambda: jsonify(shown))


@blueprint.gets("/alerts")
@requires(Permission.SEE_TICKETS)
@blueprint.reads(AlertsQuery, "query")
@blueprint.answers(200, AlertsReply)
def listing(asked: dict[str, Any]) -> Response:
    """Return the alerts of the tickets that the asker sees, the newest first."""
    ticket = ticket_seen(asked["ticket"], current_scope()).id if asked["ticket"] else None
    filters = AlertFilters(state=asked["state"], ticket_id=ticket)
    page = alert_page(current_scope(), filters, asked["page"])
    return jsonify(
        {"alerts": page.rows, "page": page.page, "pages": page.pages, "total": page.total}
    )


@blueprint.posts("/alerts/<int:alert_id>/acknowledge")
@requires(Permission.SIGNED_IN)
@blueprint.answers(200, OneAlertReply)
def take_note(alert_id: int) -> Response:
    """Take note of an alert by name, so that it is not passed on; twice is once."""
    with transaction():
        acknowledge(alert_id, actor=current_actor(), now=current_time())
    return jsonify({"alert": alert_row(alert_id)})


@blueprint.gets("/rota")
@requires(Permission.SEE_AUDIT)
@blueprint.answers(200, RotaReply)
def rota() -> Response:
    """Return the rota and who of it is on duty now."""
    return _tagged("rota", {"entries": _entries()})


@blueprint.puts("/rota")
@requires(Permission.ADMINISTER)
@blueprint.reads(RotaShape)
@blueprint.answers(200, RotaReply)
@blueprint.hears("If-Match!")
def write_rota(asked: dict[str, Any]) -> Response:
    """Put these entries in the place of the whole rota, or refuse them all."""
    drafts, faults = [], dict[str, Sentence]()
    for number, entry in enumerate(asked["entries"]):
        cells = entry | {"from": entry["from_date"], "to": entry["to_date"]}
        draft, found = read_entry(cells)
        faults |= {f"entries.{number}.{name}": reason for name, reason in found.items()}
        if draft is not None:
            drafts.append(draft)
    if faults:
        raise wrong_fields(faults)
    with transaction():
        replace_rota(
            drafts, actor=current_actor(), now=current_time(), seen_version=version_to_replace()
        )
    return _tagged("rota", {"entries": _entries()})


def _tagged(subject: str, reply: dict[str, Any]) -> Response:
    """Return a reply with the version that a change of it names in `If-Match`."""
    answer = jsonify(reply)
    answer.headers["ETag"] = f'"{settings_version(subject)}"'
    return answer


def _entries() -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "duty": row.duty,
            "duty_name": DUTY_NAMES[row.duty],
            "team": row.team,
            "person": row.person,
            "person_name": row.person_name,
            "weekdays": weekdays_text(row.weekdays),
            "start": clock_time(row.start_minute),
            "end": clock_time(row.end_minute),
            "from": row.from_date.isoformat() if row.from_date else None,
            "to": row.to_date.isoformat() if row.to_date else None,
            "on_duty": row.on_duty,
        }
        for row in rota_rows(current_time())
    ]


@blueprint.gets("/ladder")
@requires(Permission.SEE_AUDIT)
@blueprint.answers(200, LadderReply)
def steps() -> Response:
    """Return the ladder in force."""
    return _tagged("ladder", {"steps": _steps()})


@blueprint.puts("/ladder")
@requires(Permission.ADMINISTER)
@blueprint.reads(LadderShape)
@blueprint.answers(200, LadderReply)
@blueprint.hears("If-Match!")
def write_ladder(asked: dict[str, Any]) -> Response:
    """Put these steps in the place of the whole ladder, or refuse them all."""
    rules = [
        LadderRule(each["percent"] / 100, DutyRole(each["duty"]), each["pass_on_minutes"])
        for each in asked["steps"]
    ]
    with transaction():
        set_ladder(
            rules, actor=current_actor(), now=current_time(), seen_version=version_to_replace()
        )
    return _tagged("ladder", {"steps": _steps()})


def _steps() -> list[dict[str, Any]]:
    return [
        {
            "percent": round(step.fraction * 100),
            "duty": step.duty,
            "duty_name": DUTY_NAMES[step.duty],
            "pass_on_minutes": step.pass_on_minutes,
        }
        for step in ladder()
    ]

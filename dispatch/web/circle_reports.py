"""Which views of the circle come by mail, to whom, and how is that set up?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.scheduled_reports import (
    add_report,
    delete_report,
    leave_report,
    pause_report,
    send_report_now,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.scheduled_reports import EVERY_NAMES, Every, last_due
from dispatch.domain.sentences import Sentence, say
from dispatch.queries.saved_views import view_rows
from dispatch.queries.scheduled_reports import readers, report_address, reports_for
from dispatch.refusals import STATUS, worded

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused

blueprint = Blueprint("circle_reports", __name__)

HERE = "/circle/reports"


@blueprint.get(HERE)
@requires(Permission.SEE_FIGURES)
def listing() -> str:
    """Show the reports that somebody made or gets, with the form for another."""
    return _page()


@blueprint.post(HERE)
@requires(Permission.EXPORT)
def add() -> Response:
    """Set a report up; what was typed comes back when it is refused."""
    form, settings = request.form, current_app.config["SETTINGS"]
    recipients = [int(each) for each in form.getlist("recipients") if each.isdecimal()]
    try:
        with transaction():
            add_report(
                form.get("view", 0, type=int),
                form.get("every", ""),
                recipients,
                actor=current_actor(),
                now=current_time(),
                zone=settings.zone,
            )
    except Invalid as refusal:
        return _refused(refusal)
    return _done(say("The report is set up. The first mail comes when the next period has ended."))


@blueprint.post(f"{HERE}/<int:report_id>/<any(pause, resume, delete, leave, now):step>")
@requires(Permission.SEE_FIGURES)
def change(report_id: int, step: str) -> Response:
    """Pause a report, let it go on, delete it, get it no more, or send it to oneself now."""
    try:
        with transaction():
            done = _take(report_id, step)
    except (Forbidden, Invalid, Stale) as refusal:
        return _refused(refusal)
    return _done(done)


def _take(report_id: int, step: str) -> Sentence:
    actor, now, settings = current_actor(), current_time(), current_app.config["SETTINGS"]
    seen = request.form.get("version", 0, type=int)
    if step == "now":
        address = send_report_now(
            report_id, actor=actor, now=now, zone=settings.zone, base_url=settings.base_url
        )
        if not settings.smtp_host:
            return say("It was written, but no mail server is set up here: nothing is sent.")
        return say("It is on its way to %(address)s.", address=address)
    if step == "leave":
        leave_report(report_id, actor=actor)
        return say("You get this report no more.")
    if step == "delete":
        delete_report(report_id, actor=actor, seen_version=seen)
        return say("The report was deleted.")
    is_pause = step == "pause"
    pause_report(
        report_id, paused=is_pause, actor=actor, now=now, zone=settings.zone, seen_version=seen
    )
    return say("The report is paused.") if is_pause else say("The report goes on.")


def _refused(refusal: Refused) -> Response:
    answer = make_response(_page(refusal))
    answer.status_code = STATUS[type(refusal)][0]
    return answer


def _done(sentence: Sentence) -> Response:
    flash(worded(sentence), "success")
    return redirect(HERE, 303)


def _page(refusal: Refused | None = None) -> str:
    actor, settings = current_actor(), current_app.config["SETTINGS"]
    now = current_time()
    return render_template(
        "circle_reports.html",
        reports=[
            (each, last_due(Every(each.row.every), now, settings.zone))
            for each in reports_for(actor)
        ],
        address=report_address,
        views=[(each["id"], each["name"]) for each in view_rows(actor, "circle")],
        people=readers(),
        every_names=EVERY_NAMES,
        Every=Every,
        may_add=actor.can(Permission.EXPORT),
        may_change_all=actor.can(Permission.ADMINISTER),
        has_mail=bool(settings.smtp_host),
        typed=request.form,
        chosen=request.form.getlist("recipients"),
        why=lambda stored: worded(Sentence.from_json(stored)),
        problem=worded(refusal.sentence) if refusal else None,
        errors={name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
    )

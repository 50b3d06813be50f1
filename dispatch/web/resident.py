"""How does a resident report a fault and follow it, without an account?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.follow_up_page import answer_on_page
from dispatch.actions.idempotency import once
from dispatch.actions.intake import NewReport, add_report, open_ticket
from dispatch.actions.notice_reports import join_notice
from dispatch.actions.placing import GivenPlace
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.duplicates import Reported
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, Reused
from dispatch.domain.permissions import Permission
from dispatch.domain.place import Point
from dispatch.domain.resident_code import resident_code
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import TicketState
from dispatch.queries.grids import valid_grids
from dispatch.queries.tracking import (
    faults_nearby,
    household_with_account,
    live_report,
    ticket_to_follow,
    track_page,
)
from dispatch.refusals import STATUS, worded
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.follow_ups import AnswerShape
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.form_keys import form_key
from dispatch.web.language import current_language, local_name
from dispatch.web.resident_form import KINDS, LONGEST, TYPED, Typed, as_typed, checked
from dispatch.web.resident_photos import most_photos, sent_photos, shown_photos, take_photos

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.queries.tracking import Nearby

blueprint = Blueprint("resident", __name__)

AREA_MAX_AGE = 300


@blueprint.get("/report")
@requires(Permission.PUBLIC)
def form() -> str:
    """Show the form in three steps: what, where, who."""
    return _form(dict.fromkeys(TYPED, ""), None)


@blueprint.post("/report")
@requires(Permission.PUBLIC)
def send() -> Response | str | tuple[str, int]:
    """Open a ticket for a report, or let the sender follow one that is open nearby."""
    try:
        token = _sent(_new_report(checked(request.form)))
    except _Undecided as pause:
        return _offer(pause.nearby)
    except Reused:
        return _form(as_typed(request.form), worded(_sent_before())), STATUS[Reused][0]
    except (Invalid, NotFound, Forbidden) as refusal:
        page = _form(as_typed(request.form), worded(refusal.sentence), refusal)
        return page, STATUS[type(refusal)][0]
    take_photos(token, sent_photos())
    flash(worded(say("Thank you. Keep the address of this page: it is yours alone.")), "success")
    return redirect(f"/t/{token}", 303)


@blueprint.get("/report/area")
@requires(Permission.PUBLIC)
def area() -> Response:
    """Send the outlines of the grids, the ground under the pin where there are no map tiles."""
    features = [
        {
            "type": "Feature",
            "geometry": grid.geometry,
            "properties": {"name": local_name(grid.name, grid.name_zh)},
        }
        for grid in valid_grids(current_time())
    ]
    answer = jsonify({"type": "FeatureCollection", "features": features})
    answer.headers["Cache-Control"] = f"private, max-age={AREA_MAX_AGE}"
    return answer


WITH_CREW = frozenset({TicketState.EN_ROUTE, TicketState.ARRIVED, TicketState.WORKING})
"""States in which a resident may be asked for the code of the ticket."""


@blueprint.get("/t/<token>")
@requires(Permission.PUBLIC)
def track(token: str) -> Response:
    """Show how a ticket stands to the one who holds its link."""
    page = track_page(token, current_time())
    if page is None:
        answer = make_response(render_template("track_missing.html"), 404)
    else:
        answer = make_response(
            render_template(
                "track.html",
                page=page,
                token=token,
                now=current_time(),
                shown=shown_photos(token),
                code=resident_code(token) if page.state in WITH_CREW else None,
            )
        )
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@blueprint.post("/t/<token>/answer")
@requires(Permission.PUBLIC)
def answer(token: str) -> Response | tuple[str, int]:
    """Take the reporter's word on the repair: fixed, not fixed, or rather not say."""
    # A guessed link must not wait for, or take, the turn to write.
    is_known = live_report(token, current_time()) is not None
    if not is_known:
        return render_template("track_missing.html"), 404
    given = loaded(AnswerShape, filled(request.form, ANSWER_FIELDS))
    if not _answered(token, given):
        return render_template("track_missing.html"), 404
    flash(worded(KEPT if "version" in request.form else THANKS[given["answer"]]), "success")
    return redirect(f"/t/{token}", 303)


def _answered(token: str, given: dict[str, Any]) -> bool:
    """Write the answer down; False when the report went away in the meantime."""
    actor, now = current_actor(), current_time()
    with transaction():
        report = live_report(token, now)
        if report is not None:
            answer_on_page(report, given, actor=actor, now=now)
    return report is not None


ANSWER_FIELDS = ("answer", "process", "result", "note", "version")
KEPT = say("Thank you, that is kept. You can change it for a day.")
THANKS = {
    "fixed": say("Thank you. We are glad that it works."),
    "not_fixed": say("Thank you for telling us. Your ticket is open again and a crew comes."),
    "rather_not_say": say("Thank you. We do not ask again."),
}


class _Undecided(Exception):  # noqa: N818  it is a question to a person, not a fault
    """Nothing was written yet: the sender must say whether one of these is the same fault."""

    def __init__(self, nearby: list[Nearby]) -> None:
        super().__init__()
        self.nearby = nearby


def _sent(new: NewReport) -> str:
    """Write the report down once and return the token of its track page."""
    body = {name: request.form.get(name, "") for name in (*TYPED, "follow")}
    with transaction(shared=True):
        written = once("report", form_key(), body, now=current_time(), do=lambda: _write(new))
    token: str = written.reply["token"]
    return token


def _write(new: NewReport) -> tuple[int, dict[str, Any]]:
    actor, now = current_actor(), current_time()
    joined = None if request.form.get("decision") else join_notice(new, actor=actor, now=now)
    if joined is not None:
        return 303, {"token": joined.report.token}
    nearby = faults_nearby(_as_reported(new), now)
    follow = _chosen(nearby)
    if follow is not None:
        report = add_report(ticket_to_follow(follow), new, actor=actor, now=now)
    elif nearby and request.form.get("decision") != "new":
        raise _Undecided(nearby)
    else:
        report = open_ticket(new, actor=actor, now=now).report
    return 303, {"token": report.token}


def _new_report(report: Typed) -> NewReport:
    """Fill in what the account number tells; one that is unknown never stops a report."""
    household = household_with_account(report.account) if report.account else None
    description, place = report.description, report.place
    if report.account and household is None:
        words = worded(say("Account number given: %(account)s", account=report.account))
        description = f"{description}\n{words}".strip()
    if place is None and household and household.lat is not None and household.lon is not None:
        place = GivenPlace(household.lat, household.lon, source="household")
    address = report.address or (household.address if household else "")
    if place is None and not address:
        fault = say("We do not know this account number. Please add the address.")
        raise Invalid(fault, fields={"place": fault})
    return NewReport(
        category=report.category,
        description=description,
        address=address,
        place=place,
        reporter_name=report.name,
        reporter_phone=report.phone,
        channel="web",
        language=current_language(),
        household_id=household.id if household else None,
        verified=False,
    )


def _as_reported(new: NewReport) -> Reported:
    # Only a place that the sender gave may be asked about, not one known from an account.
    place = new.place if new.place and new.place.source != "household" else None
    return Reported(
        category=new.category,
        received_at=current_time(),
        point=Point(place.lat, place.lon) if place else None,
        text=f"{new.address} {new.description}",
    )


def _chosen(nearby: list[Nearby]) -> str | None:
    """Return the ticket to follow; only one that was offered may be chosen.

    Raises:
        NotFound: when it is not offered any more.
    """
    follow = request.form.get("follow", "")
    if not follow:
        return None
    if follow not in {each.number for each in nearby}:
        raise NotFound(say("That ticket has ended in the meantime. Send your report as a new one."))
    return follow


def _offer(nearby: list[Nearby]) -> str:
    return render_template(
        "report_nearby.html",
        nearby=nearby,
        typed=as_typed(request.form),
        key=request.form.get("key", ""),
        now=current_time(),
        has_photos=bool(sent_photos()),
    )


def _form(typed: dict[str, str], problem: str | None, refusal: Refused | None = None) -> str:
    settings = current_app.config["SETTINGS"]
    faults = {name: worded(each) for name, each in refusal.fields.items()} if refusal else {}
    return render_template(
        "report.html",
        kinds=KINDS,
        longest=LONGEST,
        typed=typed,
        problem=problem,
        faults=faults,
        key=str(uuid.uuid4()),
        most_photos=most_photos(),
        has_photos=bool(sent_photos()),
        map_center=settings.map_center,
        catalogue=browser_catalogue(),
    )


def _sent_before() -> Any:
    return say(
        "You sent this form before and it reached us. Send it once more only to report another "
        "fault."
    )

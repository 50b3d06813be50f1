"""Which days off does the calendar of the promises know, and where do those of a year come from?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.administration import store_holidays
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.public_holidays import (
    known_countries,
    known_subdivisions,
    public_holidays,
)
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.holiday_rows import EARLIEST, LATEST, YearDays, read_holiday_file, with_year
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.queries.policies import policy_in_force
from dispatch.refusals import STATUS, worded
from dispatch.web.language import current_locale
from dispatch.web.policy_form import WEEKDAYS

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused

blueprint = Blueprint("admin_holidays", __name__)

HERE = "/admin/policy/holidays"
CHINA = "CN"
_LIBRARY_LANGUAGES = {"zh_Hans_CN": "zh_CN", "en": "en_US"}


@blueprint.get(HERE)
@requires(Permission.ADMINISTER)
def page() -> Response:
    """Show the days of a year as the library knows them, before any of them counts."""
    if "country" not in request.args:
        return _answer()
    try:
        found = public_holidays(
            request.args["country"],
            request.args.get("subdivision", "").strip().upper(),
            _year(),
            language=_LIBRARY_LANGUAGES[current_locale()],
        )
        with_year(policy_in_force().policy.calendar, found)
    except Invalid as refusal:
        return _answer(refusal=refusal)
    return _answer(found)


@blueprint.post(f"{HERE}/file")
@requires(Permission.ADMINISTER)
def take_file() -> Response:
    """Show the days that a file names, or what is wrong with it; nothing is stored yet."""
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    try:
        found = read_holiday_file(content, (sent.filename if sent else "") or "days.csv", _year())
    except Invalid as refusal:
        return _answer(refusal=refusal)
    return _answer(found)


@blueprint.post(HERE)
@requires(Permission.ADMINISTER)
def store() -> Response:
    """Put the previewed days into the calendar, as a new version of the promises."""
    typed = request.form.get("days", "").encode()
    reason = request.form.get("reason", "")
    found = None
    try:
        found = read_holiday_file(typed, "days.json", _year())
        with transaction():
            row = store_holidays(
                found,
                reason,
                actor=current_actor(),
                now=current_time(),
                seen_version=request.form.get("version", 0, type=int),
            )
            version = row.version
    except (Invalid, Stale) as refusal:
        return _answer(found, refusal=refusal, reason=reason)
    flash(worded(say("Version %(n)s of the promises is in force.", n=version)), "success")
    return redirect(url_for("admin_policy.in_force"))


def _year() -> int:
    given = request.values.get("year", "").strip()
    if given.isascii() and given.isdigit() and EARLIEST <= int(given) <= LATEST:
        return int(given)
    fault = say("Give a year from %(first)s to %(last)s.", first=EARLIEST, last=LATEST)
    raise Invalid(fault, fields={"year": fault})


def _answer(
    found: YearDays | None = None, *, refusal: Refused | None = None, reason: str = ""
) -> Response:
    in_force = policy_in_force()
    this_year = current_time().astimezone(in_force.policy.calendar.zone).year
    country = request.values.get("country", CHINA)
    answer = make_response(
        render_template(
            "admin_holidays.html",
            country=country,
            countries=_countries(),
            subdivisions=known_subdivisions(country),
            subdivision=request.values.get("subdivision", ""),
            year=request.values.get("year", this_year),
            found=found,
            rows=_rows(found) if found else [],
            gone=_gone(found) if found else [],
            kept=json.dumps(found.as_json(), ensure_ascii=False) if found else "",
            version=in_force.version,
            reason=reason,
            problem=worded(refusal.sentence) if refusal else None,
            errors={name: worded(fault) for name, fault in refusal.fields.items()}
            if refusal
            else {},
            faults=[worded(fault) for fault in refusal.fields.values()] if refusal else [],
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


def _countries() -> list[tuple[str, str]]:
    names = get_locale().territories
    return sorted(((each, names.get(each, each)) for each in known_countries()), key=_by_name)


def _by_name(country: tuple[str, str]) -> tuple[bool, str]:
    return country[0] != CHINA, country[1]


def _rows(found: YearDays) -> list[tuple[str, str, str, bool, bool]]:
    """Return date, weekday, name, whether it is worked, and whether the calendar has it so."""
    calendar = policy_in_force().policy.calendar
    rows = [(day, name, False, calendar.holidays) for day, name in found.holidays.items()]
    rows += [(day, name, True, calendar.working_weekends) for day, name in found.working.items()]
    return [
        (day.isoformat(), worded(WEEKDAYS[day.weekday()]), name, is_worked, day in known)
        for day, name, is_worked, known in sorted(rows, key=lambda row: row[0])
    ]


def _gone(found: YearDays) -> list[str]:
    """Return the days of the year that the calendar has and the list does not."""
    calendar = policy_in_force().policy.calendar
    lost = (calendar.holidays - found.holidays.keys()) | (
        calendar.working_weekends - found.working.keys()
    )
    return [day.isoformat() for day in sorted(lost) if day.year == found.year]

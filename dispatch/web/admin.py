"""What is set up here, what is missing, who changed what, and does the clockwork run?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for

from dispatch.access import current_time, requires
from dispatch.domain.holiday_rows import year_not_known
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import Sentence, say
from dispatch.queries.administration import change_subjects, changes, counts, heartbeats
from dispatch.queries.datum_mixup import datum_mix_ups
from dispatch.queries.housekeeping import job_standings, overdue_jobs
from dispatch.queries.installation import timer_facts
from dispatch.queries.policies import policy_in_force
from dispatch.refusals import worded

if TYPE_CHECKING:
    from dispatch.models.people import SettingsEvent
    from dispatch.queries.administration import Counts

blueprint = Blueprint("admin", __name__)

OLDEST_BEAT = timedelta(seconds=30)
LONGEST_SHOWN = 160
SUBJECTS: dict[str, Sentence] = {
    "user": say("Account"),
    "service_policy": say("Promises"),
    "grids": say("Grids"),
    "crews": say("Crews"),
    "past_tickets": say("Past tickets"),
    "reveal": say("Reporter revealed"),
    "export": say("Figures exported"),
    "original": say("Photo seen uncovered"),
    "track": say("Way of a crew replayed"),
    "message_template": say("Text of messages"),
    "webhook": say("Webhook"),
    "public_page": say("Public page"),
    "rota": say("Rota"),
    "ladder": say("Ladder"),
    "storm": say("Storm mode"),
    "household": say("Household"),
    "phone": say("Phone of a crew"),
    "round": say("Round"),
    "checklist": say("Checklists"),
}
FIRST_STEPS: tuple[tuple[Sentence, Sentence, str, Sentence, str], ...] = (
    (
        say("Draw the grids"),
        say("A grid tells which team owns a place."),
        "admin_imports.grids",
        say("Import grids"),
        "map",
    ),
    (
        say("Bring in the crews"),
        say("Each with its team, shift, skills and base."),
        "admin_imports.teams",
        say("Import crews"),
        "truck",
    ),
    (
        say("Let people in"),
        say("Call-takers, dispatchers, leaders and crews each get an account."),
        "admin_people.listing",
        say("Add people"),
        "users",
    ),
    (
        say("Check the promises"),
        say("The default times are in force until you change them."),
        "admin_policy.in_force",
        say("Read the promises"),
        "clock",
    ),
    (
        say("Bring in past tickets"),
        say("Optional: the dashboards then have a history to compare with."),
        "admin_imports.past_tickets",
        say("Import tickets"),
        "history",
    ),
)


@dataclass(frozen=True)
class Step:
    """One step of the first run: what it is for, where it is done, whether it is done."""

    title: str
    text: str
    address: str
    action: str
    icon: str
    done: bool


@dataclass(frozen=True)
class ChangeLine:
    """One changed value of a settings event, as text."""

    name: str
    was: str
    now: str


@blueprint.get("/admin")
@requires(Permission.ADMINISTER)
def overview() -> str:
    """Show what is there and what a new installation still needs."""
    now = current_time()
    found = counts(now)
    steps = first_steps(found)
    return render_template(
        "admin.html",
        counts=found,
        steps=steps,
        missing=[step for step in steps if not step.done],
        timers=timer_facts(now),
        is_watched=_is_watched(now),
        overdue_jobs=overdue_jobs(now),
        mix_ups=datum_mix_ups(now),
        year_not_known=year_not_known(policy_in_force().policy.calendar, now),
    )


@blueprint.get("/admin/changes")
@requires(Permission.SEE_AUDIT)
def audit() -> str:
    """Show who changed which setting, when, from what to what."""
    subjects = [(each, subject_name(each)) for each in change_subjects()]
    asked = request.args.get("subject", "")
    subject = asked if asked in dict(subjects) else ""
    found = changes(request.args.get("page", 1, type=int), subject)

    def url_of(page: int) -> str:
        return url_for("admin.audit", page=page, subject=subject or None)

    return render_template(
        "admin_changes.html",
        changes=[(row, subject_name(row.subject), change_lines(row)) for row in found.rows],
        page=found,
        subject=subject,
        subjects=subjects,
        url_of=url_of,
    )


@blueprint.get("/admin/jobs")
@requires(Permission.SEE_AUDIT)
def jobs() -> str:
    """Show when each loop and each job last ran, what it did, and when it runs next."""
    now = current_time()
    loops = [
        (row, round((now - row.beat_at).total_seconds()), now - row.beat_at <= OLDEST_BEAT)
        for row in heartbeats()
    ]
    return render_template(
        "admin_jobs.html",
        loops=loops,
        jobs=job_standings(now),
        timers=timer_facts(now),
        is_watched=_is_watched(now),
    )


def _is_watched(now: Any) -> bool:
    beat = timer_facts(now).beat_at
    return beat is not None and now - beat <= OLDEST_BEAT


def first_steps(found: Counts) -> list[Step]:
    """Return the steps of the first run, in order; the action says where each is done."""
    done = (
        found.grids > 0 and found.grids_without_team == 0,
        found.crews > 0 and found.crews_without_shift == 0,
        found.users > 1,
        found.policy_version > 1,
        found.tickets > 0,
    )
    return [
        Step(worded(title), worded(text), url_for(endpoint), worded(action), icon, is_done)
        for (title, text, endpoint, action, icon), is_done in zip(FIRST_STEPS, done, strict=True)
    ]


def subject_name(subject: str) -> str:
    """Word what kind of setting was changed."""
    return worded(SUBJECTS[subject]) if subject in SUBJECTS else subject


def change_lines(event: SettingsEvent) -> list[ChangeLine]:
    """Return each value that a settings event changed, oldest form and newest."""
    was, now_is = event.was or {}, event.now or {}
    return [
        ChangeLine(name, _as_text(was.get(name)), _as_text(now_is.get(name)))
        for name in {**was, **now_is}
        if was.get(name) != now_is.get(name)
    ]


def _as_text(value: Any) -> str:
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return worded(say("yes")) if value else worded(say("no"))
    if isinstance(value, list):
        text = ", ".join(map(str, value))
        text = f"{len(value)}: {text}"
    else:
        text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"

"""What does a manager see of who held broken promises, holds, returns and changes of hands?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, render_template

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.circle.asked import RESPONSIBILITY, read_asked
from dispatch.domain.figure_looks import Reading, Watched
from dispatch.domain.permissions import Permission
from dispatch.domain.responsibility import Holder, HolderKind
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.visit_state import HOLD_NAMES, HoldReason
from dispatch.queries.circle_responsibility import (
    About,
    responsibility_in,
    shown_rows,
    tickets_about,
)
from dispatch.queries.responsibility import named_holders
from dispatch.refusals import worded
from dispatch.web.circle import one_page, shared_words
from dispatch.web.circle_since import changed_since
from dispatch.web.language import local_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.circle.asked import Asked
    from dispatch.queries.circle_responsibility import Responsibility

blueprint = Blueprint("circle_responsibility", __name__, url_prefix=RESPONSIBILITY)

REASONS_SHOWN = 10
ABOUT_NAMES: dict[About, Sentence] = {
    About.HOLDER: say("Broken promises held by"),
    About.HOLD: say("On hold"),
    About.RETURN: say("Returned to the desk"),
    About.TEAMS: say("Teams"),
    About.CREWS: say("Crews"),
    About.ITEM: say("Rectification"),
}
ITEM_KEYS: dict[str, Sentence] = {
    "open": say("open"),
    "overdue": say("overdue"),
    "done": say("awaits sign-off"),
    "signed_off": say("signed off"),
}


@blueprint.get("")
@requires(Permission.SEE_FIGURES)
def page() -> str:
    """Show who held broken promises, why tickets waited, went back, and changed hands."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    found = responsibility_in(asked.period, current_scope(), asked.filters, now=current_time())
    return render_template(
        "circle_responsibility.html",
        **shared_words(asked),
        found=found,
        holder_name=_holder_name,
        hold_name=_hold_name,
        item_names=ITEM_KEYS,
        reasons=found.returned.reasons[:REASONS_SHOWN],
        behind=_addresses(asked),
        may_rectify=current_actor().can(Permission.RECTIFY),
        since=changed_since(asked, _readings(found), event=found.event, now=found.as_of),
    )


def _readings(found: Responsibility) -> dict[Watched, Reading]:
    held = sum(row.holds for row in found.holds)
    return {
        Watched.BROKEN: Reading.of(found.broken),
        Watched.HOLDS: Reading(held, found.tickets),
        Watched.RETURNED: Reading.of(found.returned.tickets),
        Watched.SEVERAL_TEAMS: Reading.of(found.teams.several),
        Watched.SEVERAL_CREWS: Reading.of(found.crews.several),
    }


@blueprint.get("/<any(holder, hold, return, teams, crews, item):about>/<path:key>")
@requires(Permission.SEE_FIGURES)
def tickets(about: str, key: str) -> str:
    """Show the tickets behind one number of the page."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    subject = About(about)
    found = tickets_about(
        asked.period, current_scope(), asked.filters, subject, key, now=current_time()
    )
    a_page = one_page(found, asked)
    return render_template(
        "circle_responsibility_tickets.html",
        **shared_words(asked),
        about=subject,
        subject=(ABOUT_NAMES[subject], _subject(subject, key) if found else key),
        **a_page,
        rows=shown_rows([ticket for ticket, _ in a_page["tickets"]]),
        now=current_time(),
        path=f"{RESPONSIBILITY}/{about}/{key}",
        page_of=RESPONSIBILITY,
    )


def _addresses(asked: Asked) -> Callable[[str, object], str]:
    def address(about: str, key: object) -> str:
        return asked.url(f"{RESPONSIBILITY}/{about}/{key}", wall=None)

    return address


def _holder_name(named: dict[str, Any] | None) -> str:
    if named is None:
        return worded(say("not on record"))
    name = local_name(worded(named["name"]), named["name_zh"])
    if named["kind"] in {HolderKind.DESK, HolderKind.NOBODY}:
        return name
    return f"{worded(named['kind_name'])}: {name}"


def _hold_name(reason: str) -> str:
    return worded(HOLD_NAMES[HoldReason(reason)]) if reason in set(HoldReason) else reason


def _subject(about: About, key: str) -> str:
    """Name what a list that is not empty is about."""
    if about is About.HOLDER:
        kind, _, number = key.partition(":")
        holder = None if key == "none" else Holder(HolderKind(kind), number)
        return _holder_name(named_holders({holder})[holder] if holder else None)
    if about is About.HOLD:
        return _hold_name(key)
    if about is About.ITEM:
        return worded(ITEM_KEYS[key])
    return worded(say("all")) if about is About.RETURN else key

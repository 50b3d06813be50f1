"""Which safety steps and checks does a kind of fault have, and how are they changed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.checklists import store_checklist
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.checklists import LONGEST_WORDS, MOST_ITEMS, CheckLists, usual_checklists
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.queries.checklists import (
    checklist_history,
    checklist_in_force,
    checklists_in_force,
)
from dispatch.refusals import STATUS, worded, worded_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from dispatch.domain.checklists import ListItem
    from dispatch.domain.errors import Refused

blueprint = Blueprint("admin_checklists", __name__, url_prefix="/admin/checklists")

LISTS = {"safety": say("Safety before the work"), "checks": say("Checks before leaving")}
_BLANK = 3
_NO_ROW = {"key": "", "en": "", "zh": "", "required": False, "turn": ""}
_LAST_TURN = 10_000

Rows = dict[str, list[dict[str, Any]]]


@blueprint.get("")
@requires(Permission.ADMINISTER)
def listing() -> str:
    """Show for each kind of fault how long its lists are, and since when they are in force."""
    return render_template("admin_checklists.html", rows=checklists_in_force())


@blueprint.get("/<category>")
@requires(Permission.ADMINISTER)
def edit(category: str) -> str:
    """Show the lists of a kind of fault as a form; `shipped` fills in those it came with."""
    found = checklist_in_force(category)
    lists = usual_checklists(category) if "shipped" in request.args else found.lists
    return _page(category, _rows_of(lists), found.version)


@blueprint.post("/<category>")
@requires(Permission.ADMINISTER)
def store(category: str) -> Response:
    """Put new lists in force; what was typed comes back when it is refused."""
    typed = {name: _typed(request.form, name) for name in LISTS}
    seen = request.form.get("version", 0, type=int)
    reason = request.form.get("reason", "")
    own = {row["key"] for version in checklist_history(category) for row in _all(version.lists)}
    try:
        lists = CheckLists.from_json(_as_stored(category, typed, own))
        with transaction():
            store_checklist(
                category,
                lists,
                reason,
                actor=current_actor(),
                now=current_time(),
                seen_version=seen,
            )
    except (Invalid, Stale) as refusal:
        answer = make_response(_page(category, typed, seen, reason=reason, refusal=refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    flash(worded(say("The lists are in force for visits from now on.")), "success")
    return redirect(url_for("admin_checklists.edit", category=category), 303)


def _page(
    category: str, rows: Rows, version: int, *, reason: str = "", refusal: Refused | None = None
) -> str:
    fields = refusal.fields if refusal else {}
    return render_template(
        "admin_checklist.html",
        found=checklist_in_force(category),
        history=checklist_history(category),
        lists=[(name, worded(title)) for name, title in LISTS.items()],
        rows={name: [*some, *[_NO_ROW] * _BLANK][:MOST_ITEMS] for name, some in rows.items()},
        version=version,
        reason=reason,
        longest=LONGEST_WORDS,
        problem=worded(refusal.sentence) if refusal else None,
        errors={name: worded(fault) for name, fault in fields.items()},
    )


def _rows_of(lists: CheckLists) -> Rows:
    return {name: [_row(each) for each in getattr(lists, name)] for name in LISTS}


def _row(item: ListItem) -> dict[str, Any]:
    words = item.words or (worded_in("en", item.name), worded_in("zh-CN", item.name))
    return {"key": item.key, "en": words[0], "zh": words[1], "required": item.is_required}


def _typed(form: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    """Return the rows that hold something, in the order that was typed."""
    rows = []
    for at in range(MOST_ITEMS):
        part = f"{name}.{at}"
        row: dict[str, Any] = {
            each: form.get(f"{part}.{each}", "").strip() for each in ("key", "en", "zh", "turn")
        }
        row["required"] = f"{part}.required" in form
        if row["en"] or row["zh"]:
            rows.append(row)
    return sorted(rows, key=_turn)


def _turn(row: dict[str, Any]) -> int:
    text = row["turn"]
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) <= len("999") else _LAST_TURN
    )


def _as_stored(category: str, typed: Rows, own: set[str]) -> dict[str, Any]:
    """Return what was typed as it is kept; an item that is new gets a key that none ever had.

    The key names the kind of fault: a tick must not count for another one after a ticket changed.
    """
    number = 0
    stored: dict[str, Any] = {}
    for name, rows in typed.items():
        stored[name] = []
        for row in rows:
            key = row["key"]
            while not key:
                number += 1
                new = f"{category}_own_{number}"
                key = "" if new in own else new
            words = {each: row[each] for each in ("en", "zh", "required")}
            stored[name].append({"key": key} | words)
    return stored


def _all(lists: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in lists.values() for row in rows]

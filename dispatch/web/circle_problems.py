"""What does a manager see of problems that come again, and how does one get onto the list?"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.rectification import NewItem, open_item
from dispatch.actions.unit_of_work import transaction
from dispatch.circle.asked import PROBLEMS, Asked, read_asked
from dispatch.circle.files import filename_of
from dispatch.domain.common_problems import LEAST_TICKETS
from dispatch.domain.figure_looks import Reading, Watched
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import STATE_NAMES, TicketState, ticket_number
from dispatch.queries.circle_clusters import clusters_in
from dispatch.queries.circle_problems import (
    Problem,
    ProblemKind,
    households_named,
    items_of,
    problem_tickets,
    problems_in,
)
from dispatch.queries.figures import chinese_names
from dispatch.queries.kept_answers import LARGE
from dispatch.queries.tickets import ticket_for_change
from dispatch.refusals import worded
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.rectification import ProblemItemShape
from dispatch.web import circle_words
from dispatch.web.circle import TICKETS_A_PAGE, one_page, shared_words
from dispatch.web.circle_since import changed_since
from dispatch.web.filtered_lists import answered, spreadsheet
from dispatch.web.form_keys import form_key
from dispatch.web.rectification import REFUSALS, due_given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused
    from dispatch.queries.circle_problems import OpenItem, Problems

blueprint = Blueprint("circle_problems", __name__, url_prefix=PROBLEMS)

KIND_NAMES = {
    ProblemKind.CLUSTER: say("Clusters in space and time"),
    ProblemKind.HOUSEHOLD: say("Households with many complaints"),
    ProblemKind.STREET: say("Streets"),
    ProblemKind.BUILDING: say("Buildings"),
    ProblemKind.GRID: say("Grids"),
    ProblemKind.CATEGORY: say("Categories"),
    ProblemKind.WORD: say("Words"),
}
COLUMNS = ("kind", "name", "category", "tickets", "before", "usual_in_7_days", "item", "numbers")
_CLUSTERS = f"{PROBLEMS}/clusters"
_KINDS = f"<any({', '.join(ProblemKind)}):kind>"


@blueprint.get("")
@requires(Permission.SEE_FIGURES)
def page() -> str:
    """Show the problems that come again in a view, and whether each is being put right.

    Among very many tickets clusters are not waited for: the page brings them once it is there.
    """
    asked = _asked()
    found = _found(asked)
    return _page(asked, found if found.n >= LARGE else _with_clusters(asked, found))


@blueprint.get("/clusters")
@requires(Permission.SEE_FIGURES)
def clusters_alone() -> str:
    """Show the clusters of a view and nothing else."""
    asked = _asked()
    return _page(asked, _clusters(asked), is_alone=True)


def _page(asked: Asked, found: Problems, *, is_alone: bool = False) -> str:
    seen = {Watched.COUNTED: Reading(found.n, found.n)}
    shown = {kind: _seen(found, kind) for kind in KIND_NAMES if kind in found.by_kind}
    # What has nothing to show leaves no hole beside a long table.
    in_order = sorted(shown, key=lambda kind: kind != ProblemKind.CLUSTER and not shown[kind])
    return render_template(
        "circle_problems.html",
        **shared_words(asked),
        found=found,
        shown=shown,
        kind_names={kind: KIND_NAMES[kind] for kind in in_order},
        hidden={kind: len(found.by_kind[kind]) - len(rows) for kind, rows in shown.items()},
        name_of=_namer(shown.get(ProblemKind.HOUSEHOLD, [])),
        item_of=_items(problem for rows in shown.values() for problem in rows),
        url_of=lambda problem: _url(asked, problem),
        later=None if ProblemKind.CLUSTER in shown else asked.url(_CLUSTERS, wall=None),
        whole=asked.url(PROBLEMS, wall=None) if is_alone else None,
        since=changed_since(asked, seen, event=found.event, now=found.as_of),
    )


@blueprint.get("/table.csv")
@requires(Permission.EXPORT)
def table() -> Response:
    """Send every problem that the page shows, one a line."""
    asked = _asked()
    found = _with_clusters(asked, _found(asked))
    seen = [problem for kind in KIND_NAMES for problem in _seen(found, kind)]
    name_of, item_of = _namer(_seen(found, ProblemKind.HOUSEHOLD)), _items(seen)
    rows = []
    for problem in seen:
        item = item_of(problem)
        rows.append(
            {
                "kind": str(problem.kind),
                "name": name_of(problem),
                "category": problem.category,
                "tickets": problem.n,
                "before": problem.before,
                "usual_in_7_days": None if problem.usual is None else round(problem.usual, 2),
                "item": item and item.item,
                "numbers": [ticket_number(ticket) for ticket in problem.tickets.tolist()],
            }
        )
    return spreadsheet(COLUMNS, rows, filename_of("problems", asked, "csv", found.as_of))


@blueprint.get(f"/{_KINDS}/<key>")
@requires(Permission.SEE_FIGURES)
def one(kind: str, key: str) -> Response:
    """Show one problem as a case file: its tickets, and the form that puts it onto the list."""
    return _one(kind, key)


@blueprint.post(f"/{_KINDS}/<key>")
@requires(Permission.RECTIFY)
def put_on_list(kind: str, key: str) -> Response:
    """Put a ticket of a problem onto the rectification list, with an owner and a due date."""
    actor, now = current_actor(), current_time()
    problem = _problem(_found_of(_asked(), kind), kind, key)
    try:
        given = loaded(ProblemItemShape, filled(request.form, ("ticket", "text", "responsible")))
        due = due_given()
        new = NewItem(
            text=given["text"],
            due_at=due,
            responsible=given["responsible"],
            reason=worded(
                say("Common problem: %(name)s, %(n)s tickets", name=_plain(problem), n=problem.n)
            ),
        )

        def do() -> tuple[int, dict[str, Any]]:
            ticket = ticket_for_change(given["ticket"], actor.scope)
            if not problem.among([ticket.id]):
                abort(404)
            return 201, {"item": open_item(ticket, new, actor=actor, now=now).id}

        with transaction():
            said = given | {"kind": kind, "problem": key, "due": str(due)}
            done = once(f"problem/{actor.user_id}", form_key(), said, now=now, do=do)
    except REFUSALS as refusal:
        return _one(kind, key, refusal)
    return redirect(url_for("rectification_pages.one", item_id=done.reply["item"]), 303)


def _one(kind: str, key: str, refusal: Refused | None = None) -> Response:
    asked = _asked()
    found = _found_of(asked, kind)
    problem = _problem(found, kind, key)
    calls = found.calls_of(problem).tolist()
    page = one_page(calls, asked)
    numbers = [ticket_number(ticket) for ticket in calls[:TICKETS_A_PAGE]]
    return answered(
        "circle_problem.html",
        refusal,
        **shared_words(asked),
        common=problem,
        title=_namer([problem] if problem.kind is ProblemKind.HOUSEHOLD else [])(problem),
        kind_name=KIND_NAMES[problem.kind],
        **page | {"tickets": problem_tickets(page["tickets"])},
        choices=[(number, number) for number in numbers],
        state_name=lambda state: worded(STATE_NAMES[TicketState(state)]),
        items=items_of([problem]),
        item=_items([problem])(problem),
        may_rectify=current_actor().can(Permission.RECTIFY),
        new_key=lambda: str(uuid.uuid4()),
        page_of=PROBLEMS,
        path=_path(problem),
        now=found.as_of,
    )


def _asked() -> Asked:
    return read_asked(current_app.config["SETTINGS"].zone)


def _found(asked: Asked) -> Problems:
    return problems_in(asked.period, current_scope(), asked.filters, now=current_time())


def _clusters(asked: Asked) -> Problems:
    return clusters_in(asked.period, current_scope(), asked.filters, now=current_time())


def _with_clusters(asked: Asked, found: Problems) -> Problems:
    return replace(found, by_kind=found.by_kind | _clusters(asked).by_kind)


def _found_of(asked: Asked, kind: str) -> Problems:
    return _clusters(asked) if kind == ProblemKind.CLUSTER else _found(asked)


def _seen(found: Problems, kind: ProblemKind) -> list[Problem]:
    """Return the problems of a kind that the asker may see.

    A building of fewer than three different callers is somebody's address.
    """
    rows = list(found.by_kind[kind])
    if kind is not ProblemKind.BUILDING or current_actor().can(Permission.SEE_PERSONAL):
        return rows
    return [row for row in rows if (row.callers or 0) >= LEAST_TICKETS]


def _problem(found: Problems, kind: str, key: str) -> Problem:
    named = {problem.key: problem for problem in _seen(found, ProblemKind(kind))}
    return named[key] if key in named else abort(404)


def _items(problems: Iterable[Problem]) -> Callable[[Problem], OpenItem | None]:
    known = items_of(problems)

    def item(problem: Problem) -> OpenItem | None:
        mine = [known[ticket] for ticket in problem.among(known)]
        return min(mine, key=lambda each: (each.due_at, each.item), default=None)

    return item


def _namer(households: list[Problem]) -> Callable[[Problem], str]:
    """Return what names a problem; a household by account and address for those who may see it."""
    may_see = current_actor().can(Permission.SEE_PERSONAL)
    named = households_named(households) if may_see and households else {}
    grids = chinese_names()["grid"]

    def name(problem: Problem) -> str:
        if problem.key in named and problem.kind is ProblemKind.HOUSEHOLD:
            return " · ".join(named[problem.key])
        if problem.kind is ProblemKind.GRID:
            return circle_words.group_name(problem.name, grids)
        return _plain(problem)

    return name


def _plain(problem: Problem) -> str:
    """Name a problem without anybody's personal data."""
    if problem.kind is ProblemKind.HOUSEHOLD:
        return worded(say("Household no. %(number)s", number=problem.key))
    if problem.kind is ProblemKind.CLUSTER:
        kind = circle_words.category_name(problem.category or "")
        return worded(say("%(category)s around %(ticket)s", category=kind, ticket=problem.key))
    if problem.kind is ProblemKind.CATEGORY:
        return circle_words.category_name(problem.key)
    return problem.name or "–"


def _path(problem: Problem) -> str:
    return f"{PROBLEMS}/{problem.kind}/{quote(problem.key, safe='')}"


def _url(asked: Asked, problem: Problem) -> str:
    return asked.url(_path(problem), wall=None)

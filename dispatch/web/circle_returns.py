"""What does a manager see of repairs that were not fixed the first time?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, current_app, render_template

from dispatch.access import current_scope, current_time, requires
from dispatch.circle.asked import RETURNS, read_asked
from dispatch.circle.files import filename_of
from dispatch.circle.lines import LINE_COLUMNS, Line
from dispatch.domain.figure_looks import Reading, Watched
from dispatch.domain.permissions import Permission
from dispatch.domain.return_visits import WHY_NAMES
from dispatch.domain.sentences import Sentence, say
from dispatch.queries.circle_returns import Behind, OfList, returns_in, tickets_again
from dispatch.refusals import worded
from dispatch.web import circle_words
from dispatch.web.circle import one_page, shared_words
from dispatch.web.circle_since import changed_since
from dispatch.web.filtered_lists import spreadsheet
from dispatch.web.language import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response

    from dispatch.circle.asked import Asked
    from dispatch.domain.return_visits import FixRow
    from dispatch.queries.circle_returns import Returns

blueprint = Blueprint("circle_returns", __name__, url_prefix=RETURNS)

SPLITS = {
    Behind.CATEGORY: say("Category"),
    Behind.PIPE: say("Pipe"),
    Behind.CREW: say("Crew that came first"),
}
OF_LIST_NAMES: dict[str, Sentence] = {
    OfList.NAMED: say("The bring list had named everything"),
    OfList.NOT_NAMED: say("The bring list had not named everything"),
    OfList.UNWRITTEN: say("No part was written down"),
}
TICKET_COLUMNS = (
    "ticket", "received_at", "category", "pipe_mm", "grid", "crew", "why", "lacked",
    "named_by_list", "second_visit_minutes",
)  # fmt: skip


@blueprint.get("")
@requires(Permission.SEE_FIGURES)
def page() -> str:
    """Show why repairs were not fixed the first time, and what a bring list would have saved."""
    asked, found = _found()
    seen = {Watched.FIRST_TIME_FIX: Reading.of(found.total.fixed)}
    return render_template(
        "circle_returns.html",
        **shared_words(asked),
        found=found,
        splits=[(by, name, _rows(found, by)) for by, name in SPLITS.items()],
        row_name=_namer(found),
        again_url=_again_url(asked),
        since=changed_since(asked, seen, event=found.event, now=found.as_of),
    )


@blueprint.get("/figures.csv")
@requires(Permission.EXPORT)
def figures() -> Response:
    """Send every number of the page, one a line."""
    asked, found = _found()
    rows = (dict(zip(LINE_COLUMNS, line.cells, strict=True)) for line in _lines(found))
    name = filename_of("first-time-fix", asked, "csv", found.as_of)
    return spreadsheet(LINE_COLUMNS, rows, name)


@blueprint.get("/<any(why, category, pipe, crew, part, list):behind>/<key>")
@requires(Permission.SEE_FIGURES)
def tickets(behind: str, key: str) -> str:
    """Show the tickets behind one row that were not fixed the first time."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    found = _tickets(asked, behind, key)
    return render_template(
        "circle_returns_tickets.html",
        **shared_words(asked),
        **one_page(found, asked),
        now=current_time(),
        subject=_subject(Behind(behind), key),
        path=f"{RETURNS}/{behind}/{key}",
        page_of=RETURNS,
    )


@blueprint.get("/<any(why, category, pipe, crew, part, list):behind>/<key>/tickets.csv")
@requires(Permission.EXPORT)
def table(behind: str, key: str) -> Response:
    """Send the tickets behind one row as a file."""
    zone = current_app.config["SETTINGS"].zone
    asked = read_asked(zone)
    rows = (
        {
            "ticket": one.number,
            "received_at": one.received_at.astimezone(zone).isoformat(sep=" "),
            "category": one.category,
            "pipe_mm": one.pipe_mm,
            "grid": one.grid,
            "crew": one.crew and one.crew[0],
            "why": one.why,
            "lacked": [item for item, _ in one.lacked],
            "named_by_list": [item for item, is_named in one.lacked if is_named],
            "second_visit_minutes": _minutes(one.seconds),
        }
        for one in _tickets(asked, behind, key)
    )
    name = filename_of("not-fixed-at-once", asked, "csv", current_time())
    return spreadsheet(TICKET_COLUMNS, rows, name)


def _found() -> tuple[Asked, Returns]:
    asked = read_asked(current_app.config["SETTINGS"].zone)
    return asked, returns_in(asked.period, current_scope(), asked.filters, now=current_time())


def _tickets(asked: Asked, behind: str, key: str) -> Any:
    if behind == Behind.LIST and key not in OF_LIST_NAMES:
        abort(404)
    return tickets_again(
        asked.period, current_scope(), asked.filters, (Behind(behind), key), now=current_time()
    )


def _rows(found: Returns, by: Behind) -> list[FixRow]:
    rows = {
        Behind.CATEGORY: found.by_category,
        Behind.PIPE: found.by_pipe,
        Behind.CREW: found.by_crew,
    }
    return rows[by]


def _namer(found: Returns) -> Any:
    def name(by: Behind, key: Any) -> str:
        if by is Behind.CREW:
            return local_name(*found.crews[key]) if key in found.crews else "–"
        return circle_words.pipe_name(key) if by is Behind.PIPE else _category(key)

    return name


def _category(key: str | None) -> str:
    return "–" if key is None else circle_words.category_name(key)


def _again_url(asked: Asked) -> Any:
    def url(behind: str, key: object) -> str:
        name = "none" if key is None else str(key)
        return asked.url(f"{RETURNS}/{behind}/{name}", wall=None)

    return url


def _subject(behind: Behind, key: str) -> tuple[Sentence, str] | None:
    """Return what the list is about, as a head and a name; crews are named in the rows."""
    if behind is Behind.WHY and key in WHY_NAMES:
        return say("Why"), circle_words.cause_name(key)
    if behind is Behind.CATEGORY:
        return SPLITS[behind], _category(key)
    if behind is Behind.PIPE:
        return SPLITS[behind], circle_words.pipe_name(int(key) if key.isdigit() else None)
    if behind is Behind.PART:
        return say("Missing"), circle_words.part_name(key)
    if behind is Behind.LIST:
        return say("Bring list"), worded(OF_LIST_NAMES[key])
    return None


def _lines(found: Returns) -> Iterator[Line]:
    fixed = found.total.fixed
    yield Line("total", "", "first_time_fix", fixed.rate, fixed.n)
    for why, count in found.total.whys.items():
        yield Line("total", "", f"not_fixed_{why}", count, fixed.n)
    for by in SPLITS:
        for row in _rows(found, by):
            key = row.key
            group = found.crews[key][0] if isinstance(key, int) and by is Behind.CREW else key
            name = "" if group is None else str(group)
            yield Line(by, name, "first_time_fix", row.fixed.rate, row.fixed.n)
            for why, count in row.whys.items():
                yield Line(by, name, f"not_fixed_{why}", count, row.fixed.n)
    saved = found.savings
    yield Line("bring_list", "", "return_visits_named", saved.saved.rate, saved.saved.n)
    yield Line("bring_list", "", "return_visits_unwritten", saved.unwritten)
    yield Line("bring_list", "", "second_visit_minutes", _minutes(saved.all_seconds))
    yield Line("bring_list", "", "second_visit_minutes_named", _minutes(saved.saved_seconds))
    for each in saved.items:
        yield Line("part", each.item, "named", each.named.rate, each.named.n)
        yield Line("part", each.item, "second_visit_minutes", _minutes(each.seconds))


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / circle_words.MINUTE, 1)

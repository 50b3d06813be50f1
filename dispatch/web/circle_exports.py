"""How does a manager ask for a large file, follow it, and save it later?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request
from flask import send_file as send_from
from flask_babel import format_decimal, gettext

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.exports import Wanted, ask_for_export, cancel_export, retry_export
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.export_files import ExportFiles
from dispatch.circle.asked import asked_of
from dispatch.circle.files import SMALL_EXPORT, CircleFile, Shown
from dispatch.domain.broken_promises import SplitBy, read_key
from dispatch.domain.errors import NotFound, Stale
from dispatch.domain.part_of_week import DAY_NAMES, HOURS
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.stages import STAGE_NAMES, Stage
from dispatch.queries.exports import export_for, exports_ahead, exports_for
from dispatch.queries.figures import chinese_names
from dispatch.refusals import worded
from dispatch.web import circle_words as words
from dispatch.web.circle_export import answer_small, shown_of
from dispatch.web.export_news import export_news, take_as_seen
from dispatch.web.language import current_language
from dispatch.web.rehearsal_words import STATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.wrappers import Response as AnyResponse

    from dispatch.models.exports import Export

blueprint = Blueprint("circle_exports", __name__)

HERE = "/circle/exports"
GOING = ("queued", "running")
MEGABYTE = 1_000_000
FILE_NAMES = {
    CircleFile.FIGURES_XLSX: say("Workbook with definitions (XLSX)"),
    CircleFile.FIGURES_CSV: say("Figures as CSV"),
    CircleFile.FIGURES_GEOJSON: say("Grids with figures (GeoJSON)"),
    CircleFile.ROWS_CSV: say("Rows as CSV"),
    CircleFile.ROWS_XLSX: say("Rows with definitions (XLSX)"),
}


@blueprint.get(HERE)
@requires(Permission.EXPORT)
def page() -> str:
    """Show the exports of the asker, and the file that is offered where the address names one."""
    offer = None
    if "file" in request.args:
        file, shown = _asked()
        query = shown.asked.fixed
        offer = {
            "name": worded(FILE_NAMES[file]),
            "view": _view(query),
            "tickets": shown.count(file),
            "url": url_of(file, query),
            "back": shown.address,
        }
    rows = exports_for(current_actor())
    take_as_seen()
    return render_template(
        "circle_exports.html",
        rows=[_line(row) for row in rows],
        offer=offer,
        states=STATES,
        most=SMALL_EXPORT,
        words=words,
    )


@blueprint.post(HERE)
@requires(Permission.EXPORT)
def ask() -> AnyResponse:
    """Put a large file in the queue; a small one is sent at once."""
    file, shown = _asked()
    tickets = shown.count(file)
    if tickets <= SMALL_EXPORT:
        return answer_small(file, shown)
    wanted = Wanted(str(file), shown.asked.fixed, shown.address, current_language())
    try:
        key = _ask(wanted, tickets)
    except Stale:
        key = _ask(wanted, tickets)  # The other click was a moment quicker.
    return redirect(f"{HERE}#{key}", 303)


def _ask(wanted: Wanted, tickets: int) -> str:
    with transaction():
        return ask_for_export(wanted, tickets, actor=current_actor(), now=current_time()).key


@blueprint.get(f"{HERE}/progress")
@requires(Permission.EXPORT)
def progress() -> Response:
    """Say how far each export of the asker is."""
    lines = [_line(row) for row in exports_for(current_actor())]
    return jsonify(
        exports=[
            {name: line[name] for name in ("key", "state", "percent", "said", "news")}
            for line in lines
        ],
        notice=export_news(),
    )


@blueprint.get(f"{HERE}/<key>/file")
@requires(Permission.EXPORT)
def save(key: str) -> Response:
    """Send the file of an export that is done."""
    row = export_for(key, current_actor())
    path = _files().path(row.key)
    if row.state != "done" or not path.is_file():
        raise NotFound(say("The file is not here. Make it again."))
    kind = CircleFile(row.file).kind
    answer = send_from(path, mimetype=kind, as_attachment=True, download_name=row.name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post(f"{HERE}/<key>/cancel")
@requires(Permission.EXPORT)
def cancel(key: str) -> AnyResponse:
    """Stop an export that waits or runs."""
    with transaction():
        cancel_export(export_for(key, current_actor(), for_change=True), now=current_time())
    return redirect(f"{HERE}#{key}", 303)


@blueprint.post(f"{HERE}/<key>/retry")
@requires(Permission.EXPORT)
def retry(key: str) -> AnyResponse:
    """Let an export that failed or was cancelled be made after all."""
    with transaction():
        retry_export(export_for(key, current_actor(), for_change=True))
    return redirect(f"{HERE}#{key}", 303)


def url_of(file: CircleFile, query: Mapping[str, str]) -> str:
    """Return the address at which a file of a view is offered."""
    return f"{HERE}?{urlencode({'file': str(file)} | dict(query))}"


def _asked() -> tuple[CircleFile, Shown]:
    given = request.args.to_dict()
    name = given.pop("file", "")
    if name not in list(CircleFile):
        raise NotFound(say("There is no such file of the circle."))
    zone = current_app.config["SETTINGS"].zone
    today = current_time().astimezone(zone).date()
    return CircleFile(name), shown_of(asked_of(given, "", today, zone))


def _files() -> ExportFiles:
    return ExportFiles(current_app.config["SETTINGS"].data_dir)


def _line(row: Export) -> dict[str, Any]:
    """Return an export as the page shows it."""
    return {
        "row": row,
        "key": row.key,
        "state": row.state,
        "is_going": row.state in GOING,
        "name": worded(FILE_NAMES[CircleFile(row.file)]),
        "view": _view(row.query),
        "percent": round(row.progress * 100),
        "said": _said(row),
        "news": _news(row),
        "size": "" if row.bytes is None else _size(row.bytes),
        "has_file": row.state == "done" and _files().path(row.key).is_file(),
    }


def _said(row: Export) -> str:
    """Say how far an export is that waits or runs."""
    if row.state == "queued":
        return str(
            gettext("Before it: %(count)s. One export is made at a time.", count=exports_ahead(row))
        )
    done = round(row.progress * row.tickets)
    return str(
        gettext(
            "%(done)s of %(all)s tickets written",
            done=words.whole(done),
            all=words.whole(row.tickets),
        )
    )


def _news(row: Export) -> str:
    """Say how an export ended, to whoever has the page open."""
    name = worded(FILE_NAMES[CircleFile(row.file)])
    if row.state == "done":
        return str(
            gettext("Ready to save: %(name)s, %(size)s", name=name, size=_size(row.bytes or 0))
        )
    if row.state == "failed":
        return str(gettext("This export failed: %(name)s", name=name))
    return ""


def _size(count: int) -> str:
    if count < MEGABYTE:
        return f"{format_decimal(max(round(count / 1000), 1))} kB"
    return f"{format_decimal(round(count / MEGABYTE, 1))} MB"


def _view(query: Mapping[str, str]) -> list[str]:
    """Say which days and tickets a file holds."""
    first, last = query["from"], query["to"]
    return [first if first == last else f"{first} – {last}", *_narrowed(query)]


def _narrowed(query: Mapping[str, str]) -> Iterator[str]:
    chinese = chinese_names()
    yield from _filtered(query, chinese)
    if "key" in query:
        by = SplitBy(query.get("by", SplitBy.GRID))
        group = words.split_name(read_key(query["key"], by), by, chinese)
        yield f"{worded(words.SPLIT_NAMES[by])}: {group}"
    if "stage" in query:
        stage = worded(STAGE_NAMES[Stage(query["stage"])])
        yield gettext("lost most in the stage %(stage)s", stage=stage)
    if query.get("promise") == "broken":
        yield gettext("Tickets that broke the 30 minutes")


def _filtered(query: Mapping[str, str], chinese: dict[str, dict[str, str]]) -> Iterator[str]:
    for kind in ("team", "grid"):
        if kind in query:
            yield words.group_name(query[kind], chinese[kind])
    if "category" in query:
        yield words.category_name(query["category"])
    if "level" in query:
        yield gettext("level %(level)s", level=query["level"])
    if "storm" in query:
        yield words.group_name(query["storm"] == "1", {})
    if "days" in query:
        yield worded(DAY_NAMES[query["days"]])
    if "from_hour" in query or "to_hour" in query:
        hours = (int(query.get("from_hour", 0)), int(query.get("to_hour", HOURS)))
        yield words.clock_hours(hours)

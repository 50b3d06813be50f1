"""How do grids, crews and past tickets come in through the browser, seen before they count?"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, NoReturn

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.crew_import import import_crews
from dispatch.actions.grid_import import import_grids
from dispatch.actions.ticket_import import import_past_tickets
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.categories import SKILL_NAMES
from dispatch.domain.column_map import read_column_map
from dispatch.domain.crew_fit import PARTS, VEHICLES
from dispatch.domain.crew_rows import read_crew_rows, skill_warnings
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.file_faults import FileFaults
from dispatch.domain.grid_features import GridFields, read_grid_features
from dispatch.domain.past_ticket import PastTicketReader
from dispatch.domain.permissions import Permission
from dispatch.domain.place import Datum
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import ZONE_NAMES, Zone
from dispatch.domain.strict_json import clock_time
from dispatch.domain.table_rows import read_table
from dispatch.queries.administration import counts, grid_versions
from dispatch.queries.administration import teams as team_rows
from dispatch.refusals import STATUS, worded
from dispatch.web.held_files import drop_file, held_file, hold_file

if TYPE_CHECKING:
    from typing import Any

    from werkzeug.wrappers import Response

    from dispatch.actions.ticket_import import TicketImport
    from dispatch.domain.errors import Refused

blueprint = Blueprint("admin_imports", __name__)

MOST_WARNINGS = 20


@dataclass(frozen=True)
class Outcome:
    """What an import did or would do: counts with their names, then remarks."""

    counts: list[tuple[Sentence, int]]
    remarks: list[Sentence] = field(default_factory=list)


@dataclass
class Upload:
    """One file on its way in: its name, its content, and the token under which it waits."""

    name: str
    content: bytes
    token: str


#: What is left to do once a file is read: write, and say what was written.
Write = Callable[[], Outcome]


class _Rehearsed(Exception):  # noqa: N818  it ends a preview, which is no error
    """Everything was done and is undone again."""


@blueprint.get("/admin/grids")
@requires(Permission.ADMINISTER)
def grids() -> str:
    """Show the grids in force and the form that imports more."""
    return _grids_page()


@blueprint.post("/admin/grids")
@requires(Permission.IMPORT)
def add_grids() -> Response:
    """Preview the grids of a file, or put them in force."""
    return _run(_read_grids, _grids_page, "admin_imports.grids")


@blueprint.get("/admin/teams")
@requires(Permission.ADMINISTER)
def teams() -> str:
    """Show teams and crews with shifts and skills, and the form that imports more."""
    return _teams_page()


@blueprint.post("/admin/teams")
@requires(Permission.IMPORT)
def add_crews() -> Response:
    """Preview the crews of a file, or put them on duty."""
    return _run(_read_crews, _teams_page, "admin_imports.teams")


@blueprint.get("/admin/tickets")
@requires(Permission.ADMINISTER)
def past_tickets() -> str:
    """Show how past tickets come in."""
    return _tickets_page()


@blueprint.post("/admin/tickets")
@requires(Permission.IMPORT)
def add_past_tickets() -> Response:
    """Preview past tickets, or add them."""
    return _run(_read_tickets, _tickets_page, "admin_imports.past_tickets")


def _run(read: Callable[[Upload], Write], page: Callable[..., str], endpoint: str) -> Response:
    """Do the import; without `apply` everything is done, shown, and undone.

    The file is read before the transaction opens: nobody waits for a long file to be understood.
    """
    is_real = request.form.get("step") == "apply"
    try:
        upload = _upload()
        outcome = _trial(read(upload), undo=not is_real)
    except (Invalid, NotFound) as refusal:
        answer = make_response(page(refusal=refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    if not is_real:
        return make_response(page(upload=upload, outcome=outcome))
    drop_file(upload.token)
    flash(worded(say("Imported: %(file)s.", file=upload.name)), "success")
    for remark in outcome.remarks[:3]:
        flash(worded(remark), "warning")
    return redirect(url_for(endpoint))


def _trial(write: Write, *, undo: bool) -> Outcome:
    found: list[Outcome] = []
    try:
        with transaction():
            found.append(write())
            if undo:
                _undo()
    except _Rehearsed:
        pass
    return found[0]


def _undo() -> NoReturn:
    raise _Rehearsed


def _upload() -> Upload:
    """Return the file that was sent, or the one that waits since its preview."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        with sent.stream as stream:
            content = stream.read()
        return Upload(PurePath(sent.filename).name[:80], content, hold_file(content))
    token = request.form.get("held", "")
    if not token:
        fault = say("Choose a file first.")
        raise Invalid(fault, fields={"file": fault})
    return Upload(request.form.get("held_name", "")[:80], held_file(token), token)


def _read_grids(upload: Upload) -> Write:
    form = request.form
    fields = GridFields(
        form.get("name_field", "").strip() or None,
        form.get("team_field", "").strip() or None,
        form.get("zone_field", "").strip() or None,
        _datum(form.get("datum", Datum.WGS84.value)),
    )
    drafts = read_grid_features(upload.content, upload.name, fields)

    def write() -> Outcome:
        done = import_grids(drafts, actor=current_actor(), now=current_time())
        return Outcome(
            [
                (say("new or changed"), len(done.imported)),
                (say("already there"), len(done.already_there)),
                (say("rings repaired"), len(done.repaired)),
            ],
            done.warnings[:MOST_WARNINGS],
        )

    return write


def _datum(text: str) -> Datum:
    try:
        return Datum(text)
    except ValueError:
        fault = say("Choose one of the datums.")
        raise Invalid(fault, fields={"datum": fault}) from None


def _read_crews(upload: Upload) -> Write:
    drafts = read_crew_rows(io.BytesIO(upload.content), upload.name)
    warnings = skill_warnings(drafts)[:MOST_WARNINGS]

    def write() -> Outcome:
        done = import_crews(drafts, file=upload.name, actor=current_actor(), now=current_time())
        counted = [
            (say("new"), len(done.imported)),
            (say("changed"), len(done.changed)),
            (say("already there"), len(done.already_there)),
        ]
        made = say("New teams: %(names)s.", names=", ".join(done.teams))
        return Outcome(counted, [*([made] if done.teams else []), *warnings])

    return write


def _read_tickets(upload: Upload) -> Write:
    zone = current_app.config["SETTINGS"].zone
    text = request.form.get("columns", "")
    column_map = read_column_map(text.encode(), "columns", zone)
    faults = FileFaults(upload.name)
    reader = PastTicketReader(column_map, faults, current_time())
    past = list(reader.read(read_table(io.BytesIO(upload.content), faults)))

    def write() -> Outcome:
        done: TicketImport = import_past_tickets(
            past, column_map, actor=current_actor(), now=current_time()
        )
        flagged = [
            say(
                "Kept, flagged and left out of durations: %(count)s (%(flag)s).", count=n, flag=flag
            )
            for flag, n in sorted(done.flagged.items())
        ]
        return Outcome(
            [
                (say("new"), done.imported),
                (say("already there"), done.already_there),
                (say("filtered out"), reader.filtered_out),
                (say("not located"), done.not_located),
                (say("outside every grid"), done.outside_grids),
            ],
            flagged,
        )

    return write


def _grids_page(**step: Any) -> str:
    return render_template(
        "admin_grids.html",
        grids=grid_versions(current_time()),
        zones={str(zone): worded(ZONE_NAMES[zone]) for zone in Zone},
        datums=[(each.value, each.value.upper()) for each in Datum],
        **_step_words(**step),
    )


def _teams_page(**step: Any) -> str:
    return render_template(
        "admin_teams.html",
        teams=team_rows(current_time()),
        skill_names={key: worded(name) for key, name in SKILL_NAMES.items()},
        vehicle_names={key: worded(each.name) for key, each in VEHICLES.items()},
        part_names={key: worded(name) for key, name in PARTS.items()},
        clock_time=clock_time,
        **_step_words(**step),
    )


def _tickets_page(**step: Any) -> str:
    return render_template(
        "admin_tickets.html", counts=counts(current_time()), **_step_words(**step)
    )


def _step_words(
    *,
    upload: Upload | None = None,
    outcome: Outcome | None = None,
    refusal: Refused | None = None,
) -> dict[str, object]:
    faults = list(refusal.fields.values()) if refusal else []
    places = refusal.facts.get("refused") if refusal else None
    rows = places if isinstance(places, list) else [{} for _ in faults]
    return {
        "typed": request.form,
        "upload": upload,
        "outcome": outcome
        and {
            "counts": [(worded(name), number) for name, number in outcome.counts],
            "remarks": [worded(each) for each in outcome.remarks],
        },
        "problem": worded(refusal.sentence) if refusal else None,
        "faults": [
            {**place, "reason": worded(fault)} for place, fault in zip(rows, faults, strict=False)
        ],
    }

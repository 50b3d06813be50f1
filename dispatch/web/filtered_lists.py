"""How is a list with filters answered, as a page and as a spreadsheet?"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from flask import make_response, render_template, request

from dispatch.domain.spreadsheet import safe_cell
from dispatch.refusals import STATUS, worded
from dispatch.web.language import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused
    from dispatch.domain.sentences import Sentence


def chosen_of(possible: Mapping[str, Iterable[Any]]) -> dict[str, str]:
    """Read the filters of an address; what cannot be meant is "" and lets everything through."""
    given = {name: request.args.get(name, "").strip() for name in possible}
    return {
        name: value if value in {str(each) for each in possible[name]} else ""
        for name, value in given.items()
    }


def named(chosen: Mapping[str, str]) -> dict[str, Any]:
    """Return the filters that are set, for an address."""
    return {name: value for name, value in chosen.items() if value}


def options_of(names: Mapping[Any, Sentence]) -> list[tuple[str, str]]:
    """Return the keys of a closed list with their names in the reader's language."""
    return [(str(key), worded(name)) for key, name in names.items()]


def team_options(rows: Iterable[Any]) -> list[tuple[str, str]]:
    """Return the teams of a query to choose from."""
    return [(str(row.id), local_name(row.name, row.name_zh)) for row in rows]


def answered(template: str, refusal: Refused | None, **known: Any) -> Response:
    """Return a page; after a refusal with its status, its sentences and what was typed."""
    answer = make_response(
        render_template(
            template,
            typed=request.form if refusal else {},
            problem=worded(refusal.sentence) if refusal else None,
            faults={name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
            **known,
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


def spreadsheet(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], filename: str
) -> Response:
    """Return rows for a spreadsheet: UTF-8 with a mark, no formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(row[name]) for name in columns])
    answer = make_response("\ufeff" + text.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer

"""What may everybody read, and who decides it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.public_page import store_public_page
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.public_page import (
    DAYS,
    LONGEST_TEXT,
    PUBLIC_MEANING,
    PUBLIC_NAMES,
    TEXTS,
    PublicPage,
    page_from,
)
from dispatch.domain.sentences import say
from dispatch.queries.public_page import public_page
from dispatch.refusals import STATUS, worded
from dispatch.web.public_page import public_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused
    from dispatch.domain.sentences import Sentence

blueprint = Blueprint("admin_public_page", __name__)

HERE = "/admin/public"


@blueprint.get(HERE)
@requires(Permission.ADMINISTER)
def form() -> str:
    """Show what everybody may read, as a form."""
    found, version = public_page()
    figures = [str(each) for each in found.figures]
    return _form(found.texts, figures, version, is_open=found.is_open)


@blueprint.get(f"{HERE}/preview")
@requires(Permission.ADMINISTER)
def preview() -> str:
    """Show the page as everybody would read it, open or not."""
    found, _version = public_page()
    return public_html(found, current_time(), is_preview=True)


@blueprint.post(HERE)
@requires(Permission.ADMINISTER)
def store() -> Response:
    """Put what was typed in force; it comes back when it is refused."""
    figures = request.form.getlist("figures")
    texts = {name: request.form.get(name, "") for name in TEXTS}
    is_open = "open" in request.form
    seen = request.form.get("version", 0, type=int)
    try:
        wanted = page_from(figures, texts, is_open=is_open)
        with transaction():
            store_public_page(wanted, actor=current_actor(), now=current_time(), seen_version=seen)
    except (Invalid, Stale) as refusal:
        answer = make_response(_form(texts, figures, seen, is_open=is_open, refusal=refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    flash(worded(_done(wanted)), "success")
    return redirect(HERE)


def _done(wanted: PublicPage) -> Sentence:
    if wanted.is_open:
        return say("Everybody can read this page now.")
    return say("This is kept. Nobody else can read it yet.")


def _form(
    texts: Mapping[str, str],
    figures: Sequence[str],
    version: int,
    *,
    is_open: bool,
    refusal: Refused | None = None,
) -> str:
    return render_template(
        "admin_public_page.html",
        texts=texts,
        figures=figures,
        version=version,
        is_open=is_open,
        names=PUBLIC_NAMES,
        meanings=PUBLIC_MEANING,
        days=DAYS,
        longest=LONGEST_TEXT,
        problem=worded(refusal.sentence) if refusal else None,
        errors={name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
    )

"""What does everybody read about how the utility keeps its promises?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import generate_csrf

from dispatch.access import current_time, requires
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Permission
from dispatch.domain.public_page import (
    PUBLIC_MEANING,
    PUBLIC_NAMES,
    SHARES,
    PublicFigure,
    PublicPage,
)
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import LEVEL_NAMES, Level
from dispatch.queries.policies import policy_in_force
from dispatch.queries.public_page import KEPT_FOR, public_numbers, public_page, public_period
from dispatch.refusals import worded_in
from dispatch.web import circle_words
from dispatch.web.language import current_language
from dispatch.web.policy_form import PROMISES, budget_sentence, form_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.sentences import Sentence

blueprint = Blueprint("public_page", __name__)

SHOWN_PROMISES = (
    "call_back",
    "arrive.town",
    "arrive.suburb",
    "arrive.in_circle",
    "arrive.night",
    "restore",
    "repair",
)
"""What a resident is promised; when a crew is sent is the desk's own affair."""


@blueprint.get("/public")
@requires(Permission.PUBLIC)
def page() -> Response:
    """Show everybody the figures that were chosen, the promises, the scope and the fees."""
    # The page holds the token of the form that switches the language.
    generate_csrf()
    answer = make_response(public_html(_open_page(), current_time()))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "all"
    return answer


@blueprint.get("/public.json")
@requires(Permission.PUBLIC)
def as_json() -> Response:
    """Give the same to programs, every word in both languages."""
    found = _open_page()
    zone, now = current_app.config["SETTINGS"].zone, current_time()
    as_of, numbers = public_numbers(zone, now)
    period = public_period(zone, now)
    answer = jsonify(
        {
            "utility": current_app.config["SETTINGS"].utility_name,
            "as_of": as_of.isoformat(),
            "first_day": str(period.first),
            "last_day": str(period.last),
            "least_n": MINIMUM_SAMPLE,
            "figures": [
                numbers[each].as_json()
                | _both("name", PUBLIC_NAMES[each])
                | _both("meaning", PUBLIC_MEANING[each])
                for each in found.figures
            ],
            "promises": [_promise_as_json(level) for level in Level],
            "scope": _texts(found, "scope"),
            "fees": _texts(found, "fees"),
        }
    )
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:16])
    answer.headers["Cache-Control"] = f"public, max-age={round(KEPT_FOR.total_seconds())}"
    answer.headers["X-Robots-Tag"] = "all"
    answer.make_conditional(request)
    return answer


def public_html(found: PublicPage, now: datetime, *, is_preview: bool = False) -> str:
    """Write the page that everybody reads; a preview says that it is one."""
    zone = current_app.config["SETTINGS"].zone
    as_of, numbers = public_numbers(zone, now)
    is_chinese = current_language() == "zh-CN"
    return render_template(
        "public_page.html",
        numbers=[numbers[each] for each in found.figures],
        names=PUBLIC_NAMES,
        meanings=PUBLIC_MEANING,
        shares=SHARES,
        PublicFigure=PublicFigure,
        levels=[
            (LEVEL_NAMES[level], _categories(level), _promises_of(level))
            for level in Level
            if _promises_of(level)
        ],
        scope=found.text("scope", chinese=is_chinese),
        fees=found.text("fees", chinese=is_chinese),
        period=public_period(zone, now),
        as_of=as_of,
        words=circle_words,
        minimum=MINIMUM_SAMPLE,
        is_preview=is_preview,
    )


def _open_page() -> PublicPage:
    found, _version = public_page()
    if not found.is_open:
        raise NotFound(say("This page is not open to everybody."))
    return found


def _categories(level: Level) -> list[Sentence]:
    return [rule.name for rule in CATEGORIES if rule.level is level]


def _promises_of(level: Level) -> list[tuple[Sentence, Sentence]]:
    """Return what a level is promised from the call on: the name of each promise and its time."""
    form = form_of(policy_in_force().policy)
    typed = {each: form[f"levels.{level}.{each}"] for each in SHOWN_PROMISES}
    return [(PROMISES[each], budget_sentence(text)) for each, text in typed.items() if text]


def _promise_as_json(level: Level) -> dict[str, Any]:
    return {
        "level": int(level),
        **_both("name", LEVEL_NAMES[level]),
        "categories": [
            {"key": rule.key} | _both("name", rule.name)
            for rule in CATEGORIES
            if rule.level is level
        ],
        "promises": [
            _both("name", name) | _both("within", within) for name, within in _promises_of(level)
        ],
    }


def _both(name: str, sentence: Sentence) -> dict[str, str]:
    return {name: worded_in("en", sentence), f"{name}_zh": worded_in("zh-CN", sentence)}


def _texts(found: PublicPage, name: str) -> dict[str, str]:
    return {"en": found.texts.get(name, ""), "zh-CN": found.texts.get(f"{name}_zh", "")}

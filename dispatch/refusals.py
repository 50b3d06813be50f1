"""Which status and words does a refusal get, as a page or as JSON?"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Response, g, jsonify, make_response, redirect, render_template, request
from flask import url_for as flask_url_for
from flask_babel import force_locale, get_locale, get_timezone, gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from dispatch.domain.errors import (
    Forbidden,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    Reused,
    Stale,
    TooMany,
)
from dispatch.domain.instants import clock_words
from dispatch.domain.permissions import RESIDENT
from dispatch.domain.sentences import LocalName, Sentence, say

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.exc import SQLAlchemyError
    from werkzeug.wrappers import Response as AnyResponse

log = logging.getLogger(__name__)

LOCALES = {"en": "en", "zh-CN": "zh_Hans_CN"}

STATUS: dict[type[Refused], tuple[int, str]] = {
    Invalid: (422, "invalid"),
    NotAllowed: (403, "not_allowed"),
    NotSignedIn: (401, "not_signed_in"),
    NotFound: (404, "not_found"),
    Forbidden: (409, "forbidden_step"),
    Stale: (409, "stale"),
    Reused: (422, "key_reused"),
    TooMany: (429, "too_many"),
}

HTTP_SENTENCES: dict[int, Sentence] = {
    400: say("The request could not be read. Send well-formed input in UTF-8."),
    403: say("You may not do this. Ask an administrator for the permission."),
    404: say("There is nothing at this address, or it is not yours to see."),
    405: say("This address does not take that kind of request."),
    413: say("The request is larger than this address takes. Send less at once."),
    415: say("Send JSON with the header Content-Type: application/json."),
    422: say("Some fields are wrong. Each is named with its mend."),
    428: say('Say which version you saw: send the header If-Match, for example "3".'),
    429: say("Too many requests. Wait a minute and try again."),
    500: say(
        "Something broke on our side. Nothing was changed; try again or tell the administrator."
    ),
    503: say("The database is busy or away. Nothing was changed; try again in a moment."),
}
AGAIN_SECONDS = 5
"""After so long a program asks again that found the database busy."""


NO_FORM_TOKEN = say(
    "The form is too old, or came from another page. Load the page again and send it once more; "
    "a program sends its token."
)


UNKNOWN_HOST = say("This server does not answer to that host name.")


def worded(sentence: Sentence) -> str:
    """Word a sentence in the reader's language, instants as the clock of the utility shows them."""
    values = {name: _worded_value(value) for name, value in sentence.values.items()}
    return str(gettext(sentence.text, **values))


def worded_in(language: str, sentence: Sentence) -> str:
    """Word a sentence in a given language, also where nobody asks, as for a message."""
    with force_locale(LOCALES.get(language, "en")):
        return worded(sentence)


def _worded_value(value: Any) -> Any:
    if isinstance(value, Sentence):
        return worded(value)
    if isinstance(value, LocalName):
        return value.chinese if is_chinese() and value.chinese else str(value)
    if isinstance(value, datetime):
        return clock_words(value, get_timezone(), g.get("now"), in_chinese=is_chinese())
    return value


def is_chinese() -> bool:
    """Tell whether words are to be Chinese just now."""
    return str(get_locale()).startswith("zh")


def answer_refusal(refusal: Refused) -> AnyResponse:
    """Answer a refused request: JSON for programs, a page for people."""
    status, code = STATUS[type(refusal)]
    if isinstance(refusal, NotSignedIn) and not wants_json():
        # A form that was refused cannot be shown again by its address; the page before it can.
        back = request.full_path if request.method == "GET" else request.referrer or "/"
        return redirect(flask_url_for("sign_in.page", next=back))
    return _answer(
        status,
        code,
        worded(refusal.sentence),
        fields={name: worded(each) for name, each in refusal.fields.items()},
        facts=refusal.facts,
    )


def answer_http_error(fault: HTTPException) -> AnyResponse:
    """Answer an error of the web layer in the same two forms."""
    if fault.code is None or fault.code < 400:  # noqa: PLR2004  a redirect is an answer, not an error
        return make_response(fault.get_response())
    if isinstance(fault, SecurityError):
        # A page of ours names addresses, and to a host that is not ours there are none.
        return Response(worded(UNKNOWN_HOST), fault.code, mimetype="text/plain")
    sentence = HTTP_SENTENCES.get(fault.code, HTTP_SENTENCES[400])
    if isinstance(fault, CSRFError):
        sentence = NO_FORM_TOKEN
    answer = _answer(fault.code, fault.name.lower().replace(" ", "_"), worded(sentence), {}, {})
    for name, value in fault.get_headers():
        if name.lower() in {"retry-after", "allow"}:
            answer.headers[name] = value
    return answer


def answer_database_fault(fault: SQLAlchemyError) -> AnyResponse:
    """Answer while the database is busy or away, without asking it who reads the answer."""
    log.error("the database does not answer", exc_info=fault)
    g.actor = RESIDENT
    answer = _answer(503, "service_unavailable", worded(HTTP_SENTENCES[503]), {}, {})
    answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    return answer


def wants_json() -> bool:
    """Tell whether the asker is a program: the API, or a script of our own pages."""
    return request.path.startswith(("/api/", "/open311/")) or (
        request.accept_mimetypes.best == "application/json"
    )


def _answer(
    status: int,
    code: str,
    message: str,
    fields: dict[str, str],
    facts: dict[str, object],
) -> Response:
    if wants_json():
        error = {"code": code, "message": message, "fields": fields, "facts": facts}
        answer = jsonify({"error": error})
    else:
        page = render_template("error.html", status=status, message=message, fields=fields)
        answer = make_response(page)
    answer.status_code = status
    return answer


def register_refusals(app: Flask) -> None:
    """Let every refusal and web error of the application be answered here."""
    for kind in STATUS:
        app.register_error_handler(kind, answer_refusal)
    app.register_error_handler(HTTPException, answer_http_error)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(away, answer_database_fault)

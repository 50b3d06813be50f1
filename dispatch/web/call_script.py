"""What does somebody who calls a reporter say, in the reporter's language and the other one?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app
from flask_babel import force_locale, gettext

from dispatch.domain.follow_up import Round
from dispatch.domain.sentences import Sentence, say
from dispatch.refusals import LOCALES, worded
from dispatch.web.page_context import short_day

if TYPE_CHECKING:
    from datetime import datetime

GREETINGS: dict[Round, Sentence] = {
    Round.SAME_DAY: say(
        "Good day, this is %(utility)s. On %(day)s we were at %(address)s: %(fault)s."
    ),
    Round.DAY_7: say(
        "Good day, this is %(utility)s. A week ago, on %(day)s, we were at %(address)s: %(fault)s."
    ),
    Round.AUDIT: say(
        "Good day, I am a manager of %(utility)s and did not take part in the work. On %(day)s we "
        "were at %(address)s: %(fault)s. I would like to hear from you how it went."
    ),
}
LINES = (
    say("Is it fixed? You may also rather not say."),
    say("From 1 to 5: how satisfied are you with how we worked, from the call to the end?"),
    say("And with the result, from 1 to 5?"),
    say("Is there anything else that we should know?"),
    say("Thank you. If it is not fixed, another crew comes to check; you need not report again."),
)
YOUR_PLACE = say("your place")


def script_for(call: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return the lines of a call in every language, the reporter's own first."""
    own = call["language"] if call["language"] in LOCALES else "zh-CN"
    languages = sorted(LOCALES, key=lambda each: each != own)
    return [(language, _lines(call, language)) for language in languages]


def _lines(call: dict[str, Any], language: str) -> list[str]:
    with force_locale(LOCALES[language]):
        about: datetime = call["about_at"]
        greeting = gettext(
            GREETINGS[Round(call["round"])].text,
            utility=current_app.config["SETTINGS"].utility_name,
            day=short_day(about),
            address=call["address"] or worded(YOUR_PLACE),
            fault=worded(call["category_name"]),
        )
        return [greeting, *(worded(line) for line in LINES)]

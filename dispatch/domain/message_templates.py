"""What does a message say at each step, and which fields may its text hold?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dispatch.domain.crew_news import CrewStep
from dispatch.domain.errors import Invalid
from dispatch.domain.notice_news import NewsStep
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 1000
LONGEST_STEP = 64
OTHER_STEP = "other"
REPORT_STEP = "circle_report"
"""The template of the mail that a scheduled report is."""
TEST_STEP = "test"
"""The step of a test event to an endpoint."""

_RESIDENT = ("number", "category", "link", "stop_link", "arrive_by", "utility", "hotline")
_FROM_DESK = (*_RESIDENT, "words")
_NEWS = ("utility", "hotline", "area", "kind", "begins", "ends", "words", "link", "stop_link")
_TO_CONFIRM = ("utility", "link")
_REPORT = ("utility", "words")
_STAFF = ("number", "category", "level", "clock", "percent", "due", "late", "link", "utility")
_CREW = ("number", "category", "level", "arrive_by", "utility")
_STAFF_STEPS = frozenset(
    {
        EventKind.CLOCK_WARNING,
        EventKind.CLOCK_BREACHED,
        EventKind.CLOCK_ESCALATED,
        EventKind.RELEASED,
    }
)
FIELD_WORDS: dict[str, Sentence] = {
    "number": say("number of the ticket"),
    "category": say("kind of fault"),
    "link": say("address of the page of this ticket"),
    "stop_link": say("address where messages are switched off"),
    "arrive_by": say("time by which a crew is promised"),
    "utility": say("name of the utility"),
    "hotline": say("telephone number for emergencies"),
    "level": say("level from 1 to 4"),
    "clock": say("promise that is at stake"),
    "percent": say("how much of the time is used, in per cent"),
    "due": say("time of the promise"),
    "late": say("how many minutes it is late"),
    "words": say("what the desk wrote, or what a report says"),
    "area": say("area of the interruption"),
    "kind": say("why the supply is interrupted"),
    "begins": say("beginning of the interruption"),
    "ends": say("expected end of the interruption"),
}
DEFAULTS: dict[str, Sentence] = {
    EventKind.REPORT_RECEIVED: say(
        "%(utility)s: we have your report %(number)s (%(category)s). Follow it: %(link)s"
    ),
    EventKind.REPORT_MERGED: say(
        "%(utility)s: your report was added to %(number)s (%(category)s), which is known to us. "
        "Follow it: %(link)s"
    ),
    EventKind.DISPATCHED: say("%(utility)s: a crew was sent for %(number)s. %(link)s"),
    EventKind.SET_OFF: say(
        "%(utility)s: the crew for %(number)s is on its way. See when it comes: %(link)s"
    ),
    EventKind.ARRIVED: say("%(utility)s: the crew for %(number)s has arrived. %(link)s"),
    EventKind.COMPLETED: say(
        "%(utility)s: the work on %(number)s is done. Is it fixed? Tell us: %(link)s"
    ),
    EventKind.CANCELLED: say("%(utility)s: %(number)s was cancelled. %(link)s"),
    EventKind.REOPENED: say("%(utility)s: we look at %(number)s again. %(link)s"),
    EventKind.SOLVED_BY_PHONE: say("%(utility)s: %(number)s was solved by phone. %(link)s"),
    EventKind.ANSWERED_BY_NOTICE: say(
        "%(utility)s: %(number)s is part of an interruption that we know of. %(link)s"
    ),
    EventKind.REPORTERS_TOLD: say("%(utility)s, %(number)s: %(words)s %(link)s"),
    EventKind.CLOCK_WARNING: say(
        "%(number)s, %(category)s, level %(level)s: %(percent)s %% of the time is used, "
        "“%(clock)s” is due at %(due)s. %(link)s"
    ),
    EventKind.CLOCK_BREACHED: say(
        "%(number)s, %(category)s, level %(level)s: “%(clock)s” was due at %(due)s and is broken. "
        "%(link)s"
    ),
    EventKind.CLOCK_ESCALATED: say(
        "%(number)s, %(category)s, level %(level)s: “%(clock)s” was due at %(due)s and is broken, "
        "%(percent)s %% of its time is used. %(link)s"
    ),
    EventKind.RELEASED: say(
        "%(number)s, %(category)s, level %(level)s: the pause ended at %(due)s, the ticket goes on "
        "by itself. %(link)s"
    ),
    NewsStep.CONFIRM: say(
        "%(utility)s: somebody asked us to write here before the water is interrupted. Was it you? "
        "Confirm it: %(link)s If not, do nothing."
    ),
    NewsStep.TOLD: say(
        "%(utility)s: interruption of the water supply (%(kind)s) in %(area)s from %(begins)s to "
        "about %(ends)s. %(words)s %(link)s No more of this: %(stop_link)s"
    ),
    NewsStep.CHANGED: say(
        "%(utility)s: news of the interruption in %(area)s (%(kind)s): now from %(begins)s to "
        "about %(ends)s. %(words)s %(link)s No more of this: %(stop_link)s"
    ),
    NewsStep.OVER: say(
        "%(utility)s: the interruption in %(area)s is over for your place before its time. No "
        "water all the same? Call %(hotline)s. No more of this: %(stop_link)s"
    ),
    CrewStep.SENT: say("%(category)s, level %(level)s. Be there by %(arrive_by)s."),
    CrewStep.TAKEN_AWAY: say("%(category)s, level %(level)s. You need not go there."),
    CrewStep.ASKED: say("%(category)s, level %(level)s. Another crew asks you to take over."),
    REPORT_STEP: say("%(utility)s, figures of the circle: %(words)s"),
    OTHER_STEP: say("%(utility)s: there is news of %(number)s. %(link)s"),
}
"""The text of each step unless somebody wrote another; `other` is every step without its own."""

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def fields_of(step: str) -> tuple[str, ...]:
    """Return the fields that the texts of a step may hold."""
    if step == EventKind.REPORTERS_TOLD:
        return _FROM_DESK
    if step in set(NewsStep):
        return _TO_CONFIRM if step == NewsStep.CONFIRM else _NEWS
    if step == REPORT_STEP:
        return _REPORT
    if step in set(CrewStep):
        return _CREW
    return _STAFF if step in _STAFF_STEPS else _RESIDENT


def as_template(worded: str) -> str:
    """Return a catalogue text with `{number}` in place of its own placeholders."""
    plain = worded.replace("{", "{{").replace("}", "}}").replace("%%", "%")
    return re.sub(r"%\((\w+)\)s", r"{\1}", plain)


def check_template(step: str, text: str, field: str = "text") -> str:
    """Return a text whose every field is known at its step.

    Raises:
        Invalid: naming the unknown field and those that are known, a lone brace, or the length.
    """
    tidy = text.strip()
    if not tidy or len(tidy) > LONGEST_TEXT:
        fault = say("Write a text of 1 to 1,000 characters.")
        raise Invalid(fault, fields={field: fault})
    known = fields_of(step)
    for found in _BRACES.finditer(tidy):
        name = found[1]
        if name is None and len(found[0]) == 1:
            fault = say("A single { or } has no partner. Write {{ or }} for the sign itself.")
            raise Invalid(fault, fields={field: fault})
        if name is not None and name not in known:
            fault = say(
                "There is no field {%(name)s} here. Known are: %(known)s.",
                name=name,
                known=", ".join(f"{{{each}}}" for each in known),
            )
            raise Invalid(fault, fields={field: fault})
    if step in {EventKind.REPORTERS_TOLD, REPORT_STEP} and "{words}" not in tidy:
        fault = say("Without {words} nobody reads what this message is about.")
        raise Invalid(fault, fields={field: fault})
    return tidy


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a checked text with its fields filled; a field without a value is a dash."""

    def one(found: re.Match[str]) -> str:
        return found[0][0] if found[1] is None else values.get(found[1]) or "–"

    return _BRACES.sub(one, text)


def default_of(step: str) -> Sentence:
    """Return the default text of a step."""
    return DEFAULTS.get(step, DEFAULTS[OTHER_STEP])

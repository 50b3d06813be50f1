"""How are the promises written in a form that a person can read and change?"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dispatch.domain.arrival import ArrivalRules
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import LEVEL_NAMES, Level, ServicePolicy
from dispatch.domain.visit_state import HoldReason
from dispatch.web.asking_form import asking_form, asking_from
from dispatch.web.task_form import task_form_of, tasks_from

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTES_AN_HOUR = 60
LONGEST_AS_MINUTES = 120
_BUDGET = re.compile(r"(\d{1,6})\s*(min|h|d)?", re.IGNORECASE | re.ASCII)

PROMISES: dict[str, Sentence] = {
    "dispatch": say("Send a crew"),
    "acknowledge": say("Crew accepts"),
    "call_back": say("Call back"),
    "arrive.town": say("Arrive, town"),
    "arrive.suburb": say("Arrive, suburb"),
    "arrive.in_circle": say("Arrive, inside the circle"),
    "arrive.night": say("Arrive, at night"),
    "restore": say("Stop or restore water"),
    "repair": say("Repair"),
    "repair_large_main": say("Repair, large main"),
}
WEEKDAYS: tuple[Sentence, ...] = (
    say("Monday"),
    say("Tuesday"),
    say("Wednesday"),
    say("Thursday"),
    say("Friday"),
    say("Saturday"),
    say("Sunday"),
)


def form_of(policy: ServicePolicy) -> dict[str, str]:
    """Return the text of every field of the form."""
    stored = policy.as_json()
    form = {
        f"levels.{level}.{promise}": budget_text(_at(stored["levels"][str(int(level))], promise))
        for level in Level
        for promise in PROMISES
    }
    calendar = stored["calendar"]
    return form | {
        "follow_up": budget_text(stored["follow_up"]),
        "dispute": budget_text(stored["dispute"]),
        **{f"holds.{each}": budget_text(stored["holds"][each]) for each in HoldReason},
        "night.0": stored["night"][0],
        "night.1": stored["night"][1],
        "ladder": " ".join(f"{step:g}" for step in stored["ladder"]),
        "circle_minutes": str(stored["circle_minutes"]),
        "large_main_mm": str(stored["large_main_mm"]),
        **{f"arrival.{name}": str(number) for name, number in stored["arrival"].items()},
        **asking_form(stored["asking"]),
        "calendar.zone": calendar["zone"],
        "calendar.hours": ", ".join("-".join(span) for span in calendar["hours"]),
        "calendar.weekdays": " ".join(map(str, calendar["weekdays"])),
        "calendar.holidays": "\n".join(calendar["holidays"]),
        "calendar.working_weekends": "\n".join(calendar["working_weekends"]),
        **task_form_of(policy.tasks, budget_text),
    }


def policy_from(form: Mapping[str, str]) -> ServicePolicy:
    """Read the form.

    Raises:
        Invalid: its fields are named as in the form.
    """
    faults: dict[str, Sentence] = {}
    stored = {
        "levels": {str(int(level)): _level(form, int(level), faults) for level in Level},
        "calendar": {
            "zone": form.get("calendar.zone", "").strip(),
            "hours": [part.strip().split("-") for part in _parts(form, "calendar.hours", ",;，；")],
            "weekdays": [_whole(each) for each in _parts(form, "calendar.weekdays")],
            "holidays": _parts(form, "calendar.holidays"),
            "working_weekends": _parts(form, "calendar.working_weekends"),
        },
        "follow_up": _budget(form, "follow_up", faults),
        "dispute": _budget(form, "dispute", faults),
        "holds": {str(each): _budget(form, f"holds.{each}", faults) for each in HoldReason},
        "night": [form.get(f"night.{n}", "").strip() for n in range(2)],
        "ladder": [_number(each) for each in _parts(form, "ladder")],
        "circle_minutes": _whole(form.get("circle_minutes", "")),
        "large_main_mm": _whole(form.get("large_main_mm", "")),
        "arrival": {
            each.name: _whole(form.get(f"arrival.{each.name}", "")) for each in fields(ArrivalRules)
        },
        "asking": asking_from(form),
        "tasks": tasks_from(form, _budget, faults),
    }
    try:
        policy = ServicePolicy.from_json(stored)
    except Invalid as refusal:
        for path, fault in refusal.fields.items():
            faults.setdefault(field_of(path, form), fault)
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)
    return policy


def field_of(path: str, form: Mapping[str, str]) -> str:
    """Return the field of the form that a dotted name of the policy belongs to."""
    parts = path.split(".")
    while parts:
        name = ".".join(parts)
        if name in form:
            return name
        if f"{name}.town" in form or f"{name}.0" in form:
            return f"{name}.town" if f"{name}.town" in form else f"{name}.0"
        parts.pop()
    # A rule of the calendar or of the whole names its field without the folder it is in.
    return f"calendar.{path}" if f"calendar.{path}" in form else path


def budget_text(budget: dict[str, Any] | None) -> str:
    """Write a budget as it is typed: `30 min`, `4 h`, `3 d` working days, `0 d` the same day."""
    if budget is None:
        return ""
    if "minutes" in budget:
        minutes = budget["minutes"]
        if minutes % MINUTES_AN_HOUR or minutes < LONGEST_AS_MINUTES:
            return f"{minutes} min"
        return f"{minutes // MINUTES_AN_HOUR} h"
    return f"{budget.get('working_days', 0)} d"


def budget_sentence(text: str) -> Sentence:
    """Say a typed budget in words."""
    if not text:
        return say("–")
    number, unit = text.split(" ")
    if unit == "min":
        return say("%(n)s min", n=number)
    if unit == "h":
        return say("%(n)s h", n=number)
    if number == "0":
        return say("the same working day")
    return say("%(n)s working days", n=number)


def level_heads() -> list[tuple[int, Sentence]]:
    """Return the four levels with their names."""
    return [(int(level), LEVEL_NAMES[level]) for level in Level]


def _at(level: dict[str, Any], promise: str) -> dict[str, Any] | None:
    found: Any = level
    for name in promise.split("."):
        found = found and found.get(name)
    return found or None


def _level(form: Mapping[str, str], level: int, faults: dict[str, Sentence]) -> dict[str, Any]:
    found = {promise: _budget(form, f"levels.{level}.{promise}", faults) for promise in PROMISES}
    arrive = {
        name.partition(".")[2]: budget
        for name, budget in found.items()
        if name.startswith("arrive.")
    }
    rest = {name: budget for name, budget in found.items() if "." not in name}
    return rest | {"arrive": arrive if any(arrive.values()) else None}


def _budget(
    form: Mapping[str, str], name: str, faults: dict[str, Sentence]
) -> dict[str, Any] | None:
    typed = form.get(name, "").strip()
    if not typed:
        return None
    match = _BUDGET.fullmatch(typed)
    if match is None:
        faults[name] = say("Write 30 min, 4 h or 3 d (working days), or leave it empty.")
        return None
    number, unit = int(match[1]), (match[2] or "min").lower()
    if unit == "d":
        return {"working_days": number} if number else {"same_working_day": True}
    return {"minutes": number * (MINUTES_AN_HOUR if unit == "h" else 1)}


def _parts(form: Mapping[str, str], name: str, separators: str = ",;，；、 \n\r\t") -> list[str]:
    return [part for part in re.split(f"[{separators}]+", form.get(name, "").strip()) if part]


def _whole(text: str) -> int | str:
    stripped = text.strip()
    return int(stripped) if re.fullmatch(r"\d{1,9}", stripped, re.ASCII) else stripped


def _number(text: str) -> float | str:
    return float(text) if re.fullmatch(r"\d{1,3}(\.\d{1,4})?", text, re.ASCII) else text

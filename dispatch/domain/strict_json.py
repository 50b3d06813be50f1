"""Is this JSON exactly what we expect, and if not, which fields are wrong?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar, cast

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

T = TypeVar("T")
Reader = Callable[[object, str], T]

MINUTES_A_DAY = 24 * 60
LARGEST_ROW_ID = 2**53
"""A larger number is no key of ours, JSON does not keep it, and a database may refuse it."""
_CLOCK_TIME = re.compile(r"([0-2][0-9]):([0-5][0-9])", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def wrong(path: str, fault: Sentence) -> Invalid:
    """Make the refusal of one field; `path` is its dotted name."""
    return wrong_fields({path: fault})


def wrong_fields(faults: Mapping[str, Sentence]) -> Invalid:
    """Make one refusal of several fields; its sentence is about the first."""
    path, fault = next(iter(faults.items()))
    return Invalid(say("%(field)s: %(fault)s", field=path, fault=fault), fields=dict(faults))


def joined(path: str, name: object) -> str:
    """Return the dotted name of a field inside another."""
    return f"{path}.{name}" if path else str(name)


def read_object(value: object, path: str, readers: Mapping[str, Reader[Any]]) -> dict[str, Any]:
    """Read an object that has exactly the named fields, reporting every fault at once."""
    if not isinstance(value, dict):
        raise wrong(path, say("This must be an object with named fields."))
    faults = {joined(path, n): say("This field is not known.") for n in value if n not in readers}
    found = {}
    for name, read in readers.items():
        if name not in value:
            faults[joined(path, name)] = say("This field is missing.")
            continue
        try:
            found[name] = read(value[name], joined(path, name))
        except Invalid as refusal:
            faults.update(refusal.fields)
    if faults:
        raise wrong_fields(faults)
    return found


def build(make: Callable[..., T], path: str, found: Mapping[str, Any]) -> T:
    """Make a value of what was read; a refusal by its own rules names its fields under `path`."""
    try:
        return make(**found)
    except Invalid as refusal:
        faults = {joined(path, name): fault for name, fault in refusal.fields.items()}
        raise wrong_fields(faults) from refusal


def read_list(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """Return a reader of a list whose members are all read by `read`."""

    def reader(value: object, path: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise wrong(path, say("This must be a list."))
        found, faults = [], {}
        for index, member in enumerate(value):
            try:
                found.append(read(member, joined(path, index)))
            except Invalid as refusal:
                faults.update(refusal.fields)
        if faults:
            raise wrong_fields(faults)
        return tuple(found)

    return reader


def read_optional(read: Reader[T]) -> Reader[T | None]:
    """Return a reader that takes null for "there is none"."""
    return lambda value, path: None if value is None else read(value, path)


def read_whole(low: int, high: int) -> Reader[int]:
    """Return a reader of a whole number from `low` to `high`, both allowed."""

    def reader(value: object, path: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise wrong(
            path, say("This must be a whole number from %(low)s to %(high)s.", low=low, high=high)
        )

    return reader


def read_number(low: float, high: float) -> Reader[float]:
    """Return a reader of a finite number from `low` to `high`, both allowed."""

    def reader(value: object, path: str) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and low <= cast("float", value) <= high:
            return float(cast("float", value))
        raise wrong(
            path, say("This must be a number from %(low)s to %(high)s.", low=low, high=high)
        )

    return reader


def read_date(value: object, path: str) -> date:
    """Read a date such as 2026-02-17."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise wrong(path, say("This must be a date such as 2026-02-17."))


def read_clock_time(value: object, path: str) -> int:
    """Read a time of day such as 08:30 as minutes after midnight; 24:00 is the end of the day."""
    match = _CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match else MINUTES_A_DAY + 1
    if minute > MINUTES_A_DAY:
        raise wrong(path, say("This must be a time of day such as 08:30."))
    return minute


def clock_time(minute: int) -> str:
    """Write minutes after midnight as a time of day such as 08:30."""
    return f"{minute // 60:02d}:{minute % 60:02d}"

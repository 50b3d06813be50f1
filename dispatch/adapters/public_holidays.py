"""Which days are off in a country and a year, by the kept library of public holidays?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import holidays

from dispatch.domain.errors import Invalid
from dispatch.domain.holiday_rows import EARLIEST, LATEST, YearDays
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

YEARS_BEFORE = 3


def known_countries() -> Sequence[str]:
    """Return the two-letter codes of the countries that the library knows, in order."""
    return sorted(code for code in holidays.list_supported_countries(include_aliases=False))


def known_subdivisions(country: str) -> Sequence[str]:
    """Return the codes of the parts of a country that have holidays of their own, in order."""
    return sorted(holidays.list_supported_countries(include_aliases=False).get(country, []))


def public_holidays(country: str, subdivision: str, year: int, *, language: str) -> YearDays:
    """Return the days off of a country or a part of it, and the weekend days worked in exchange.

    `language` such as ``zh_CN`` is that of the names, where the library has it. Raises Invalid,
    naming the field.
    """
    faults = {}
    if country not in known_countries():
        faults["country"] = say("The library knows no such country.")
    elif subdivision and subdivision not in known_subdivisions(country):
        faults["subdivision"] = say("The library knows no such part of the country.")
    if not EARLIEST <= year <= LATEST:
        faults["year"] = say("Give a year from %(first)s to %(last)s.", first=EARLIEST, last=LATEST)
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)
    found = holidays.country_holidays(
        country, subdiv=subdivision or None, years=year, language=_language(country, language)
    )
    worked = _worked(found, year)
    usual = any(
        _worked(holidays.country_holidays(country, years=each), each)
        for each in range(year - YEARS_BEFORE, year)
    )
    off = {day: str(name) for day, name in found.items() if day not in worked}
    return YearDays(year, off, dict.fromkeys(sorted(worked), ""), bool(worked) or not usual)


def _worked(found: holidays.HolidayBase, year: int) -> set[date]:
    return {day for day in found.weekend_workdays if day.year == year}


def _language(country: str, language: str) -> str | None:
    known = holidays.country_holidays(country).supported_languages
    return language if language in known else None

"""Is somebody's life in danger, and whom must the caller ring before anything else?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Rescue(StrEnum):
    """Who comes when a life is in danger."""

    POLICE = "police"
    FIRE = "fire"
    AMBULANCE = "ambulance"


class Danger(StrEnum):
    """What may cost a life; the caller is told to ring for rescue at once."""

    TRAPPED = "trapped"
    ELECTRICITY = "electricity"
    GAS = "gas"
    SINKHOLE = "sinkhole"
    INJURED = "injured"


class Telling(StrEnum):
    """What the call-taker did about a danger on the card."""

    TOLD = "told"
    UNTOLD = "untold"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class DangerRule:
    """One danger: what it is, who comes, what to say, and the words that point to it."""

    key: Danger
    name: Sentence
    rescue: Rescue
    advice: Sentence
    words: tuple[str, ...]


RESCUE_NAMES: dict[Rescue, Sentence] = {
    Rescue.POLICE: say("the police"),
    Rescue.FIRE: say("the fire brigade"),
    Rescue.AMBULANCE: say("an ambulance"),
}

DANGERS: tuple[DangerRule, ...] = (
    DangerRule(
        Danger.TRAPPED,
        say("Somebody is trapped"),
        Rescue.FIRE,
        say("Stay out of the water. Go as high as you can and stay where you can be seen."),
        ("trapped", "drowning", "swept away", "stuck inside", "被困", "困在", "溺水", "冲走"),
    ),
    DangerRule(
        Danger.ELECTRICITY,
        say("Water and electricity"),
        Rescue.FIRE,
        say("Touch nothing that is wet or live. Leave the room; switch nothing."),
        (
            "electric", "live wire", "sparks", "sparking", "fuse box", "漏电", "触电", "带电",
            "电箱", "配电", "冒火花",
        ),
    ),
    DangerRule(
        Danger.GAS,
        say("Smell of gas"),
        Rescue.FIRE,
        say("Light nothing and switch nothing. Leave the building and call from outside."),
        (
            "smell of gas", "smells of gas", "smell gas", "gas leak", "煤气", "燃气", "天然气",
        ),
    ),
    DangerRule(
        Danger.SINKHOLE,
        say("The ground gives way"),
        Rescue.POLICE,
        say("Keep everybody away from the edge and stop the traffic only if it is safe."),
        ("sinkhole", "sink hole", "collapsed", "caved in", "塌陷", "塌方", "地陷", "陷坑"),
    ),
    DangerRule(
        Danger.INJURED,
        say("Somebody is hurt or ill"),
        Rescue.AMBULANCE,
        say("Do not move the person unless the place is dangerous. Do not hang up on rescue."),
        (
            "injured", "bleeding", "unconscious", "poisoned", "受伤", "流血", "昏迷", "中毒",
            "呕吐",
        ),
    ),
)  # fmt: skip
_RULES = {rule.key: rule for rule in DANGERS}
_NUMBER = re.compile(r"\+?[0-9][0-9 -]{1,18}")
_LATIN = re.compile(r"[a-z]")


def read_rescue_numbers(text: str) -> dict[Rescue, str]:
    """Read the numbers of police, fire brigade and ambulance; raises ValueError for no three."""
    numbers = [part.strip() for part in text.split(",")]
    if len(numbers) != len(Rescue) or not all(_NUMBER.fullmatch(each) for each in numbers):
        raise ValueError(text)
    return dict(zip(Rescue, numbers, strict=True))


def danger_rule(danger: Danger) -> DangerRule:
    """Return what is known of a danger."""
    return _RULES[danger]


def dangers_said(text: str) -> tuple[Danger, ...]:
    """Return the dangers that the words of a text point to, in the order of the list.

    An English word counts where a word begins; Chinese has no such borders.
    """
    said = text.lower()
    return tuple(rule.key for rule in DANGERS if any(_holds(said, word) for word in rule.words))


def _holds(said: str, word: str) -> bool:
    if not _LATIN.match(word):
        return word in said
    return re.search(rf"(?<![a-z]){re.escape(word)}", said) is not None


def tellings(
    seen: Iterable[Danger], said: Iterable[Danger], acts: Mapping[str, str]
) -> dict[str, str]:
    """Return each danger of a call with what was done about it, in the order of the list.

    `seen` are those that an answer proves, `said` those that a word points to; only the latter
    can be dismissed. A danger that nobody acted on is untold.
    """
    proven, pointed = set(seen), set(said)
    found = {}
    for rule in DANGERS:
        if rule.key not in proven | pointed:
            continue
        act = acts.get(rule.key, Telling.UNTOLD)
        if act == Telling.DISMISSED and rule.key in proven:
            act = Telling.UNTOLD
        found[str(rule.key)] = str(act)
    return found


def standing(told: Mapping[str, str]) -> tuple[DangerRule, ...]:
    """Return the dangers of a call that nobody dismissed."""
    return tuple(
        rule for rule in DANGERS if told.get(rule.key, Telling.DISMISSED) != Telling.DISMISSED
    )


def safety_sentences(told: Mapping[str, str]) -> list[Sentence]:
    """Return one sentence for each standing danger: what it is, and whether rescue was told of."""
    return [
        (
            say("%(danger)s: the caller was told to ring %(rescue)s.", **_who(rule))
            if told[rule.key] == Telling.TOLD
            else say("%(danger)s: the caller was not told to ring %(rescue)s.", **_who(rule))
        )
        for rule in standing(told)
    ]


def _who(rule: DangerRule) -> dict[str, Sentence]:
    return {"danger": rule.name, "rescue": RESCUE_NAMES[rule.rescue]}


def checked_acts(given: object) -> dict[str, str]:
    """Return what a form says was done about dangers.

    Raises:
        Invalid: naming the field, when it is no such thing.
    """
    is_known = isinstance(given, dict) and all(
        key in set(Danger) and act in set(Telling) for key, act in given.items()
    )
    if not (is_known and isinstance(given, dict)):
        fault = say("These are no dangers that a call-taker can act on.")
        raise Invalid(fault, fields={"dangers": fault})
    return {str(key): str(act) for key, act in given.items()}

"""What does a call-taker tell the caller once a call is saved?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from dispatch.domain.sentences import Sentence, say
from dispatch.refusals import worded
from dispatch.web.language import current_language, local_name
from dispatch.web.storm_words import storm_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping


CARD: dict[object, Sentence] = {
    True: say("The caller gets the card as a message."),
    False: say("The caller gets no card: no number, or no messages wanted."),
}


def words_after(saved: Mapping[str, Any]) -> str:
    """Word what the caller is told after a save, and what the desk must know of the place."""
    told = _told_to_caller(saved)
    more = (_doubt_of_place(saved.get("place") or {}), CARD.get(saved.get("card")))
    return " ".join((told, *(worded(each) for each in more if each)))


def _doubt_of_place(place: Mapping[str, Any]) -> Sentence | None:
    """Say that a place is not found yet, or that no grid holds it, and who has it."""
    if place.get("standing") == "not_located":
        return say("The place is not located yet; the ticket waits at the desk for a pin.")
    if place.get("standing") != "outside":
        return None
    if place.get("team") is None:
        return say("The place lies far outside every grid; the desk chooses the team.")
    return say(
        "The place lies outside every grid; %(team)s, the nearest, has it.",
        team=local_name(*place["team"]),
    )


def _told_to_caller(saved: Mapping[str, Any]) -> str:
    number, due = saved["number"], saved["arrive_due_at"]
    if saved["joined"] or saved.get("answered"):
        told: str = saved["words"][current_language()]
        return told
    if saved.get("solved"):
        sentence = say(
            "Tell the caller: the number is %(number)s; it is noted as solved by phone.",
            number=number,
        )
        return worded(sentence)
    if saved.get("step"):
        sentence = say(
            "Tell the caller: the number is %(number)s; “%(step)s” will be done by %(time)s "
            "(%(promise)s).",
            number=number,
            step=Sentence.from_json(saved["step"]["name"]),
            time=datetime.fromisoformat(saved["step"]["due_at"]),
            promise=Sentence.from_json(saved["step"]["promise"]),
        )
        return worded(sentence)
    if saved.get("storm"):
        return worded(storm_sentence(number, saved["storm"]))
    if due is None:
        return worded(say("Tell the caller: the number is %(number)s.", number=number))
    return worded(_promise(saved))


def _promise(saved: Mapping[str, Any]) -> Sentence:
    """Say by when a crew is promised, and when it is expected where that is later."""
    number, promised = saved["number"], datetime.fromisoformat(saved["arrive_due_at"])
    if saved.get("arrives_at"):
        return say(
            "Tell the caller: the number is %(number)s; we promised a crew by %(time)s, but expect "
            "it only at %(expected)s.",
            number=number,
            time=promised,
            expected=datetime.fromisoformat(saved["arrives_at"]),
        )
    return say(
        "Tell the caller: the number is %(number)s; we promise a crew by %(time)s.",
        number=number,
        time=promised,
    )

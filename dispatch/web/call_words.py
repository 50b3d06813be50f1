"""What does a call-taker tell the caller once a call is saved?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from dispatch.domain.sentences import Sentence, say
from dispatch.refusals import worded
from dispatch.web.language import current_language

if TYPE_CHECKING:
    from collections.abc import Mapping


def words_after(saved: Mapping[str, Any]) -> str:
    """Word what the caller is told after a save, in the call-taker's language."""
    number, due = saved["number"], saved["arrive_due_at"]
    if saved["joined"]:
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
    if due is None:
        return worded(say("Tell the caller: the number is %(number)s.", number=number))
    promised = datetime.fromisoformat(due)
    if saved.get("arrives_at"):
        sentence = say(
            "Tell the caller: the number is %(number)s; we promised a crew by %(time)s, but expect "
            "it only at %(expected)s.",
            number=number,
            time=promised,
            expected=datetime.fromisoformat(saved["arrives_at"]),
        )
        return worded(sentence)
    sentence = say(
        "Tell the caller: the number is %(number)s; we promise a crew by %(time)s.",
        number=number,
        time=promised,
    )
    return worded(sentence)

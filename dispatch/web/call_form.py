"""What did a caller say, and what does the form of a call ask and offer?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import current_app

from dispatch.actions.intake import NewReport
from dispatch.actions.placing import GivenPlace
from dispatch.domain.call_answers import checked_answers, dangers_in
from dispatch.domain.call_questions import QUESTIONS
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.life_safety import (
    DANGERS,
    RESCUE_NAMES,
    checked_acts,
    dangers_said,
    read_rescue_numbers,
    standing,
    tellings,
)
from dispatch.domain.self_help import CARDS, card_for
from dispatch.domain.sentences import say
from dispatch.queries.households import household_id_of
from dispatch.refusals import worded
from dispatch.schemas.fields import filled, loaded, refusal_of
from dispatch.schemas.tickets import NewReportShape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dispatch.domain.call_questions import Question
    from dispatch.schemas.fields import Shape

PLACE = ("lat", "lon", "datum", "source")

#: Fields of the form that are no part of what the caller said.
NOT_SAID = frozenset({"csrf_token", "checked"})


def report_from(form: Mapping[str, str]) -> NewReport:
    """Read what a caller told from the form.

    Raises:
        Invalid: naming every wrong field.
    """
    place = filled(form, PLACE) if filled(form, ("lat", "lon")) else None
    given = filled(form, ("kind", "category", "description", "address", "level", "household"))
    asked = loaded_form(
        NewReportShape, given | {"place": place, "reporter": filled(form, ("name", "phone"))}
    )
    answers = checked_answers(asked["category"], _object(form, "answers"))
    acts = checked_acts(_object(form, "dangers"))
    return NewReport(
        category=asked["category"],
        description=asked["description"],
        address=asked["address"],
        place=GivenPlace(**asked["place"]) if asked["place"] else None,
        level=asked["level"],
        reporter_name=asked["reporter"]["name"],
        reporter_phone=asked["reporter"]["phone"],
        household_id=household_id_of(asked["household"]) if asked["household"] else None,
        channel="hotline",
        kind=asked["kind"],
        answers=answers,
        dangers=tellings(dangers_in(answers), dangers_said(asked["description"]), acts),
    )


def _object(form: Mapping[str, str], name: str) -> object:
    """Read a field that holds JSON; what is none is left for its check to refuse."""
    try:
        return json.loads(form.get(name) or "{}")
    except (ValueError, RecursionError):
        return None


def said_in(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that tell one call from another; a save with the same is the same."""
    return {name: value for name, value in form.items() if name not in NOT_SAID}


def way_out(new: NewReport) -> str:
    """Word how a caller was helped on the telephone, as the reason that the ticket ends.

    Raises:
        Forbidden: while a life is in danger.
    """
    if standing(new.dangers):
        raise Forbidden(say("A life is in danger here: save the ticket, so that a crew is sent."))
    card = card_for(new.category)
    return worded(card.title if card else say("Solved by phone"))


def loaded_form(shape: type[Shape], values: dict[str, Any]) -> dict[str, Any]:
    """Read the values in a shape; a fault is named as its field is in the form.

    Raises:
        Invalid: naming every wrong field.
    """
    try:
        return loaded(shape, values)
    except Invalid as refusal:
        faults = {name.rpartition(".")[2]: fault for name, fault in refusal.fields.items()}
        raise refusal_of(faults) from refusal


def call_facts() -> dict[str, Any]:
    """Gather the questions, dangers and cards that the script of the form shows, worded."""
    numbers = read_rescue_numbers(current_app.config["SETTINGS"].rescue_numbers)
    return {
        "questions": {key: [_question(each) for each in asked] for key, asked in QUESTIONS.items()},
        "dangers": [
            {
                "key": rule.key,
                "name": worded(rule.name),
                "advice": worded(rule.advice),
                "rescue": worded(RESCUE_NAMES[rule.rescue]),
                "number": numbers[rule.rescue],
                "words": rule.words,
            }
            for rule in DANGERS
        ],
        "cards": {
            key: {"title": worded(card.title), "steps": [worded(step) for step in card.steps]}
            for key, card in CARDS.items()
        },
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "text": worded(question.text),
        "many": question.many,
        "raises": question.raises,
        "answers": [
            {
                "key": answer.key,
                "label": worded(answer.label),
                "raises": answer.raises,
                "danger": answer.danger,
            }
            for answer in question.answers
        ],
    }

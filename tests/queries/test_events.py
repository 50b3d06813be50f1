"""Is the story told in order, in words, and without what the reader may not see?"""

from __future__ import annotations

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.holds import hold_ticket
from dispatch.actions.intake import add_note, change_level
from dispatch.actions.merging import merge_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.domain.sentences import Sentence, say
from dispatch.queries.events import detail_of, events_of, reports_of, said_by
from dispatch.queries.tickets import ticket_for_change
from tests.factories import DESK, make_crew, make_grid, make_team, make_ticket

ALL = Scope(everything=True)


@pytest.fixture
def ticket(session, now):
    with transaction():
        team = make_team()
        make_grid(team=team, now=now)
        crew = make_crew("West 1", team=team)
        first = make_ticket(now, reporter_name="Wang", reporter_phone="13812345678").ticket
        second = make_ticket(now).ticket
        change_level(first, 2, reason="small leak", actor=DESK, now=now)
        dispatch_visit(first, crew, actor=DESK, now=now)
        add_note(first, "the dog bites", actor=DESK, now=now)
        hold_ticket(first, reason="waiting_for_part", actor=DESK, now=now)
        merge_ticket(second, first, actor=DESK, now=now)
    return ticket_for_change("W000001", ALL)


def test_the_oldest_comes_first(ticket):
    kinds = [event["kind"] for event in events_of(ticket, personal=True)]
    assert kinds[:4] == ["report_received", "accepted", "level_changed", "dispatched"]
    assert kinds[-1] == "report_merged"


def test_names_are_sentences_with_their_details(ticket):
    story = {event["kind"]: event for event in events_of(ticket, personal=True)}
    changed = story["level_changed"]
    assert changed["name"] == say("Level changed")
    assert str(changed["detail"]) == "From Emergency to Urgent"
    assert story["dispatched"]["crew"] == "West 1"
    assert str(story["dispatched"]["detail"]) == "West 1"
    assert str(story["held"]["detail"]) == "Waiting for a part"
    assert story["accepted"]["to_state"] == "accepted"


def test_notes_are_for_those_who_may_see_them(ticket):
    def notes(*, personal):
        return {each["note"] for each in events_of(ticket, personal=personal)} - {None}

    assert "the dog bites" in notes(personal=True)
    assert notes(personal=False) == set()


def test_reporters_are_masked(ticket):
    first, second = reports_of(ticket)
    assert (first["name"], first["phone"], first["channel"]) == ("W**", "138****5678", "phone")
    assert (first["first_ticket"], second["first_ticket"]) == (None, "W000002")


def test_answers_are_sentences_and_hazards_stand_apart():
    said = said_by({"flow": "gushes", "electricity": "yes", "valve": "no"}, {"electricity": "told"})
    assert [str(each) for each in said["answers"]] == [
        "It gushes.",
        "The house valve cannot be shut.",
    ]
    assert [str(each) for each in said["hazards"]] == [
        "Water and electricity: the caller was told to ring the fire brigade.",
        "Water is near electricity.",
    ]
    assert said_by({}, {}) == {"answers": [], "hazards": []}


@pytest.mark.parametrize(
    ("kind", "reason", "facts", "crew", "words"),
    [
        ("cannot_complete", "part_missing", {}, "West 1", "West 1: A part is missing"),
        ("clock_warning", None, {"clock": "arrive"}, None, "Arrive"),
        ("clock_warning", None, {"clock": "unheard of"}, None, None),
        ("held", "older reason", {}, None, None),
        ("level_changed", None, {}, None, None),
        ("note_added", None, {}, None, None),
    ],
)
def test_details(kind, reason, facts, crew, words):
    found = detail_of(kind, reason, facts, crew)
    assert words == (None if found is None else str(found))
    assert found is None or isinstance(found, Sentence)


@pytest.mark.parametrize(
    ("step", "crew", "words"),
    [
        ("arrive", "W1", "W1, “Arrived”: Too late."),
        ("arrived", None, "“Arrived”: Too late."),
        ("cannot-complete", None, "“Could not be fixed”: Too late."),
        ("round-done", "W1", "W1, “Stop of a round: done”: Too late."),
        ("dance", None, "“dance”: Too late."),
    ],
)
def test_a_step_that_was_kept_for_review_says_which_and_why(step, crew, words):
    facts = {"step": step, "why": say("Too late.").as_json()}
    assert str(detail_of("for_review", None, facts, crew)) == words

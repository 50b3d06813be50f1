"""Has every state, cause and ending a plain word for the resident?"""

from __future__ import annotations

from dispatch.domain.ticket_state import ENDED, TicketState
from dispatch.domain.visit_state import Cause
from dispatch.models.tickets import Ticket
from dispatch.queries.tracking import HEADLINES
from dispatch.queries.tracking_story import AHEAD, CAUSES_FOR_RESIDENTS, steps_ahead


def test_every_state_has_a_headline_and_every_cause_a_plain_word():
    assert set(HEADLINES) == set(TicketState)
    assert set(CAUSES_FOR_RESIDENTS) == set(Cause)


def test_what_lies_ahead_shrinks_along_the_road():
    road = ["accepted", "dispatched", "acknowledged", "en_route", "arrived", "working", "completed"]
    left = [len(steps_ahead(Ticket(state=state))) for state in road]
    assert left == [4, 3, 3, 2, 1, 1, 0]
    assert all(steps_ahead(Ticket(state=str(state))) == () for state in ENDED)


def test_a_pause_keeps_what_lay_ahead():
    held = Ticket(state="on_hold", held_from="en_route")
    assert steps_ahead(held) == steps_ahead(Ticket(state="en_route"))
    assert len(AHEAD) == 4

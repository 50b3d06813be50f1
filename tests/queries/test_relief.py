"""Is each crew shown the hand-overs that wait for it, and no others?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.permissions import Scope
from dispatch.models.tickets import Visit
from dispatch.queries.relief import (
    answer_due,
    crews_beside,
    relief_of,
    reliefs_asked_of,
    visit_asking,
    visit_to_relieve,
)
from dispatch.queries.tickets import ticket_row, ticket_seen
from tests.factories import DESK
from tests.trips import another_ticket, open_burst, send, step, steward

MINUTE = timedelta(minutes=1)


@pytest.fixture
def asked(session, now):
    """Let W1 ask W2 to take over its burst, and the desk about a second ticket."""
    open_burst(now, address="Wuyi Road 12")
    another_ticket(now)
    for ticket, to in ((1, 2), (2, None)):
        send(ticket, 1, now)
        step(ticket, "acknowledge", steward(1), now + MINUTE)
        wish = {"reason": "shift_ends", "note": f"Shut {ticket}", "to_crew_id": to}
        step(ticket, "hand-over", steward(1), now + 2 * MINUTE, **wish)


def test_the_crew_that_is_asked_reads_who_why_and_what_was_done(asked, now):
    [one] = reliefs_asked_of(2)
    assert (one.number, one.from_crew, one.to_crew, one.done) == ("W000001", "W1", "W2", "Shut 1")
    assert (one.address, one.asked_at) == ("Wuyi Road 12", now + 2 * MINUTE)
    assert str(one.reason) == "Our shift ends"
    assert reliefs_asked_of(1) == reliefs_asked_of(3) == ()


def test_both_sides_see_it_on_the_ticket_and_nobody_else(asked):
    assert relief_of(1, 1) == relief_of(1, 2) is not None
    assert relief_of(1, 3) is None
    to_desk = relief_of(2, 1)
    assert to_desk is not None
    assert (to_desk.to_crew_id, to_desk.to_crew) == (None, None)


def test_the_asked_crew_may_look_at_the_ticket_and_others_may_not(asked):
    assert ticket_seen("W000001", Scope(crew_id=2)).id == 1
    for number, crew_id in (("W000001", 3), ("W000002", 2)):
        with pytest.raises(NotFound):
            ticket_seen(number, Scope(crew_id=crew_id))


def test_the_other_crews_of_the_team_can_be_named(asked):
    assert [row.name for row in crews_beside(1)] == ["W2"]
    assert list(crews_beside(3)) == list(crews_beside(None)) == []


def test_an_answer_is_due_as_soon_as_a_sent_crew_has_to_acknowledge(asked, now):
    assert reliefs_asked_of(2)[0].answer_due_at == now + 7 * MINUTE
    assert answer_due(None, 3, now) == now + 30 * MINUTE
    assert answer_due(None, 4, now) is None


def test_what_has_ended_waits_for_nobody(asked, session, now):
    assert visit_to_relieve(1, None).id == visit_to_relieve(1, 2).id
    step(1, "withdraw", DESK, now + 3 * MINUTE, reason="a burst main")
    assert visit_asking(1) is None
    with pytest.raises(Forbidden):
        visit_to_relieve(1, 2)
    assert session.get(Visit, 1).relief_state == "lapsed"
    assert reliefs_asked_of(2) == ()


def test_everybody_reads_on_the_visit_how_it_stands(asked, now):
    [visit] = ticket_row("W000001", Scope(everything=True))["visits"]
    assert visit["relief"] == {
        "state": "asked",
        "reason": "shift_ends",
        "reason_name": visit["relief"]["reason_name"],
        "crew": {"id": 2, "name": "W2", "name_zh": None, "vehicle": "van"},
        "asked_at": now + 2 * MINUTE,
        "answer_due_at": now + 7 * MINUTE,
    }
    step(1, "take-over", steward(2), now + 3 * MINUTE)
    first, second = ticket_row("W000001", Scope(everything=True))["visits"]
    assert (first["state"], first["relief"]["state"], second["relief"]) == (
        "handed_over", "done", None,
    )  # fmt: skip

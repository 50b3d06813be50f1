"""Does the command tell whether the events are those that were written?"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from dispatch.actions.unit_of_work import transaction
from dispatch.jobs.anchoring import anchor_events
from dispatch.models.tickets import TicketEvent
from dispatch.queries.event_chain import last_anchor
from tests.factories import make_ticket
from tests.tampering import without_triggers


@pytest.fixture
def digest(session, now):
    with transaction():
        make_ticket(now)
        make_ticket(now)
    anchor_events(now)
    with transaction():
        make_ticket(now)
    return last_anchor().digest


def test_what_was_written_holds(digest, cli):
    found = cli("verify-events", "--expect", digest)
    assert found.exit_code == 0, found.stderr
    assert "of 3 tickets hold, and 1 anchors over them" in found.stdout
    facts = json.loads(cli("verify-events", "--json").stdout)
    assert (facts["ok"], facts["broken"], facts["expected_found"]) == (True, [], None)
    assert facts["anchored_event_id"] < facts["last_event_id"]
    assert json.loads(cli("verify-events", "--json", "--ticket", "w2").stdout)["tickets"] == 1


def test_a_change_is_named_and_ends_with_one(session, digest, cli):
    with without_triggers():
        session.execute(update(TicketEvent).where(TicketEvent.ticket_id == 2).values(hash="0" * 64))
    found = cli("verify-events", "--json")
    assert found.exit_code == 1
    facts = json.loads(found.stdout)
    assert facts["broken"] == [{"ticket": "W000002", "event": 1}]
    assert [each["digest"] for each in facts["broken_anchors"]] == [digest]
    assert "Ticket W000002: event 1 is not what was written" in found.stderr
    assert "does not hold" in found.stderr
    assert cli("verify-events", "--ticket", "W000001").exit_code == 0


def test_a_digest_from_elsewhere_that_is_missing_is_a_fault(digest, cli):
    found = cli("verify-events", "--expect", "f" * 64)
    assert found.exit_code == 1
    assert "No anchor has the digest" in found.stderr


@pytest.mark.parametrize("number", ["W000099", "nothing", ""])
def test_an_unknown_ticket_is_refused(digest, cli, number):
    found = cli("verify-events", "--ticket", number)
    assert found.exit_code == 2
    assert "There is no ticket" in found.stderr


def test_many_faults_are_counted(session, now, cli):
    with transaction():
        for _ in range(22):
            make_ticket(now)
    with without_triggers():
        session.execute(update(TicketEvent).values(reason="x"))
    found = cli("verify-events")
    assert "And 2 more." in found.stderr

"""Is what is read from blocks the same as what the facts say, whatever has happened since?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.pq import Format
from sqlalchemy import delete, select, update

from dispatch.actions.facts import pack_span
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.fact_columns import BLOCK_US, Block, unpacked
from dispatch.domain.microseconds import micros
from dispatch.domain.permissions import Scope
from dispatch.jobs.facts import run
from dispatch.models.base import AS_BYTES, current_connection, db
from dispatch.models.facts import FactBlock, FactLoose, TicketFact
from dispatch.models.tickets import Ticket
from dispatch.queries import fact_blocks
from dispatch.queries.fact_blocks import Kept, spans_of, spans_to_pack
from dispatch.queries.facts import facts_for
from dispatch.queries.stories import FigureFilters
from tests.queries.histories import NOW, SHANGHAI, START, make_places, on_one_database, pasts, store
from tests.queries.test_facts import EVERYTHING, a_closed_leak, in_order, stored, told

SPAN = int(micros([START])[0]) // BLOCK_US
BEGIN = START - timedelta(days=30)
TEAM = Scope(team_id=1)


@pytest.fixture
def places(session):
    make_places()


def pack():
    for number in (SPAN, SPAN + 1):
        with transaction():
            pack_span(number, SHANGHAI, NOW)


def loose():
    rows = db.session.execute(select(FactLoose.number, FactLoose.ticket_id))
    return sorted((row.number, row.ticket_id) for row in rows)


def shown(scope=EVERYTHING, **filters: Any):
    found = facts_for(BEGIN, NOW, scope, FigureFilters(**filters), now=NOW)
    db.session.rollback()
    return found


@on_one_database
@given(earlier=pasts(), found=pasts(), changes=st.integers(0, 60), is_packed=st.booleans())
def test_facts_are_the_same_with_blocks_of_any_age(places, earlier, found, changes, is_packed):
    store(earlier)
    run(NOW)
    pack()
    store(found)
    if changes:
        run(NOW, most=changes)
    if is_packed:
        pack()
    rows = told(found)
    assert in_order(shown()) == in_order(rows)
    is_leak = [past.ticket["category"] == "leak" for past in found]
    is_mine = [past.ticket["team_id"] == 1 for past in found]
    visited = {
        past.ticket["id"] for past in found if any(each["crew_id"] == 2 for each in past.visits)
    }
    mine = np.array(is_mine, "?") | np.isin(rows["ticket"], list(visited))
    assert in_order(shown(category="leak")) == in_order(rows[np.array(is_leak, "?")])
    assert in_order(shown(team="First team")) == in_order(rows[np.array(is_mine, "?")])
    assert in_order(shown(TEAM)) == in_order(rows[mine])


def test_a_change_makes_loose_its_own_ticket_and_no_other(places):
    stored(a_closed_leak(1), a_closed_leak(2, hours=5, lat=28.5), a_closed_leak(3, hours=800))
    pack()
    assert loose() == []
    digests = db.session.scalars(select(FactBlock.digest).order_by(FactBlock.number)).all()
    with transaction():
        db.session.execute(update(Ticket).where(Ticket.id == 2).values(level=1))
    run(NOW)
    assert loose() == [(SPAN, 2)]
    assert db.session.scalars(select(FactBlock.digest).order_by(FactBlock.number)).all() == digests
    found = shown()
    assert found["level"][np.argsort(found["ticket"])].tolist() == [3, 1]


def test_a_change_that_is_rolled_back_leaves_the_block_right(places):
    stored(a_closed_leak(1))
    pack()
    db.session.execute(update(TicketFact).values(is_held=True))
    assert loose() == [(SPAN, 1)]
    db.session.rollback()
    assert loose() == []


def test_a_ticket_that_moves_to_another_span_is_loose_in_both(places):
    stored(a_closed_leak(1), a_closed_leak(2, hours=1, lat=28.5))
    pack()
    later = START + timedelta(days=31)
    moved = {"received_at": later, "closed_at": later + timedelta(minutes=30)}
    with transaction():
        db.session.execute(update(Ticket).where(Ticket.id == 1).values(**moved))
    run(NOW)
    assert loose() == [(SPAN, 1), (SPAN + 1, 1)]
    for is_packed in (False, True):
        if is_packed:
            with transaction():
                pack_span(SPAN + 1, SHANGHAI, later)
        wide = facts_for(BEGIN, later + timedelta(days=60), EVERYTHING, now=later)
        assert sorted(wide["ticket"].tolist()) == [1, 2]
        assert shown()["ticket"].tolist() == [2]


def test_a_ticket_that_is_gone_is_no_longer_shown(places):
    stored(a_closed_leak(1), a_closed_leak(2, hours=1, lat=28.5))
    pack()
    with transaction():
        db.session.execute(delete(Ticket).where(Ticket.id == 1))
    run(NOW)
    assert shown()["ticket"].tolist() == [2]
    pack()
    assert loose() == []
    assert shown()["ticket"].tolist() == [2]


def written_anew_meanwhile(pack):
    """Return what stands in for `spans_of`: after its first answer each block is written anew."""
    turns = []

    def interrupted(begin, end):
        found = spans_of(begin, end)
        if not turns:
            turns.append(found)
            db.session.rollback()
            with transaction():
                db.session.execute(update(Ticket).values(level=1))
            run(NOW)
            pack()
        return found

    return interrupted, turns


def test_a_block_written_anew_between_two_statements_is_read_anew(places, monkeypatch):
    stored(a_closed_leak(1))
    pack()
    interrupted, turns = written_anew_meanwhile(pack)
    monkeypatch.setattr("dispatch.queries.facts.spans_of", interrupted)
    assert shown()["level"].tolist() == [1]
    assert turns


def test_blocks_that_are_written_anew_again_and_again_are_done_without(places, monkeypatch):
    stored(a_closed_leak(1))
    pack()
    monkeypatch.setattr("dispatch.queries.facts.blocks_of", lambda _spans, _names: None)
    assert shown()["ticket"].tolist() == [1]


def test_a_block_of_which_little_is_asked_for_is_not_read(places):
    stored(a_closed_leak(1))
    pack()
    first = SPAN * BLOCK_US
    assert [span.number for span in spans_of(first, first + BLOCK_US // 8)] == [SPAN]
    assert spans_of(first, first + BLOCK_US // 9) == []


def test_a_column_that_two_pages_look_at_is_read_once(places, monkeypatch):
    stored(a_closed_leak(1))
    pack()
    asked = []
    for way in ("_columns_of", "_whole_of"):
        read = getattr(fact_blocks, way)
        monkeypatch.setattr(
            fact_blocks, way, lambda *given, read=read: asked.append(given[1:]) or read(*given)
        )
    monkeypatch.setattr(fact_blocks, "kept", Kept(2**20))
    [span] = spans_of(SPAN * BLOCK_US, (SPAN + 1) * BLOCK_US)
    for names in ({"ticket", "grid"}, {"ticket", "level"}, {"grid", "level"}):
        [block] = fact_blocks.blocks_of([span], frozenset(names))
        assert block["ticket"].tolist() == [1] if "ticket" in names else names <= set(block.columns)
    if db.engine.dialect.name == "postgresql":
        assert asked == [(["grid", "ticket"],), (["level"],)]
    else:
        assert asked == [()]


def test_blocks_are_not_written_out_as_text_on_the_way(places):
    stored(a_closed_leak(1))
    pack()
    done = current_connection().execute(select(FactBlock.columns), execution_options=AS_BYTES)
    assert getattr(done.cursor, "format", Format.BINARY) == Format.BINARY
    assert [unpacked(columns)["ticket"].tolist() for [columns] in done] == [[1]]


def test_spans_are_packed_once_many_of_their_facts_are_loose(places, monkeypatch):
    monkeypatch.setattr(fact_blocks, "FEWEST_IN_A_BLOCK", 2)
    store([a_closed_leak(1), a_closed_leak(2, hours=1), a_closed_leak(3, hours=800)])
    run(NOW)
    assert [number for number, _ in loose()] == [SPAN + 1]
    assert spans_to_pack(5, NOW) == []
    assert db.session.scalars(select(FactBlock.number)).all() == [SPAN]


def test_memory_keeps_what_was_asked_for_last_and_no_more_than_it_may():
    memory = Kept(10)
    blocks = {name: Block(1, {}, 4) for name in (b"a", b"b", b"c")}
    memory.put(b"a", blocks[b"a"])
    memory.put(b"b", blocks[b"b"])
    assert memory.get(b"a") is blocks[b"a"]
    memory.put(b"c", blocks[b"c"])
    memory.put(b"c", blocks[b"b"])
    memory.put(b"d", Block(1, {}, 11))
    assert memory.weight == 8
    assert [memory.get(name) for name in (b"a", b"b", b"c", b"d")] == [
        blocks[b"a"], None, blocks[b"c"], None,
    ]  # fmt: skip

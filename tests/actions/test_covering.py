"""Is a photo covered on record, over nobody's work, and uncovered with a reason?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.attachments import add_photo, remove_photo
from dispatch.actions.covering import cover_photo, log_original_look, uncover_photo
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.covering import Box
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.models.people import SettingsEvent
from dispatch.models.tickets import TicketEvent
from dispatch.queries.attachments import kept_names, names_needed
from tests.factories import DESK, make_ticket
from tests.photos import new_photo

FACE = [Box(0.1, 0.1, 0.2, 0.2)]
ORIGINAL, FIRST, SECOND = "a" * 64, "c" * 64, "d" * 64


@pytest.fixture
def photo(session, city, now):
    with transaction():
        ticket = make_ticket(now).ticket
        return ticket, add_photo(ticket, new_photo(), actor=DESK, now=now, most=10)


def cover(photo, name, seen, now):
    with transaction():
        cover_photo(*photo, FACE, name, seen=seen, actor=DESK, now=now)


def test_the_copy_takes_the_place_of_the_photo_and_both_files_are_needed(session, photo, now):
    version = photo[0].version
    cover(photo, FIRST, None, now)
    row = photo[1]
    assert (row.covered_sha256, row.covered_by, row.covered_at) == (FIRST, DESK.name, now)
    assert row.covered_boxes == [[0.1, 0.1, 0.2, 0.2]]
    assert kept_names() == [ORIGINAL, FIRST]
    assert names_needed([ORIGINAL, FIRST, SECOND]) == {ORIGINAL, FIRST}
    last = session.scalars(select(TicketEvent).order_by(TicketEvent.id.desc())).first()
    assert (last.kind, last.facts["boxes"], photo[0].version) == ("photo_covered", 1, version)


def test_nobody_covers_over_the_work_of_another(session, photo, now):
    cover(photo, FIRST, None, now)
    with pytest.raises(Stale):
        cover(photo, SECOND, None, now)
    cover(photo, SECOND, FIRST, now)
    assert photo[1].covered_sha256 == SECOND


def test_it_is_uncovered_once_and_says_why(session, photo, now):
    cover(photo, FIRST, None, now)
    for reason, refusal in ((" ", Invalid), ("no face", None), ("again", Forbidden)):
        if refusal is None:
            with transaction():
                uncover_photo(*photo, reason=reason, actor=DESK, now=now)
        else:
            with pytest.raises(refusal), transaction():
                uncover_photo(*photo, reason=reason, actor=DESK, now=now)
    assert (photo[1].covered_sha256, photo[1].covered_boxes) == (None, None)
    assert kept_names() == [ORIGINAL]


def test_a_removed_photo_is_not_covered(session, photo, now):
    with transaction():
        remove_photo(*photo, reason="private", actor=DESK, now=now)
    with pytest.raises(Forbidden):
        cover(photo, FIRST, None, now)
    with pytest.raises(Forbidden), transaction():
        uncover_photo(*photo, reason="x", actor=DESK, now=now)


def test_a_look_at_the_original_is_written_down(session, photo, now):
    with transaction():
        log_original_look(*photo, actor=DESK, now=now)
    look = session.scalars(select(SettingsEvent)).one()
    assert (look.subject, look.subject_key, look.actor) == ("original", "W000001", DESK.name)
    assert look.now == {"photo": photo[1].public_id}

"""Is each finding marked once, by somebody else, and is nothing that was said lost?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch.actions.findings import mark_finding, undo_mark
from dispatch.domain.errors import Forbidden, NotAllowed
from dispatch.domain.findings import Finding, FindingKind
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.models.findings import FindingMark
from dispatch.queries.findings import About, FindingRow
from tests.factories import make_account

AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def leader(session, now):
    return make_account(Role.TEAM_LEADER, now)


def row(*user_ids: int) -> FindingRow:
    finding = Finding("far_away-1", FindingKind.FAR_AWAY, AT, say("Far"))
    return FindingRow(finding, About("W000001", user_ids=frozenset(user_ids)), None)


def test_a_mark_stands_until_it_is_taken_back(session, leader, now):
    mark_finding(row(), "explained", " The gate is there ", actor=leader, now=now)
    with pytest.raises(Forbidden):
        mark_finding(row(), "right", "", actor=leader, now=now)
    undo_mark(row(), actor=leader, now=now)
    with pytest.raises(Forbidden):
        undo_mark(row(), actor=leader, now=now)
    mark_finding(row(), "right", "", actor=leader, now=now)
    kept = session.query(FindingMark).order_by(FindingMark.id).all()
    assert [(each.mark, each.note, each.undone_by) for each in kept] == [
        ("explained", "The gate is there", "the team_leader"),
        ("right", "", None),
    ]


def test_nobody_judges_the_own_doing(leader, now):
    with pytest.raises(NotAllowed):
        mark_finding(row(leader.user_id), "right", "", actor=leader, now=now)

"""Is what managers hear compared with what the same reporters said before?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.domain.samples import Share
from dispatch.models.base import db
from dispatch.models.follow_ups import AuditDraw, FollowUp
from dispatch.queries.audit_calls import audit_comparison
from tests.factories import make_ticket
from tests.follow_ups import EVERYTHING
from tests.trips import open_burst

WORDS = (
    ("fixed", "fixed"),
    ("not_fixed", "fixed"),
    ("rather_not_say", "fixed"),
    ("fixed", None),
    (None, "fixed"),
)


@pytest.fixture
def heard(session, now):
    """Draw five tickets and let some reporters answer managers, the desk, or both."""
    open_burst(now)
    with transaction():
        for _ in WORDS[1:]:
            make_ticket(now)
        for number, words in enumerate(WORDS, start=1):
            for which, word in zip(("audit", "same_day"), words, strict=True):
                db.session.execute(insert(FollowUp), row_of(number, which, word, now))


def row_of(number, which, word, now):
    moments = dict.fromkeys(("about_at", "due_at", "call_at", "late_at"), now)
    audit = {"week": "2026-W09", "seed": "s", "drawn_from": 40} if which == "audit" else {}
    state = "answered" if word else "no_answer"
    return moments | audit | {
        "ticket_id": number, "report_id": number, "round": which, "state": state, "fixed": word,
        "answered_at": now + timedelta(minutes=number) if word else None,
    }  # fmt: skip


@pytest.mark.usefixtures("heard")
def test_only_words_on_both_sides_are_compared():
    found = audit_comparison(EVERYTHING)
    assert found.agreement == Share(1, 2)
    assert found.not_comparable == 2
    assert found.fixed == Share(2, 3)
    assert found.differing == [{"number": "W000002", "audit": "not_fixed", "normal": "fixed"}]


@pytest.mark.usefixtures("heard")
def test_a_week_says_of_how_many_it_was_drawn_and_what_came_of_it():
    [week] = audit_comparison(EVERYTHING).weeks
    assert (week["week"], week["team"], week["closed"], week["drawn"]) == (
        "2026-W09",
        "West Team",
        40,
        5,
    )
    counted = ("answered", "fixed", "not_fixed", "not_said", "silent", "refused", "called_off")
    assert [week[name] for name in counted] == [4, 2, 1, 1, 1, 0, 0]


@pytest.mark.usefixtures("heard")
def test_another_teams_calls_are_not_seen():
    found = audit_comparison(Scope(team_id=99))
    assert (found.weeks, found.agreement) == ([], Share(0, 0))


def test_nothing_drawn_is_no_data(session):
    found = audit_comparison(EVERYTHING)
    assert found.agreement.rate is None
    assert found.weeks == []


@pytest.mark.usefixtures("heard")
def test_a_draw_that_found_nobody_is_shown(now):
    drawn = {"seed": "s", "at": now}
    with transaction():
        rows = [("2026-W09", 40, 5), ("2026-W08", 0, 0), ("2026-W10", 0, 0)]
        for week, among, number in rows:
            columns = drawn | {"week": week, "drawn_from": among, "drawn": number}
            db.session.execute(insert(AuditDraw), columns)
    weeks = audit_comparison(EVERYTHING).weeks
    assert [(each["week"], each["team"], each["drawn"]) for each in weeks] == [
        ("2026-W10", None, 0),
        ("2026-W09", "West Team", 5),
        ("2026-W08", None, 0),
    ]

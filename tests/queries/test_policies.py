"""Is the newest policy in force, and does a ticket keep the one it was promised under?"""

from dataclasses import replace
from datetime import timedelta

from dispatch.actions.intake import change_level
from dispatch.domain.budgets import Budget
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.models.people import ServicePolicyVersion
from dispatch.queries.policies import policy_in_force, policy_of
from tests.cases import Case


def store(session, now, version, minutes):
    policy = replace(DEFAULT_POLICY, follow_up=Budget(minutes=minutes))
    row = ServicePolicyVersion(
        version=version, valid_from=now, policy=policy.as_json(), created_by="Ann"
    )
    session.add(row)
    session.commit()
    return row.id


def test_before_one_is_stored_the_default_is_in_force(session):
    found = policy_in_force()
    assert (found.id, found.version, found.policy) == (None, 0, DEFAULT_POLICY)
    assert policy_of(None) == found


def test_the_newest_is_in_force_and_each_is_read_back_as_it_was_stored(session, now):
    first = store(session, now, 1, 60)
    assert policy_in_force().policy.follow_up == Budget(minutes=60)
    second = store(session, now, 2, 120)
    assert (policy_in_force().id, policy_in_force().version) == (second, 2)
    assert policy_of(first).policy.follow_up == Budget(minutes=60)


def test_a_ticket_keeps_the_policy_it_was_promised_under(session, now):
    first = store(session, now, 1, 60)
    case = Case(now)
    store(session, now, 2, 120)
    case.do(change_level, 2, at=1, reason="smaller")
    assert case.ticket.policy_id == first
    visit = case.fixed(at=2)
    assert case.ticket.follow_up_due_at == visit.ended_at + timedelta(minutes=60)

"""Has each reason of a pause a longest time, also when it was stored?"""

from __future__ import annotations

from dataclasses import fields

import pytest

from dispatch.domain.budgets import Budget
from dispatch.domain.errors import Invalid
from dispatch.domain.holding import DEFAULT_HOLDS, HoldLimits
from dispatch.domain.service_policy import DEFAULT_POLICY, ServicePolicy
from dispatch.domain.visit_state import HoldReason


def test_every_reason_has_a_longest_pause():
    assert {each.name for each in fields(HoldLimits)} == set(HoldReason)
    assert DEFAULT_HOLDS.of(HoldReason.WAITING_FOR_PAYMENT) == Budget(working_days=20)


def test_the_limits_are_read_back_as_they_were_written():
    assert HoldLimits.from_json(DEFAULT_HOLDS.as_json()) == DEFAULT_HOLDS


def test_a_policy_from_before_there_were_limits_has_the_usual_ones():
    stored = DEFAULT_POLICY.as_json()
    del stored["holds"], stored["dispute"]
    assert ServicePolicy.from_json(stored) == DEFAULT_POLICY


@pytest.mark.parametrize("wrong", [None, {"minutes": 0}, {"minutes": 5, "working_days": 1}])
def test_a_reason_without_a_sensible_limit_is_named(wrong):
    stored = DEFAULT_POLICY.as_json()
    stored["holds"]["waiting_for_part"] = wrong
    with pytest.raises(Invalid) as refused:
        ServicePolicy.from_json(stored)
    assert [name.startswith("holds.waiting_for_part") for name in refused.value.fields] == [True]

"""Is a time that is none, or two at once, refused?"""

import pytest

from dispatch.domain.budgets import Budget
from dispatch.domain.errors import Invalid


@pytest.mark.parametrize(
    "given_fields",
    [{}, {"minutes": 1, "working_days": 1}, {"minutes": -1}, {"working_days": 0}],
)
def test_a_budget_that_is_no_time_is_refused(given_fields):
    with pytest.raises(Invalid):
        Budget(**given_fields)


def test_no_time_at_all_is_answered_with_what_may_be_given():
    with pytest.raises(Invalid, match="Give minutes, working days") as refusal:
        Budget.from_json(None, "follow_up")
    assert list(refusal.value.fields) == ["follow_up"]


@pytest.mark.parametrize(
    "budget", [Budget(minutes=5), Budget(working_days=2), Budget(same_working_day=True)]
)
def test_a_budget_is_read_as_it_was_written(budget):
    assert Budget.from_json(budget.as_json()) == budget

"""Do the shapes hold every category, state and datum that the domain knows?"""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.ticket_state import TicketState
from dispatch.schemas.tickets import NewReportShape, StepArguments, TicketQuery


@pytest.mark.parametrize("category", [rule.key for rule in CATEGORIES])
def test_every_category_can_be_reported(category):
    loaded = NewReportShape().load({"category": category})
    assert loaded["channel"] == "web"
    assert loaded["place"] is None


def test_every_state_can_be_asked_for():
    states = tuple(str(state) for state in TicketState)
    assert TicketQuery().load({"state": ",".join(states)})["state"] == states
    assert TicketQuery().load({})["limit"] == 100


def test_a_step_gets_only_what_was_sent():
    assert StepArguments().load({}) == {}
    assert StepArguments().load({"level": 2}) == {"level": 2}
    with pytest.raises(ValidationError):
        StepArguments().load({"reasons": {}})

"""Who waits for a call back?"""

from __future__ import annotations

import pytest

from dispatch.domain.call_back import CallOutcome, check_outcome, owes_call_back
from dispatch.domain.errors import Invalid
from dispatch.schemas.tickets import CHANNELS

PHONE = "13800000001"


def test_those_who_left_a_number_without_speaking_to_us_wait():
    waiting = {channel for channel in CHANNELS if owes_call_back(channel, PHONE)}
    assert waiting == {"web", "wechat", "12345", "open311"}


@pytest.mark.parametrize("channel", [*CHANNELS, "import"])
@pytest.mark.parametrize("phone", [None, ""])
def test_nobody_without_a_number_waits(channel, phone):
    assert not owes_call_back(channel, phone)


def test_a_past_ticket_owes_nothing():
    assert not owes_call_back("import", PHONE)


def test_an_outcome_is_known_by_its_name():
    assert check_outcome("reached") is CallOutcome.REACHED
    assert check_outcome("not_reached") is CallOutcome.NOT_REACHED


@pytest.mark.parametrize("outcome", ["", "maybe", "REACHED"])
def test_an_outcome_that_is_none_is_refused(outcome):
    with pytest.raises(Invalid) as refusal:
        check_outcome(outcome)
    assert set(refusal.value.fields) == {"outcome"}

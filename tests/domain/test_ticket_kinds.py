"""Is every kind of ticket named, and is each that takes steps led by steps that exist?"""

from __future__ import annotations

import pytest

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.errors import Invalid
from dispatch.domain.ticket_kinds import (
    CATEGORIES_OF_KIND,
    KIND_NAMES,
    PROCEDURES,
    STEP_KINDS,
    TicketKind,
    check_kind,
    has_steps,
)


def test_every_kind_has_a_name_and_is_taken():
    assert set(KIND_NAMES) == set(TicketKind)
    for kind in TicketKind:
        for category in CATEGORIES_OF_KIND.get(kind, ("leak",)):
            check_kind(kind, category)


@pytest.mark.parametrize("kind", ["", "Repair", "leak", "repair ", "installation", "enquiry"])
def test_another_kind_is_refused_by_its_field(kind):
    with pytest.raises(Invalid) as refusal:
        check_kind(kind, "leak")
    assert set(refusal.value.fields) == {"kind"}


def test_kinds_with_steps_have_each_step_once_and_a_category():
    assert {"installation", "water_quality", "enquiry"} == STEP_KINDS
    assert not has_steps("repair")
    assert not has_steps("planned")
    keys = {rule.key for rule in CATEGORIES}
    for kind, steps in PROCEDURES.items():
        assert has_steps(kind)
        assert steps
        assert len(set(steps)) == len(steps)
        assert set(CATEGORIES_OF_KIND[kind]) <= keys

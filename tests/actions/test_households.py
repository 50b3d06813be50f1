"""Is a household added once, however often its list is read?"""

from __future__ import annotations

from sqlalchemy import select

from dispatch.actions.households import HouseholdDraft, add_households
from dispatch.actions.unit_of_work import transaction
from dispatch.models.places import Household

ONE = HouseholdDraft("BOS-1", "Joseph", "617-555-0174", "100 block of Amory St", 42.319, -71.101)
TWO = HouseholdDraft("BOS-2", None, None, "200 block of Amory St")


def test_a_known_account_is_left_as_it_is(session):
    with transaction():
        assert add_households([ONE]) == 1
    with transaction():
        assert add_households([ONE, TWO]) == 1
    rows = session.scalars(select(Household).order_by(Household.account)).all()
    assert [(row.account, row.lat) for row in rows] == [("BOS-1", 42.319), ("BOS-2", None)]

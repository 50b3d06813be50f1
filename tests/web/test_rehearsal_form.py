"""Does the form of a rehearsal ask for the wish that filled it in, whatever it holds?"""

from __future__ import annotations

from datetime import date

import pytest

from dispatch.domain.crews_on_top import CrewsOnTop
from dispatch.domain.errors import Invalid
from dispatch.domain.rehearsal_wish import Wish
from dispatch.domain.samples import Share
from dispatch.schemas.fields import loaded
from dispatch.schemas.rehearsals import RehearsalForm
from dispatch.web.rehearsal_form import texts_of, typed_by_default, wish_of

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 8)


def again(wish: Wish) -> Wish:
    typed = {name: text for name, text in texts_of(wish).items() if text}
    given = loaded(RehearsalForm, typed)
    given.pop("name")
    return wish_of(given)


def test_a_wish_comes_back_from_the_form_as_it_was():
    wish = Wish(
        first=FIRST,
        last=LAST,
        extra_crews=1,
        extra_team="W",
        more_crews=(CrewsOnTop(crews=2, team="E", day=LAST, begins=0, ends=0),),
        base_team="W",
        base_grid="East",
        declines=0.046,
        second_visits=0.0656,
        break_minutes=30,
        wait_where_suggested=True,
        with_bound=True,
    )
    assert again(wish) == wish
    assert again(Wish(first=FIRST, last=LAST, sites=5)).sites == 5


@pytest.mark.parametrize("share", ["x", "-1", "101", "nan"])
def test_a_share_is_in_percent(share):
    with pytest.raises(Invalid) as refusal:
        loaded(RehearsalForm, {"first": "2026-03-02", "last": "2026-03-03", "declines": share})
    assert list(refusal.value.fields) == ["declines"]


def test_the_form_begins_with_our_own_history_where_enough_is_known():
    streets = {"declines": Share(3, 40), "no_access": Share(1, 3), "cancelled": Share(0, 0)}
    typed = typed_by_default(FIRST, LAST, ("West", 7), streets)
    assert (typed["declines"], typed["no_access"], typed["cancelled"]) == ("7.5", "0", "0")
    assert typed["extra_team"] == typed["extra_team_3"] == "West"

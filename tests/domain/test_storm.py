"""When and where is a storm on, and which one may not begin?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.storm import (
    LONGEST,
    STORM_NAMES,
    Spell,
    StormKind,
    Wanted,
    check_wanted,
    spell_over,
)

HOUR = timedelta(hours=1)


def spell(now, *grids: str, number=1, hours=2):
    until = now + hours * HOUR
    return Spell(number, StormKind.FLOOD, frozenset(grids), now, until)


def wanted(now, *grids: str, kind="frost", reason="-12 °C", hours=6):
    return Wanted(kind, reason, grids, now + hours * HOUR)


def check(asked, now, on=()):
    return check_wanted(asked, known_grids={"West", "East"}, on=on, now=now)


def test_every_kind_has_a_name():
    assert set(STORM_NAMES) == set(StormKind)


def test_it_is_on_from_its_beginning_to_its_end(now):
    one = spell(now)
    assert [one.is_on(now + each * HOUR) for each in (-1, 0, 1, 2)] == [False, True, True, False]


def test_it_covers_its_grids_or_the_whole_city(now):
    assert spell(now).covers("West")
    assert spell(now).covers(None)
    assert spell(now, "West").covers("West")
    assert not spell(now, "West").covers("East")
    assert not spell(now, "West").covers(None)


def test_the_oldest_that_covers_a_grid_counts(now):
    spells = [spell(now, number=3), spell(now, "West", number=2), spell(now, "East", number=1)]
    assert spell_over(spells, "West", now).id == 2
    assert spell_over(spells, None, now).id == 3
    assert spell_over(spells, "West", now + 2 * HOUR) is None


def test_one_may_begin_beside_another_in_other_grids(now):
    assert check(wanted(now, "East"), now, [spell(now, "West")]) is StormKind.FROST
    assert check(wanted(now), now) is StormKind.FROST


@pytest.mark.parametrize(("new", "old"), [(("West",), ("West",)), ((), ("West",)), (("East",), ())])
def test_none_begins_where_one_is_on(now, new, old):
    with pytest.raises(Forbidden):
        check(wanted(now, *new), now, [spell(now, *old)])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "sunshine"}, "kind"),
        ({"reason": "  "}, "reason"),
        ({"hours": 0}, "ends_at"),
        ({"hours": LONGEST // HOUR + 1}, "ends_at"),
    ],
)
def test_what_is_wrong_is_named(now, change, field):
    with pytest.raises(Invalid) as refusal:
        check(wanted(now, **change), now)
    assert list(refusal.value.fields) == [field]


def test_an_unknown_grid_is_named(now):
    with pytest.raises(Invalid) as refusal:
        check(wanted(now, "West", "Nowhere"), now)
    assert "Nowhere" in str(refusal.value.fields["grids"])

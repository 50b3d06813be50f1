"""Are the first-time fixes of a view those of its stories, and is the bring list's word in time?"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from sqlalchemy import update

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.first_time_fix import arrivals, first_time_fix
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.return_visits import why_not_first_time
from dispatch.domain.same_place import fixed_at, next_at_same_place
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.facts import ReturnVisitFact
from dispatch.models.tickets import Ticket
from dispatch.queries.circle_returns import Behind, returns_in, tickets_again
from dispatch.queries.facts import facts_waiting
from dispatch.queries.return_visits import return_visits_now
from dispatch.queries.stories import ALL_TICKETS
from tests.factories import IN_EAST
from tests.queries.histories import (
    NOW,
    START,
    on_one_database,
    pasts,
    store,
    story_of,
)
from tests.trips import another_ticket, lack, open_burst, send, step, steward, use, work

EVERYTHING = Scope(everything=True)
ALL_DAYS = Period(START.date(), NOW.date() + timedelta(days=1), ZoneInfo("UTC"))
MINUTE = timedelta(minutes=1)


def counted(rows):
    return {row.key: (row.fixed.hits, row.fixed.n, row.whys) for row in rows}


def by_hand(found, key_of):
    """Count first-time fixes one ticket after the other."""
    stories = {past.ticket["id"]: story_of(past, found) for past in found}
    followers = next_at_same_place(list(stories.values()))
    table = defaultdict(lambda: [0, 0, defaultdict(int)])
    for past in found:
        story = stories[past.ticket["id"]]
        if not first_time_fix([story], NOW).share.n or fixed_at(story) is None:
            continue
        row = table[key_of(past, story)]
        why = why_not_first_time(story, followers)
        row[1] += 1
        if why is None:
            row[0] += 1
        else:
            row[2][why] += 1
    return {key: (hits, n, dict(whys)) for key, (hits, n, whys) in table.items()}


@on_one_database
@given(found=pasts())
def test_each_group_is_that_of_its_stories(places, found):
    for past in found:
        past.ticket["pipe_mm"] = (None, 100, 300)[past.ticket["id"] % 3]
    store(found)
    shown = returns_in(ALL_DAYS, EVERYTHING, ALL_TICKETS, now=NOW)
    assert counted(shown.by_category) == by_hand(found, lambda past, _: past.ticket["category"])
    assert counted(shown.by_pipe) == by_hand(found, lambda past, _: past.ticket["pipe_mm"])
    crews = by_hand(found, lambda _, story: arrivals(story)[0].crew)
    assert counted(shown.by_crew) == {int(key.split()[1]): row for key, row in crews.items()}
    every = by_hand(found, lambda *_: None)
    assert counted([shown.total]) == (every or {None: (0, 0, {})})
    for row in shown.by_category:
        behind = (Behind.CATEGORY, row.key)
        listed = tickets_again(ALL_DAYS, EVERYTHING, ALL_TICKETS, behind, now=NOW)
        assert len(listed) == row.fixed.n - row.fixed.hits


def seen(now, behind=None):
    day = now.date()
    days = Period(day - timedelta(days=1), day + timedelta(days=3), ZoneInfo("UTC"))
    if behind is None:
        return returns_in(days, EVERYTHING, ALL_TICKETS, now=now)
    return tickets_again(days, EVERYTHING, ALL_TICKETS, behind, now=now)


def test_a_list_that_learned_in_time_would_have_saved_the_visit(session, now):
    open_burst(now, pipe_mm=100)
    for number in (2, 3):
        another_ticket(now, place=IN_EAST)
        use(number, now + MINUTE, "air_valves")
    another_ticket(now, place=IN_EAST)
    lack(1, now, "air_valves")
    lack(4, now + 60 * MINUTE, "air_valves")
    later = now + timedelta(days=1)
    saved = seen(later).savings
    assert (saved.saved.hits, saved.saved.n) == (1, 2)
    assert saved.saved_seconds == saved.all_seconds / 2 > 0
    [one] = seen(later, (Behind.LIST, "named"))
    assert (one.number, one.lacked) == ("W000004", (("air_valves", True),))
    [other] = seen(later, (Behind.LIST, "not_named"))
    assert (other.number, other.lacked) == ("W000001", (("air_valves", False),))
    assert len(seen(later, (Behind.PART, "air_valves"))) == 2
    assert seen(later, (Behind.LIST, "unwritten")) == []
    assert seen(later, (Behind.CREW, "none")) == []


def test_the_page_says_the_same_before_and_after_the_roll_up(session, now):
    open_burst(now, pipe_mm=100)
    another_ticket(now, place=IN_EAST)
    use(2, now + MINUTE, "air_valves")
    lack(1, now + 60 * MINUTE, "air_valves", "couplings")
    lack(2, now + 120 * MINUTE, "pipe")
    later = now + timedelta(days=1)
    before = seen(later), seen(later, (Behind.LIST, "not_named"))
    assert before[0].savings.saved.n == len(before[1]) == 2
    run(later)
    assert facts_waiting() == 0
    assert (seen(later), seen(later, (Behind.LIST, "not_named"))) == before
    # Nothing is worked out again of what is stored.
    with transaction():
        db.session.execute(update(ReturnVisitFact).values(named=ReturnVisitFact.lacked))
    assert seen(later).savings.saved.hits == 2
    step(2, "needs", steward(1), now + 200 * MINUTE, parts=["plugs"], visit_id=3)
    [other] = seen(later, (Behind.LIST, "not_named"))
    assert ("plugs", False) in other.lacked


def test_a_ticket_of_two_return_visits_adds_them_up(session, now):
    open_burst(now)
    for hours in (0, 5):
        lack(1, now + timedelta(hours=hours), "pipe", until="arrive")
        at = now + timedelta(hours=hours, minutes=50)
        step(1, "cannot-complete", steward(1), at, cause="part_missing", parts=["plugs"])
    send(1, 1, now + timedelta(hours=9))
    work(1, 1, now + timedelta(hours=9))
    [one] = seen(now + timedelta(days=1), (Behind.PART, "plugs"))
    assert {item for item, _ in one.lacked} == {"pipe", "plugs"}
    assert one.seconds == sum(each.seconds for each in return_visits_now(np.array([1])))


def test_a_visit_that_wrote_nothing_down_is_counted_apart(session, now):
    open_burst(now)
    lack(1, now)
    later = now + timedelta(days=1)
    assert seen(later).savings.unwritten == 1
    assert [one.number for one in seen(later, (Behind.LIST, "unwritten"))] == ["W000001"]
    with transaction():
        db.session.get_one(Ticket, 1).state = "cancelled"
    assert seen(later).savings.unwritten == 0


def test_an_empty_city_has_no_data(session, now):
    shown = seen(now)
    assert shown.total.fixed.rate is None
    assert (shown.by_category, shown.savings.saved.n) == ([], 0)

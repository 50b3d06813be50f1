"""Does the next shift learn of every promise and hold, the most pressing first?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.domain.handovers import MOST_LISTED, held_of, promises_of


def ticket(number, due_at=None, hold=None):
    clock = {"kind": "arrive", "due_at": due_at}
    return {
        "number": number, "category": "leak", "level": 3, "address": "Wuyi Road",
        "next_clock": clock, "hold": hold,
    }  # fmt: skip


def test_promises_come_by_their_date_and_the_late_ones_are_counted(now):
    minute = timedelta(minutes=1)
    tickets = [
        ticket("W3", now + minute), ticket("W2", now - minute), ticket("W1", now),
        ticket("W4"), ticket("W5", now + minute) | {"next_clock": None},
    ]  # fmt: skip
    found = promises_of(tickets, now)
    assert (found["open"], found["promised"], found["overdue"]) == (5, 3, 1)
    assert [(row["number"], row["overdue"]) for row in found["promises"]] == [
        ("W2", True), ("W1", False), ("W3", False),
    ]  # fmt: skip


def test_long_lists_are_cut_and_counted_whole(now):
    tickets = [ticket(f"W{at}", now) for at in range(MOST_LISTED + 5)]
    found = promises_of(tickets, now)
    assert (found["promised"], len(found["promises"])) == (MOST_LISTED + 5, MOST_LISTED)


def test_holds_come_by_their_end_and_those_without_one_last(now):
    def held(number, until_at):
        return ticket(number, hold={"reason": "waiting_for_part", "until_at": until_at})

    found = held_of([held("W1", None), held("W2", now), ticket("W3"), held("W4", None)])
    assert found["held"] == 3
    assert [row["number"] for row in found["holds"]] == ["W2", "W1", "W4"]
    assert found["holds"][0]["reason"] == "waiting_for_part"

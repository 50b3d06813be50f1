"""Does an estimate always come, with its author and the reason?"""

from __future__ import annotations

import threading

import numpy as np
import pytest

from dispatch.adapters.road_times.asked import AskedTimes
from dispatch.adapters.road_times.asking import NoAnswer, TooMuch
from dispatch.adapters.road_times.fallback import WithFallback
from dispatch.adapters.road_times.servers import Osrm
from dispatch.domain.place import Point
from dispatch.domain.sentences import say
from dispatch.domain.travel import StraightLine, TravelTimes

PLACES = np.array([[28.2, 112.9], [28.3, 113.0]])


class Scripted(TravelTimes):
    """A source that does what it is told next."""

    source, spread = "scripted", 0.1

    def __init__(self) -> None:
        self.calls = 0
        self.act = lambda: np.full((2, 2), 7.0)

    def seconds(self, origins, goals, hour):
        del origins, goals, hour
        self.calls += 1
        return self.act()

    def way(self, origin, goal):
        self.calls += 1
        self.act()
        return np.array([[each.lat, each.lon] for each in (origin, goal)])


def failing():
    raise NoAnswer(say("The connection failed."))


@pytest.fixture
def first():
    """Return the source that is asked first."""
    return Scripted()


def test_the_first_answers_for_itself(first):
    answer = WithFallback(first, StraightLine(), 5.0).answer(PLACES, PLACES, 8)
    assert (answer.source, answer.spread, answer.note) == ("scripted", 0.1, None)
    assert answer.seconds.tolist() == [[7, 7], [7, 7]]


def test_a_failure_is_answered_by_the_straight_line_which_says_so(first):
    first.act = failing
    times = WithFallback(first, StraightLine(spread=0.25), 5.0, name="OSRM")
    answer = times.answer(PLACES, PLACES, 8)
    assert (answer.source, answer.spread) == ("straight_line", 0.25)
    assert str(answer.note) == (
        "Estimated from the straight line, because OSRM did not answer: The connection failed."
    )
    assert answer.seconds.tolist() == StraightLine().seconds(PLACES, PLACES).tolist()
    assert times.seconds(PLACES, PLACES, 8).tolist() == answer.seconds.tolist()


def test_a_fault_of_ours_is_answered_likewise(first, caplog):
    def stumble():
        raise ZeroDivisionError

    first.act = stumble
    answer = WithFallback(first, StraightLine(), 5.0).answer(PLACES, PLACES, 8)
    assert "It failed with ZeroDivisionError." in str(answer.note)
    assert "ZeroDivisionError" in caplog.text


def test_a_source_that_hangs_is_not_awaited_and_not_asked_twice(first):
    released, done = threading.Event(), threading.Event()

    def hang():
        released.wait(120)
        done.set()
        return np.zeros((2, 2))

    first.act = hang
    times = WithFallback(first, StraightLine(), 0.05)
    assert "It took too long." in str(times.answer(PLACES, PLACES, 8).note)
    assert "still works" in str(times.answer(PLACES, PLACES, 8).note)
    assert first.calls == 1
    released.set()
    assert done.wait(120)


def test_after_three_failures_it_is_left_alone_then_tried_again(first):
    now = [0.0]
    times = WithFallback(first, StraightLine(), 5.0, clock=lambda: now[0])

    def note():
        return times.answer(PLACES, PLACES, 8).note

    first.act = failing
    for _ in range(5):
        assert "The connection failed." in str(note())
    assert first.calls == 3
    now[0] = 31.0
    note()
    note()
    assert first.calls == 4
    now[0] = 31.0 + 59
    note()
    assert first.calls == 4
    first.act = lambda: np.zeros((2, 2))
    now[0] = 31.0 + 61
    assert note() is None
    assert note() is None
    assert first.calls == 6


def test_a_question_too_large_is_not_the_servers_failure(first):
    def too_much():
        raise TooMuch(say("There are too many places at once for it."))

    first.act = too_much
    times = WithFallback(first, StraightLine(), 5.0)
    for _ in range(5):
        assert "too many places" in str(times.answer(PLACES, PLACES, 8).note)
    assert first.calls == 5


def test_a_server_that_is_merely_slow_is_not_left_alone(first):
    turns = [threading.Event() for _ in range(6)]
    times = WithFallback(first, StraightLine(), 0.02)
    for turn in turns:
        done = threading.Event()

        def answer_late(turn=turn, done=done):
            turn.wait(120)
            done.set()
            return np.zeros((2, 2))

        first.act = answer_late
        assert "It took too long." in str(times.answer(PLACES, PLACES, 8).note)
        turn.set()
        assert done.wait(120)
        while times._is_asking:
            pass
    assert first.calls == 6


def test_a_failure_after_we_gave_up_counts_once(first):
    released = threading.Event()
    times = WithFallback(first, StraightLine(), 0.02)

    def fail_late():
        released.wait(120)
        failing()

    first.act = fail_late
    times.answer(PLACES, PLACES, 8)
    released.set()
    while times._is_asking:
        pass
    first.act = failing
    times.answer(PLACES, PLACES, 8)
    times.answer(PLACES, PLACES, 8)
    times.answer(PLACES, PLACES, 8)
    assert first.calls == 3


def test_the_rest_grows_to_ten_minutes_and_no_further(first):
    now = [0.0]
    first.act = failing
    times = WithFallback(first, StraightLine(), 5.0, clock=lambda: now[0])
    for _ in range(40):
        times.answer(PLACES, PLACES, 8)
        now[0] += 601
    assert first.calls == 40


@pytest.mark.parametrize("given", ["hang", (302, {"Location": "/"}, b""), (200, {}, b"<p>hi")])
def test_over_a_real_line_every_kind_of_silence_is_an_estimate(road_server, given):
    road_server.respond = road_server.hang if given == "hang" else lambda *_asked: given
    asked = AskedTimes(Osrm(), road_server.url, 0.1)
    answer = WithFallback(asked, StraightLine(), 5.0, name=asked.name).answer(PLACES, PLACES, 8)
    assert answer.source == "straight_line"
    assert "OSRM did not answer" in str(answer.note)


def test_the_streets_come_from_the_first_or_not_at_all(first):
    now = [0.0]
    times = WithFallback(first, StraightLine(), 5.0, clock=lambda: now[0])
    ends = Point(28.2, 112.9), Point(28.3, 113.0)
    assert times.way(*ends).tolist() == PLACES.tolist()
    first.act = failing
    assert [times.way(*ends) for _ in range(4)] == [None] * 4
    first.act = lambda: np.full((2, 2), 7.0)
    assert times.answer(PLACES, PLACES, 8).note is None


def test_a_line_that_hangs_holds_up_neither_a_question_nor_another_line(first):
    released, begun = threading.Event(), threading.Event()

    def hang():
        begun.set()
        released.wait(120)

    first.act = hang
    times = WithFallback(first, StraightLine(), 0.05)
    ends = Point(28.2, 112.9), Point(28.3, 113.0)
    assert times.way(*ends) is None
    assert begun.wait(120)
    first.act = lambda: np.full((2, 2), 7.0)
    assert times.way(*ends) is None
    assert times.answer(PLACES, PLACES, 8).note is None
    released.set()

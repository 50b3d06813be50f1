"""Does the log say where the threads are when a request gets no answer?"""

from __future__ import annotations

from threading import Event, Thread

import pytest

from dispatch.cli.long_requests import LONGEST_SECONDS, Watched

DEADLINE_SECONDS = 60


class Hanging:
    """An application that answers when it is let go."""

    def __init__(self) -> None:
        self.asked, self.let_go = Event(), Event()

    def __call__(self, _environ, _start_response) -> list[bytes]:
        self.asked.set()
        self.stand_still()
        return [b"at last"]

    def stand_still(self):
        assert self.let_go.wait(DEADLINE_SECONDS)


class Clock:
    """A clock that goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seen(tmp_path, caplog):
    """Look once, and return what was written since the last look: the log and the stacks."""

    def look(watched: Watched) -> tuple[list[str], str]:
        caplog.clear()
        with (tmp_path / "stacks").open("w+", encoding="utf-8") as out:
            watched.look(out)
            out.seek(0)
            return [record.message for record in caplog.records], out.read()

    return look


def test_a_request_without_an_answer_says_once_where_it_is(seen):
    hanging, clock, answers = Hanging(), Clock(), []
    watched = Watched(hanging, clock=clock)
    asking = Thread(target=lambda: answers.extend(watched({}, lambda *_: None)))
    asking.start()
    try:
        assert hanging.asked.wait(DEADLINE_SECONDS)
        clock.now += LONGEST_SECONDS
        assert seen(watched) == ([], "")
        clock.now += 1
        said, stacks = seen(watched)
        assert said == ["a request has had no answer for 21 s; all threads:"]
        assert "in stand_still" in stacks
        clock.now += 1
        assert seen(watched) == ([], "")
    finally:
        hanging.let_go.set()
        asking.join()
    assert answers == [b"at last"]
    clock.now += 1_000
    assert seen(watched) == ([], "")


def test_the_next_one_is_told_too(seen):
    first, second, clock = Hanging(), Hanging(), Clock()
    waiting = iter([first, second])

    def one_after_the_other(environ, start_response):
        return next(waiting)(environ, start_response)

    watched = Watched(one_after_the_other, clock=clock)
    threads = []
    try:
        for each in (first, second):
            threads.append(Thread(target=watched, args=({}, None)))
            threads[-1].start()
            assert each.asked.wait(DEADLINE_SECONDS)
            clock.now += LONGEST_SECONDS + 1
            assert len(seen(watched)[0]) == 1
    finally:
        for each in (first, second):
            each.let_go.set()
        for thread in threads:
            thread.join()


def test_one_that_fails_is_over(seen):
    clock = Clock()

    def fail(_environ, _start_response):
        raise RuntimeError

    watched = Watched(fail, clock=clock)
    with pytest.raises(RuntimeError):
        watched({}, lambda *_: None)
    clock.now += LONGEST_SECONDS + 1
    assert seen(watched) == ([], "")


def test_it_looks_by_itself(monkeypatch):
    looks, twice = [], Event()

    def look(_self, _out) -> None:
        looks.append(1)
        if len(looks) == 2:
            twice.set()

    monkeypatch.setattr("dispatch.cli.long_requests.PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(Watched, "look", look)
    watched = Watched(lambda *_: [])
    watched.start()
    assert twice.wait(DEADLINE_SECONDS)

"""Does every way of not answering end in time, with its reason?"""

from __future__ import annotations

import socket
from time import monotonic

import pytest

from dispatch.adapters.road_times import asking
from dispatch.adapters.road_times.asking import Line, NoAnswer, Question


def ask(url, *, seconds=60.0, question=None):
    with Line(url, monotonic() + seconds) as line:
        return line.ask(question or Question("/table"))


def reason(url, *, seconds=60.0):
    with pytest.raises(NoAnswer) as silence:
        ask(url, seconds=seconds)
    return str(silence.value.sentence)


def test_an_answer_is_its_json(road_server):
    road_server.respond = lambda path, query, body: {"path": path, "query": query, "body": body}
    assert ask(road_server.url + "/osrm/", question=Question("/table?a=1")) == {
        "path": "/osrm/table",
        "query": {"a": ["1"]},
        "body": None,
    }
    posted = ask(road_server.url, question=Question("/matrix", {"sources": [1]}))
    assert posted["body"] == {"sources": [1]}


def test_one_line_asks_several_questions(road_server):
    with Line(road_server.url, monotonic() + 60) as line:
        assert [line.ask(Question("/one")), line.ask(Question("/two"))] == [{}, {}]
    assert [path for path, _query, _body in road_server.asked] == ["/one", "/two"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "It answered with status 302."),
        ((500, {}, b"{}"), "It answered with status 500."),
        ((200, {}, b"<html>Welcome to the hotel"), "Its answer is not JSON."),
        ((200, {}, b"[" * 100_000), "Its answer is not JSON."),
        ((200, {}, b"\xff"), "Its answer is not JSON."),
    ],
)
def test_nonsense_is_named(road_server, given, expected):
    road_server.respond = lambda *_asked: given
    assert reason(road_server.url) == expected


def test_an_endless_answer_is_not_read_to_its_end(road_server, monkeypatch):
    monkeypatch.setattr(asking, "MOST_BYTES", 10)
    road_server.respond = lambda *_asked: ["far too long"]
    assert reason(road_server.url) == "Its answer is too long."


def test_a_server_that_hangs_is_left_in_time(road_server):
    road_server.respond = road_server.hang
    assert reason(road_server.url, seconds=0.1) == "It took too long."


def test_a_server_that_sends_drops_is_left_in_time(road_server):
    road_server.respond = lambda *_asked: "drip"
    assert reason(road_server.url, seconds=0.1) == "It took too long."


def test_a_server_that_is_away_is_named():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert reason(f"http://127.0.0.1:{port}") == "The connection failed."


def test_an_answer_that_breaks_off_is_not_taken_for_whole(road_server):
    headers = {"Content-Length": "99", "Connection": "close"}
    road_server.respond = lambda *_asked: (200, headers, b'{"code": "Ok", "dura')
    assert reason(road_server.url) == "Its answer is not JSON."


def test_after_the_deadline_nothing_is_asked(road_server):
    assert reason(road_server.url, seconds=-1) == "It took too long."
    assert road_server.asked == []

"""Can a webhook reach an internal address, and can a peer hold the sender up?"""

from __future__ import annotations

import socket

import pytest

from dispatch.adapters.messages.posting import Guard, NoAnswer, Poster, hosts_of, judged, resolve
from dispatch.domain.errors import Invalid
from dispatch.domain.messages import LATER, NEVER, SENT

PUBLIC = "93.184.216.34"


def guard(*answers: str, **named: object):
    return Guard(look_up=lambda _host, _port: list(answers), **named)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
        "0.0.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00:ec2::254",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::",
        "::127.0.0.1",
    ],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused_and_nothing_is_connected(
    address, monkeypatch, receiver
):
    connected = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **_named: connected.append(args))
    for addresses in ([address], [PUBLIC, address]):
        with pytest.raises(NoAnswer) as refusal:
            Poster(1.0, guard(*addresses)).post("https://hooks.example/x", b"{}", {})
        assert refusal.value.outcome.verdict == NEVER
    assert not connected
    assert not receiver.received


def test_the_name_is_looked_up_once_and_the_checked_address_is_called(monkeypatch):
    looked_up, connected = [], []

    def look_up(host, _port):
        looked_up.append(host)
        return [PUBLIC] if len(looked_up) == 1 else ["127.0.0.1"]

    def connect(address, **_named: object):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NoAnswer):
        Poster(1.0, Guard(look_up=look_up)).post("https://hooks.example/x", b"{}", {})
    assert looked_up == ["hooks.example"]
    assert connected == [(PUBLIC, 443)]


def test_a_named_internal_host_is_called(receiver):
    exempt = Guard(inside=hosts_of("127.0.0.1, erp.internal"), allows_http=True)
    assert Poster(2.0, exempt).post(f"{receiver.url}/x?y=1", b"{}", {"A": "b"}).status == 200
    assert receiver.received[0].path == "/x?y=1"
    assert receiver.received[0].headers["a"] == "b"


def test_http_needs_its_setting(receiver):
    inside = hosts_of("127.0.0.1")
    with pytest.raises(NoAnswer) as refusal:
        Poster(2.0, Guard(inside=inside)).post(receiver.url, b"", {})
    assert refusal.value.outcome.verdict == NEVER
    assert receiver.received == []
    assert Poster(2.0, Guard(inside=inside, allows_http=True)).post(receiver.url, b"", {}).status


def test_a_redirection_is_not_followed(receiver):
    receiver.respond = lambda _asked: (302, {"Location": f"{receiver.url}/inside"}, b"")
    answer = Poster(2.0).post(f"{receiver.url}/first", b"", {})
    assert judged(answer).verdict == LATER
    assert [each.path for each in receiver.received] == ["/first"]


@pytest.mark.parametrize("misbehaviour", ["hang", "drip"])
def test_a_peer_that_hangs_is_given_up_in_time(receiver, misbehaviour):
    receiver.respond = lambda _asked: misbehaviour
    with pytest.raises(NoAnswer) as silence:
        Poster(0.3).post(receiver.url, b"", {})
    assert silence.value.outcome.verdict == LATER
    assert "long" in str(silence.value.outcome.why)


def test_nonsense_and_a_closed_port_are_tried_again(receiver):
    receiver.respond = lambda _asked: "garbage"
    with pytest.raises(NoAnswer) as nonsense:
        Poster(2.0).post(receiver.url, b"", {})
    assert str(nonsense.value.outcome.why) == "Its answer is no HTTP."
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(NoAnswer) as silence:
            Poster(2.0).post(f"http://127.0.0.1:{closed.getsockname()[1]}", b"", {})
    assert silence.value.outcome.verdict == LATER


def test_a_large_answer_is_cut(receiver):
    receiver.respond = lambda _asked: (200, {}, b"<b>\x00" + b"x" * 5_000_000)
    answer = Poster(5.0).post(receiver.url, b"", {})
    assert len(answer.content) <= 64 * 1024
    assert len(answer.text) == 500
    assert answer.text.startswith("<b>�x")


def test_an_unknown_name_is_refused_when_saved_and_tried_again_when_sent():
    def unknown(_host, _port):
        raise socket.gaierror

    lost = Guard(look_up=unknown)
    with pytest.raises(Invalid) as refusal:
        lost.check_saved("https://nowhere.example")
    assert "url" in refusal.value.fields
    with pytest.raises(NoAnswer) as silence:
        Poster(1.0, lost).post("https://nowhere.example", b"", {})
    assert silence.value.outcome.verdict == LATER
    guard(PUBLIC).check_saved("https://hooks.example")


def test_an_answer_of_plain_http_to_https_is_tried_again(receiver):
    exempt = Guard(inside=hosts_of("127.0.0.1"))
    with pytest.raises(NoAnswer) as silence:
        Poster(2.0, exempt).post(receiver.url.replace("http:", "https:"), b"", {})
    assert silence.value.outcome.verdict == LATER


@pytest.mark.parametrize(
    ("status", "verdict", "stubborn"),
    [
        (200, SENT, SENT), (204, SENT, SENT), (301, LATER, LATER), (400, NEVER, LATER),
        (403, NEVER, LATER), (404, NEVER, LATER), (408, LATER, LATER), (410, NEVER, NEVER),
        (429, LATER, LATER), (500, LATER, LATER), (503, LATER, LATER),
    ],
)  # fmt: skip
def test_each_status_has_its_rule(receiver, status, verdict, stubborn):
    receiver.respond = lambda _asked: (status, {}, b"said")
    answer = Poster(2.0).post(receiver.url, b"", {})
    assert judged(answer).verdict == verdict
    outcome = judged(answer, keeps_trying=True)
    assert (outcome.verdict, outcome.code, outcome.is_gone) == (stubborn, status, status == 410)


def test_the_systems_resolver_names_each_address_once():
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]

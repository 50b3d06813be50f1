"""Do text messages and chat rooms get what their products ask for?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from dispatch.adapters.messages.gateways import DingTalk, Feishu, SmsGateway, WeCom
from dispatch.adapters.messages.posting import Poster
from dispatch.domain.messages import LATER, NEVER, SENT

POSTER = Poster(2.0)


def sms(receiver, body, **named: object):
    return SmsGateway(POSTER, f"{receiver.url}/send", body, **named)


def test_json_is_filled_in_without_breaking_out(receiver, message):
    body = '{"to": ["{phone}"], "m": {"text": "[{text}]"}, "id": "{id}", "n": 1}'
    nasty = replace(message, text='"} {phone} {id}')
    assert sms(receiver, body, headers={"X-Key": "k"})(nasty).verdict == SENT
    found = receiver.received[0]
    assert json.loads(found.body) == {
        "to": ["13812345678"], "m": {"text": '["} {phone} {id}]'}, "id": "msg_1", "n": 1,
    }  # fmt: skip
    assert (found.headers["x-key"], found.headers["idempotency-key"]) == ("k", "msg_1")


@pytest.mark.parametrize("body", ["phone={phone}&text={text}", "{phone}={text}"])
def test_a_form_is_quoted(receiver, message, body):
    sms(receiver, body)(message)
    told = parse_qsl(receiver.received[0].body.decode())
    assert told[-1][1] == "水 {phone} & “x”"
    assert "13812345678" in told[0]


def test_a_wrong_number_is_never_sent(receiver, message):
    outcome = sms(receiver, "{}")(replace(message, recipient="at home"))
    assert outcome.verdict == NEVER
    assert receiver.received == []


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ((200, {}, b'{"code": "OK"}'), SENT), ((200, {}, b"<html>portal</html>"), LATER),
        ((200, {}, b"\xff\xfe"), LATER), ((500, {}, b""), LATER), ((401, {}, b""), NEVER),
        ("garbage", LATER),
    ],
)  # fmt: skip
def test_an_answer_without_the_word_of_success_is_no_success(receiver, message, answer, verdict):
    receiver.respond = lambda _asked: answer
    assert sms(receiver, "t={text}", success='"OK"')(message).verdict == verdict


def answering(receiver, content):
    receiver.respond = lambda _asked: (200, {}, content)


def test_wecom_gets_a_text(receiver, message):
    answering(receiver, b'{"errcode": 0, "errmsg": "ok"}')
    assert WeCom(POSTER, f"{receiver.url}/send?key=k")(message).verdict == SENT
    assert json.loads(receiver.received[0].body) == {
        "msgtype": "text", "text": {"content": message.text},
    }  # fmt: skip


@pytest.mark.parametrize("query", ["", "?access_token=t"])
def test_dingtalk_is_signed_in_its_address(receiver, message, query):
    answering(receiver, b'{"errcode": 0}')
    assert DingTalk(POSTER, f"{receiver.url}/send{query}", "SEC1")(message).verdict == SENT
    asked = parse_qs(urlsplit(receiver.received[0].path).query)
    stamp = str(round(message.at.timestamp() * 1000))
    seal = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert asked["timestamp"] == [stamp]
    assert asked["sign"] == [base64.b64encode(seal).decode()]
    assert DingTalk(POSTER, receiver.url).written(message)[0] == receiver.url


def test_feishu_is_signed_in_its_body(receiver, message):
    answering(receiver, b'{"code": 0}')
    assert Feishu(POSTER, receiver.url, "s")(message).verdict == SENT
    told = json.loads(receiver.received[0].body)
    stamp = str(int(message.at.timestamp()))
    seal = hmac.new(f"{stamp}\ns".encode(), b"", hashlib.sha256).digest()
    assert told["sign"] == base64.b64encode(seal).decode()
    assert told["content"] == {"text": message.text}
    assert "sign" not in Feishu(POSTER, receiver.url).written(message)[1]


@pytest.mark.parametrize(
    ("room", "content", "verdict"),
    [
        (WeCom, b'{"errcode": 93000}', NEVER), (WeCom, b'{"errcode": 45009}', LATER),
        (DingTalk, b'{"errcode": 310000}', NEVER), (DingTalk, b'{"errcode": 130101}', LATER),
        (Feishu, b'{"StatusCode": 0}', SENT), (Feishu, b'{"code": 19021}', NEVER),
        (Feishu, b'{"code": 11232}', LATER), (WeCom, b"[1]", LATER), (WeCom, b"{}", LATER),
        (WeCom, b"no JSON", LATER), (WeCom, b"[" * 100_000, LATER),
    ],
)  # fmt: skip
def test_the_code_inside_a_200_counts(receiver, message, room, content, verdict):
    answering(receiver, content)
    assert room(POSTER, receiver.url)(message).verdict == verdict


def test_a_room_that_is_away_is_tried_again(receiver, message):
    receiver.respond = lambda _asked: (502, {}, b"")
    assert WeCom(POSTER, receiver.url)(message).verdict == LATER
    receiver.respond = lambda _asked: "garbage"
    assert WeCom(POSTER, receiver.url)(message).verdict == LATER

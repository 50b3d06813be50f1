"""Do webhooks, pushes and apprise leave as their standards say?"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import replace
from datetime import UTC, datetime

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from dispatch.adapters.messages import libraries
from dispatch.adapters.messages.libraries import (
    Apprise,
    Webhook,
    WebPush,
    endpoint_secret,
    new_push_keys,
    public_text,
    push_public_key,
)
from dispatch.adapters.messages.posting import Poster
from dispatch.domain.messages import LATER, NEVER, SENT

POSTER = Poster(2.0)
SECRET = endpoint_secret("the application's secret", "salt")


def test_a_webhook_verifies_with_the_standards_library(receiver, message):
    hook = replace(
        message, recipient=receiver.url, secret=SECRET, payload={"type": "ticket.arrived", "水": 1},
        at=datetime.now(UTC),
    )  # fmt: skip
    assert Webhook(POSTER)(hook).verdict == SENT
    found = receiver.received[0]
    assert Verifier(SECRET).verify(found.body, found.headers)["水"] == 1
    assert found.headers["webhook-id"] == "msg_1"
    with pytest.raises(WebhookVerificationError):
        Verifier(endpoint_secret("another", "salt")).verify(found.body, found.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(found.body + b" ", found.headers)


def test_secrets_differ_by_endpoint_and_are_not_shown(message):
    assert endpoint_secret("a", "1") != endpoint_secret("a", "2")
    assert SECRET not in repr(replace(message, secret=SECRET))


@pytest.mark.parametrize(("answer", "gone"), [((410, {}, b""), True), ((404, {}, b""), False)])
def test_only_gone_ends_a_webhook(receiver, message, answer, gone):
    receiver.respond = lambda _asked: answer
    outcome = Webhook(POSTER)(replace(message, recipient=receiver.url, secret=SECRET))
    assert (outcome.verdict == NEVER, outcome.is_gone) == (gone, gone)


def test_a_webhook_that_finds_nobody_is_tried_again(receiver, message):
    receiver.respond = lambda _asked: "garbage"
    outcome = Webhook(POSTER)(replace(message, recipient=receiver.url, secret=SECRET))
    assert outcome.verdict == LATER


def letters(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.fixture
def browser(receiver):
    """Return a browser's key, its secret and its subscription."""
    key, secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    vapid = Vapid02()
    vapid._private_key, vapid._public_key = key, key.public_key()
    keys = {"p256dh": public_text(vapid), "auth": letters(secret)}
    return key, secret, {"endpoint": f"{receiver.url}/push/1", "keys": keys}


def test_a_push_is_readable_to_its_browser_alone(receiver, message, browser):
    key, secret, subscription = browser
    private, public = new_push_keys()
    assert push_public_key(private) == public
    assert len(private), len(public) == (43, 87)
    push = WebPush(POSTER, private, "mailto:desk@water.example")
    assert push(replace(message, recipient=json.dumps([subscription]))).verdict == SENT
    found = receiver.received[0]
    assert found.headers["authorization"].startswith("vapid t=")
    assert public in found.headers["authorization"]
    assert message.text.encode() not in found.body
    shown = http_ece.decrypt(found.body, private_key=key, auth_secret=secret)
    assert json.loads(shown) == {
        "title": message.subject, "body": message.text, "tag": message.key,
    }  # fmt: skip
    assert private not in repr(push)


@pytest.mark.parametrize(
    ("answer", "verdict", "gone"),
    [((404, {}, b""), NEVER, True), ((410, {}, b""), NEVER, True), ((429, {}, b""), LATER, False)],
)
def test_a_browser_that_left_is_forgotten(receiver, message, browser, answer, verdict, gone):
    receiver.respond = lambda _asked: answer
    push = WebPush(POSTER, new_push_keys()[0], "mailto:a@b.example")
    outcome = push(replace(message, recipient=json.dumps([browser[2]])))
    assert (outcome.verdict, outcome.is_gone) == (verdict, gone)


def test_a_push_goes_to_every_device_and_names_those_that_are_gone(receiver, message, browser):
    answers = {"/push/1": (201, {}, b""), "/push/2": (410, {}, b""), "/push/3": "garbage"}
    receiver.respond = lambda asked: answers[asked.path]
    push = WebPush(POSTER, new_push_keys()[0], "mailto:a@b.example")
    devices = [browser[2] | {"endpoint": f"{receiver.url}/push/{n}"} for n in (3, 2, 1)]
    outcome = push(replace(message, recipient=json.dumps(devices), payload={"title": "W000001"}))
    assert (outcome.verdict, outcome.code) == (SENT, 201)
    assert outcome.gone == (f"{receiver.url}/push/2",)
    assert {each.path for each in receiver.received} == set(answers)
    for each in receiver.received:
        shown = http_ece.decrypt(each.body, private_key=browser[0], auth_secret=browser[1])
        assert json.loads(shown) == {"title": "W000001", "tag": message.key}
    del answers["/push/1"], devices[-1]
    assert push(replace(message, recipient=json.dumps(devices))).verdict == LATER


def test_a_push_that_cannot_be_written_or_taken(receiver, message, browser):
    push = WebPush(POSTER, new_push_keys()[0], "mailto:a@b.example")
    for recipient in ("[]", "[{}]", '[{"endpoint": "https://x", "keys": {}}]'):
        assert push(replace(message, recipient=recipient)).verdict == NEVER
    receiver.respond = lambda _asked: "garbage"
    assert push(replace(message, recipient=json.dumps([browser[2]]))).verdict == LATER


# It imports a module that Python 3.13 has no more.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_posts_where_its_address_says(receiver, message):
    service = Apprise(f"json://127.0.0.1:{receiver.port}/{{recipient}}")
    assert service(replace(message, recipient="a/b")).verdict == SENT
    assert json.loads(receiver.received[0].body)["message"] == message.text
    assert receiver.received[0].path.startswith("/a%2Fb")
    receiver.respond = lambda _asked: (500, {}, b"")
    assert service(message).verdict == LATER
    assert Apprise("nonsense")(message).verdict == NEVER


@pytest.mark.parametrize("channel", [Webhook(POSTER), WebPush(POSTER, "k"), Apprise("json://x")])
def test_a_missing_extra_is_said(monkeypatch, message, channel):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(libraries, "import_module", missing)
    outcome = channel(message)
    assert outcome.verdict == NEVER
    assert "onevisit[messages]" in str(outcome.why)

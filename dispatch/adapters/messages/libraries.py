"""How do messages leave by the libraries of the extra `messages`: webhooks, push, apprise?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from dispatch.adapters.messages.port import later, never, no_extra, sent
from dispatch.adapters.messages.posting import NoAnswer, judged
from dispatch.domain.messages import LATER, NEVER, SENT, Outcome
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from dispatch.adapters.messages.port import Message
    from dispatch.adapters.messages.posting import Poster

SECRET_PREFIX = "whsec_"  # noqa: S105  it marks a secret and is none
PUSH_LIFETIME = timedelta(hours=1)


def endpoint_secret(application_secret: str, salt: str) -> str:
    """Return the secret of an endpoint: derived, so that a stolen backup holds none."""
    key = hmac.new(application_secret.encode(), f"webhook/{salt}".encode(), hashlib.sha256)
    return SECRET_PREFIX + base64.b64encode(key.digest()).decode()


@dataclass(frozen=True)
class Webhook:
    """Posts signed JSON to whoever subscribed, as Standard Webhooks says."""

    poster: Poster

    def __call__(self, message: Message) -> Outcome:
        """Deliver one event; every try carries the same id and its own time and signature."""
        try:
            library = import_module("standardwebhooks.webhooks")
        except ImportError:
            return no_extra("standardwebhooks")
        body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":"))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message.key,
            "webhook-timestamp": str(int(message.at.timestamp())),
            "webhook-signature": library.Webhook(message.secret).sign(
                message.key, message.at, body
            ),
        }
        try:
            answer = self.poster.post(message.recipient, body.encode(), headers)
        except NoAnswer as silence:
            return silence.outcome
        return judged(answer, keeps_trying=True)


@dataclass(frozen=True)
class WebPush:
    """Sends to the push services of browsers, encrypted for each browser alone."""

    poster: Poster
    private_key: str = field(repr=False)
    contact: str = ""

    def __call__(self, message: Message) -> Outcome:
        """Send one message; the recipient is a list of the browsers' subscriptions as JSON.

        It is sent when one of them took it. Each is asked in a thread of its own, so that one that
        hangs costs the others no time.
        """
        try:
            import_module("pywebpush")
        except ImportError:
            return no_extra("pywebpush")
        devices = json.loads(message.recipient)
        if not devices:
            return never(say("No device of this person takes pushes any more."))
        with ThreadPoolExecutor(len(devices)) as threads:
            tried = list(threads.map(lambda each: self._try(each, message), devices))
        gone = tuple(
            str(device["endpoint"])
            for device, outcome in zip(devices, tried, strict=True)
            if outcome.is_gone
        )
        best = min(tried, key=lambda outcome: (SENT, LATER, NEVER).index(outcome.verdict))
        return replace(best, is_gone=bool(gone), gone=gone)

    def _try(self, subscription: dict[str, Any], message: Message) -> Outcome:
        try:
            url = str(subscription["endpoint"])
            body, headers = self._sealed(subscription, message)
        except Exception as fault:  # noqa: BLE001  the library has no one class for a wrong key
            why = say(
                "The subscription or the key cannot be used (%(fault)s).",
                fault=type(fault).__name__,
            )
            return never(why)
        try:
            answer = self.poster.post(url, body, headers)
        except NoAnswer as silence:
            return silence.outcome
        return replace(judged(answer), is_gone=answer.status in {404, 410})

    def _sealed(
        self, subscription: dict[str, Any], message: Message
    ) -> tuple[bytes, dict[str, str]]:
        """Return what the push service is given: the body that it cannot read, and the headers."""
        shown = message.payload or {"title": message.subject, "body": message.text}
        words = json.dumps({"tag": message.key} | shown, ensure_ascii=False).encode()
        pusher = import_module("pywebpush").WebPusher(subscription)
        parts = urlsplit(str(subscription["endpoint"]))
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "sub": self.contact,
            "exp": int((message.at + PUSH_LIFETIME).timestamp()),
        }
        headers: dict[str, str] = {
            **import_module("py_vapid").Vapid02.from_string(self.private_key).sign(claims),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(PUSH_LIFETIME.total_seconds())),
            "Urgency": "high",
            "Topic": message.key[-32:],
        }
        return pusher.encode(words)["body"], headers


def new_push_keys() -> tuple[str, str]:
    """Return a new private and public VAPID key, as text.

    Raises:
        ImportError: when the extra `messages` is not installed.
    """
    vapid: Any = import_module("py_vapid").Vapid02()
    vapid.generate_keys()
    return private_text(vapid), public_text(vapid)


def push_public_key(private_key: str) -> str:
    """Return the public key that a browser subscribes with."""
    return public_text(import_module("py_vapid").Vapid02.from_string(private_key))


def private_text(vapid: Any) -> str:
    """Return the private key as 43 letters."""
    number = vapid.private_key.private_numbers().private_value
    return _letters(number.to_bytes(32, "big"))


def public_text(vapid: Any) -> str:
    """Return the public key as 87 letters."""
    point = vapid.public_key.public_numbers()
    return _letters(b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big"))


def _letters(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass(frozen=True)
class Apprise:
    """Sends by any service that apprise knows; `{recipient}` in its address is filled in."""

    url: str = field(repr=False)

    def __call__(self, message: Message) -> Outcome:
        """Send one message."""
        try:
            library = import_module("apprise")
        except ImportError:
            return no_extra("apprise")
        # Its log would name addresses with their passwords.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        service = library.Apprise()
        if not service.add(self.url.replace("{recipient}", quote(message.recipient, safe=""))):
            return never(say("Apprise does not know the address in ONEVISIT_APPRISE_URL."))
        if service.notify(body=message.text, title=message.subject):
            return sent()
        return later(say("Apprise could not send it."))

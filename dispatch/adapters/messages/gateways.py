"""How does a text message reach a telephone, and a warning the room where people chat?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dispatch.adapters.messages.port import later, never, sent
from dispatch.adapters.messages.posting import NoAnswer, judged
from dispatch.domain.errors import Invalid
from dispatch.domain.messages import SENT, Outcome
from dispatch.domain.phone_numbers import checked_phone
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.adapters.messages.port import Message
    from dispatch.adapters.messages.posting import Answer, Poster

JSON = {"Content-Type": "application/json; charset=utf-8"}
_PLACES = re.compile(r"\{(phone|text|id)\}")
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


def is_json_body(text: str) -> bool:
    """Tell whether the body of a gateway is a JSON object; any other is a form."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


@dataclass(frozen=True)
class SmsGateway:
    """Posts to a gateway; `{phone}`, `{text}` and `{id}` in the body are filled in.

    A body that is a JSON object is sent as JSON, any other as a form. `success` is a text that the
    answer must hold; without one any 2xx is good.
    """

    poster: Poster
    url: str = field(repr=False)
    body: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    success: str = ""

    def __call__(self, message: Message) -> Outcome:
        """Send one text message."""
        try:
            phone = checked_phone(message.recipient)
        except Invalid as refusal:
            return never(refusal.sentence)
        values = {"phone": phone, "text": message.text, "id": message.key}
        if is_json_body(self.body):
            kind, body = JSON, json.dumps(_filled(json.loads(self.body), values)).encode()
        else:
            kind, body = (
                FORM,
                _replaced(self.body, values, lambda text: quote(text, safe="")).encode(),
            )
        headers = kind | self.headers | {"Idempotency-Key": message.key}
        try:
            answer = self.poster.post(self.url, body, headers)
        except NoAnswer as silence:
            return silence.outcome
        outcome = judged(answer)
        if outcome.verdict == SENT and self.success not in answer.content.decode(errors="replace"):
            why = say("The gateway's answer does not say that it took the message.")
            return later(why, answer.status, answer.text)
        return outcome


def _filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, values) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    return _replaced(value, values, str) if isinstance(value, str) else value


def _replaced(text: str, values: dict[str, str], quoted: Callable[[str], str]) -> str:
    # In one sweep: a text that holds “{phone}” itself is left as it is.
    return _PLACES.sub(lambda found: quoted(values[found[1]]), text)


@dataclass(frozen=True)
class ChatRoom:
    """Posts to the robot of a group; the three products differ in body, signature and answer."""

    poster: Poster
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)

    def __call__(self, message: Message) -> Outcome:
        """Write one message into the room."""
        url, body = self.written(message)
        try:
            answer = self.poster.post(url, json.dumps(body).encode(), JSON)
        except NoAnswer as silence:
            return silence.outcome
        outcome = judged(answer)
        return self.read(answer) if outcome.verdict == SENT else outcome

    def written(self, message: Message) -> tuple[str, dict[str, Any]]:
        """Return the address and the body of one message."""
        return self.url, {"msgtype": "text", "text": {"content": message.text}}

    # Wrong key, keyword, address or signature: no later try helps.
    final = frozenset({93000, 40001, 40014, 41001, 300001, 300005, 310000, 400102, 400013})

    def read(self, answer: Answer) -> Outcome:
        """Return what the product's own code in a 200 means."""
        try:
            told = json.loads(answer.content)
            code = told.get("errcode", told.get("code", told.get("StatusCode")))
        except (ValueError, AttributeError, RecursionError):
            return later(say("Its answer is nonsense."), answer.status, answer.text)
        if not isinstance(code, int):
            return later(say("Its answer is nonsense."), answer.status, answer.text)
        if code == 0:
            return sent(answer.status, answer.text)
        refuse = never if code in self.final else later
        return refuse(say("It refused with code %(code)s.", code=code), answer.status, answer.text)


class WeCom(ChatRoom):
    """The robot of a WeCom group."""


class DingTalk(ChatRoom):
    """The robot of a DingTalk group, signed with its time and secret in the address."""

    def written(self, message: Message) -> tuple[str, dict[str, Any]]:
        """Return the address with its signature, and the body."""
        url, body = super().written(message)
        if self.secret:
            stamp = str(round(message.at.timestamp() * 1000))
            seal = hmac.new(
                self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256
            ).digest()
            sign = quote(base64.b64encode(seal), safe="")
            url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={sign}"
        return url, body


class Feishu(ChatRoom):
    """The robot of a Feishu group, signed in the body."""

    final = frozenset({9499, 19001, 19021, 19022, 19024})

    def written(self, message: Message) -> tuple[str, dict[str, Any]]:
        """Return the address, and the body with its signature."""
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": message.text}}
        if self.secret:
            stamp = str(int(message.at.timestamp()))
            seal = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
            body |= {"timestamp": stamp, "sign": base64.b64encode(seal).decode()}
        return self.url, body

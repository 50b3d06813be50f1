"""Which devices of a person are told by push, and until when?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions.outbox import BESIDE, queue_test
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.messages import PUSH_TEST, Channel, Route
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.messages import PushSubscription
from dispatch.queries.push_devices import device_at, devices_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

LONGEST_ENDPOINT = 1000
LONGEST_KEY = 200
LONGEST_AGENT = 200
MOST_DEVICES = 10
_KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Browser:
    """Who uses a browser: the account, its session, and what the browser says of itself."""

    user_id: int
    session_id: int | None
    agent: str | None = None


def add_device(
    browser: Browser, endpoint: str, keys: dict[str, Any], *, now: datetime
) -> PushSubscription:
    """Keep a device that wants pushes; the same one again belongs to whoever came last.

    Raises:
        Invalid: naming the endpoint or the keys, also when the person has ten devices.
    """
    chosen = _checked(endpoint, keys)
    row = device_at(endpoint)
    others = [each.id for each in devices_of(browser.user_id) if each is not row]
    if len(others) >= MOST_DEVICES:
        fault = say("You have %(most)s devices already. Remove one first.", most=MOST_DEVICES)
        raise Invalid(fault, fields={"endpoint": fault})
    if row is None:
        row = PushSubscription(endpoint=endpoint, created_at=now)
        db.session.add(row)
    row.user_id, row.session_id, row.keys = browser.user_id, browser.session_id, chosen
    row.agent, row.last_used_at = (browser.agent or "")[:LONGEST_AGENT] or None, now
    db.session.flush()
    return row


def _checked(endpoint: str, keys: dict[str, Any]) -> dict[str, Any]:
    if not (endpoint.startswith("https://") and len(endpoint) <= LONGEST_ENDPOINT):
        fault = say("This is no address of a push service.")
        raise Invalid(fault, fields={"endpoint": fault})
    chosen = {name: keys.get(name) for name in ("p256dh", "auth")}
    if not all(isinstance(key, str) and 0 < len(key) <= LONGEST_KEY for key in chosen.values()):
        fault = say("The keys of the subscription are missing.")
        raise Invalid(fault, fields={"keys": fault})
    return chosen


def is_kept(row: PushSubscription | None, browser: Browser, now: datetime) -> bool:
    """Tell whether nothing is to be written of a device that a page was opened on."""
    if row is None:
        return True
    is_ours = row.user_id == browser.user_id and row.session_id == browser.session_id
    return is_ours and now - row.last_used_at < _KEPT_FOR


def note_use(browser: Browser, endpoint: str, *, now: datetime) -> PushSubscription | None:
    """Write down that a device is in use, in which session; None when it is not the person's.

    Another person's subscription ends: somebody else signed in on that device since.
    """
    row = device_at(endpoint)
    if row is None:
        return None
    if row.user_id != browser.user_id:
        db.session.delete(row)
        return None
    row.session_id, row.last_used_at = browser.session_id, now
    return row


def remove_device(user_id: int, device_id: int) -> None:
    """Tell a device nothing more.

    Raises:
        NotFound: when the person has no such device.
    """
    db.session.delete(_own(user_id, device_id))


def try_device(device_id: int, *, actor: Actor, language: str, now: datetime) -> None:
    """Queue one push that says that pushes arrive, to one device of the person alone.

    Raises:
        NotFound: when the person has no such device.
    """
    user_id = actor.user_id or 0
    _own(user_id, device_id)
    route = Route(str(Channel.WEB_PUSH), f"device/{device_id}", user_id, language)
    queue_test(f"{uuid.uuid4()}{BESIDE}", route, PUSH_TEST, {}, now=now)


def _own(user_id: int, device_id: int) -> PushSubscription:
    found = next((each for each in devices_of(user_id) if each.id == device_id), None)
    if found is None:
        raise NotFound(say("You have no such device. It may have been removed already."))
    return found

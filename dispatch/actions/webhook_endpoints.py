"""How is an endpoint of webhooks added, changed and given a new secret?"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from dispatch.actions.settings_log import LONGEST_KEY, record_setting, refuse_stale
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind
from dispatch.models.base import db
from dispatch.models.messages import WebhookEndpoint
from dispatch.queries.administration import last_change

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

MOST_ENDPOINTS = 50
LONGEST_NAME = 80


@dataclass(frozen=True)
class Wanted:
    """What an administrator wants of an endpoint; its address was checked before."""

    name: str
    url: str
    kinds: tuple[str, ...]
    active: bool = True
    sees_personal: bool = False


def wanted_of(row: WebhookEndpoint) -> Wanted:
    """Return what is set of an endpoint."""
    return Wanted(row.name, row.url, tuple(row.kinds), row.active, row.sees_personal)


def add_endpoint(wanted: Wanted, *, actor: Actor, now: datetime) -> WebhookEndpoint:
    """Add an endpoint.

    Raises:
        Invalid: naming the name or the kinds of events, or that there are fifty already.
    """
    _check(wanted)
    count = db.session.scalar(
        select(func.count())
        .select_from(WebhookEndpoint)
        .where(WebhookEndpoint.deleted_at.is_(None))
    )
    if count is not None and count >= MOST_ENDPOINTS:
        raise Invalid(say("There are 50 endpoints already. Delete one first."))
    row = WebhookEndpoint(
        **_columns(wanted), salt=secrets.token_hex(16), created_at=now, created_by=actor.name
    )
    db.session.add(row)
    db.session.flush()
    record_setting("webhook", wanted.name, None, _columns(wanted), actor=actor, now=now)
    return row


def change_endpoint(
    endpoint_id: int,
    wanted: Wanted,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> WebhookEndpoint:
    """Change an endpoint.

    Raises:
        NotFound: when there is none.
        Invalid: naming what is wrong.
        Stale: when somebody changed it since.
    """
    row = endpoint_for_change(endpoint_id)
    _check_seen(row, seen_version)
    _check(wanted)
    before = _columns(wanted_of(row))
    for name, value in _columns(wanted).items():
        setattr(row, name, value)
    record_setting("webhook", wanted.name, before, _columns(wanted), actor=actor, now=now)
    db.session.flush()
    return row


def renew_secret(
    endpoint_id: int, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> WebhookEndpoint:
    """Give an endpoint a new secret; the old one ends at once.

    Raises:
        NotFound: when there is none.
        Stale: when somebody changed it since.
    """
    row = endpoint_for_change(endpoint_id)
    _check_seen(row, seen_version)
    row.salt = secrets.token_hex(16)
    record_setting("webhook", row.name, None, {"secret": "renewed"}, actor=actor, now=now)
    db.session.flush()
    return row


def delete_endpoint(
    endpoint_id: int, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> None:
    """Stop an endpoint for good; what was delivered stays readable.

    Raises:
        NotFound: when there is none.
        Stale: when somebody changed it since.
    """
    row = endpoint_for_change(endpoint_id)
    _check_seen(row, seen_version)
    row.active, row.deleted_at = False, now
    record_setting("webhook", row.name, _columns(wanted_of(row)), None, actor=actor, now=now)


def endpoint_for_change(endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint that is not deleted.

    Raises:
        NotFound: when there is none.
    """
    row = db.session.get(WebhookEndpoint, endpoint_id)
    if row is None or row.deleted_at is not None:
        raise NotFound(say("There is no such endpoint."))
    return row


def _check_seen(row: WebhookEndpoint, seen_version: int | None) -> None:
    refuse_stale(row.version, seen_version, last_change("webhook", row.name[:LONGEST_KEY]))


def _columns(wanted: Wanted) -> dict[str, object]:
    return asdict(wanted) | {"name": wanted.name.strip(), "kinds": sorted(set(wanted.kinds))}


def _check(wanted: Wanted) -> None:
    if not 1 <= len(wanted.name.strip()) <= LONGEST_NAME:
        fault = say("Give a name of 1 to 80 characters.")
        raise Invalid(fault, fields={"name": fault})
    unknown = sorted(set(wanted.kinds) - set(EventKind))
    if unknown or not wanted.kinds:
        fault = (
            say("There is no kind of event “%(kind)s”.", kind=unknown[0][:64])
            if unknown
            else say("Choose at least one kind of event.")
        )
        raise Invalid(fault, fields={"kinds": fault})

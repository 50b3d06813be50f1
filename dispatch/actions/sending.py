"""Who sends a waiting message now, and what becomes of it after the try?"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, delete, literal_column, or_, select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.outbox import BESIDE, needless, warning_row
from dispatch.actions.settings_log import record_setting
from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.messages import (
    KEPT,
    LONGEST_ANSWER,
    NEVER,
    QUIET,
    SENT,
    UNWANTED,
    Channel,
    MessageState,
    Outcome,
    Route,
    Urgency,
    next_try,
    public_id,
)
from dispatch.domain.permissions import RULE
from dispatch.domain.phone_numbers import spellings
from dispatch.domain.sentences import say
from dispatch.models.alerts import Alert
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import Delivery, OptOut, PushSubscription, WebhookEndpoint
from dispatch.models.people import User

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Select

MOST_A_LANE = 8
"""So many messages of one channel, or to one endpoint, are under way at once."""

PASSED_ON = ">"
"""Ends the effect key of a warning that takes the next route."""

_LOOKED_AT = 200
_LANE = case((Outbox.lane == "", Outbox.channel), else_=Outbox.lane)
_IS_WAITING = Outbox.state == literal_column("'waiting'")
_FIRST = case(
    (Outbox.urgency == str(Urgency.WARNING), 0),
    (Outbox.urgency == str(Urgency.EMERGENCY), 1),
    else_=2,
)


@dataclass(frozen=True)
class Claimed:
    """A message that one sender may send until its lease ends; it holds no row and no lock."""

    id: int
    lease: str
    key: str
    channel: str
    lane: str
    recipient: str
    template: str
    language: str | None
    urgency: Urgency
    content: dict[str, Any]
    created_at: datetime
    salt: str | None
    sees_personal: bool
    is_listening: bool
    is_unwanted: bool


class Tried(NamedTuple):
    """A message with how its try went and how long it took."""

    claimed: Claimed
    outcome: Outcome
    took_ms: int = 0


def claim(
    now: datetime,
    *,
    free: int,
    under_way: Mapping[str, int],
    lease_for: timedelta,
    only_warnings: bool = False,
) -> list[Claimed]:
    """Lease the messages that are due, warnings first; at most `free`, and eight a lane.

    `under_way` counts by lane what this sender works on. A lease that ran out is taken over.
    """
    statement = _due(now, [lane for lane, count in under_way.items() if count >= MOST_A_LANE])
    if only_warnings:
        statement = statement.where(Outbox.urgency == str(Urgency.WARNING))
    counts = dict(under_way)
    chosen: list[tuple[Outbox, WebhookEndpoint | None]] = []
    for row, endpoint in db.session.execute(statement):
        lane = row.lane or row.channel
        if len(chosen) == free or counts.get(lane, 0) >= MOST_A_LANE:
            continue
        counts[lane] = counts.get(lane, 0) + 1
        row.lease, row.leased_until = secrets.token_hex(16), now + lease_for
        chosen.append((row, endpoint))
    devices = _devices([row.user_id for row, _ in chosen if row.channel == Channel.WEB_PUSH])
    unwanted = _unwanted([row.recipient for row, _ in chosen if row.channel == Channel.SMS])
    return [_claimed(row, endpoint, unwanted, devices) for row, endpoint in chosen]


def _due(now: datetime, full: list[str]) -> Select[Outbox, WebhookEndpoint]:
    """Ask for the messages that may be leased now, and lock them; lanes that are full are left."""
    return (
        select(Outbox, WebhookEndpoint)
        .outerjoin(WebhookEndpoint, WebhookEndpoint.id == Outbox.endpoint_id)
        .where(
            _IS_WAITING,
            Outbox.channel != str(Channel.CONSOLE),
            Outbox.next_try_at <= now,
            or_(Outbox.leased_until.is_(None), Outbox.leased_until <= now),
            _LANE.not_in(full),
        )
        .order_by(_FIRST, Outbox.next_try_at, Outbox.id)
        .limit(_LOOKED_AT)
        .with_for_update(skip_locked=True, of=Outbox)
    )


def _devices(user_ids: list[int | None]) -> list[PushSubscription]:
    """Return the devices of some people as they are now."""
    rows = db.session.scalars(
        select(PushSubscription)
        .where(PushSubscription.user_id.in_(user_ids))
        .order_by(PushSubscription.id)
        .execution_options(populate_existing=True)
    )
    return list(rows)


def _told_devices(row: Outbox, devices: Sequence[PushSubscription]) -> str:
    """Return the person's devices, or the one that is meant, as their push services name them."""
    return json.dumps(
        [
            {"endpoint": each.endpoint, "keys": each.keys}
            for each in devices
            if each.user_id == row.user_id
            and row.recipient in {f"user/{each.user_id}", f"device/{each.id}"}
        ]
    )


def _unwanted(phones: list[str]) -> set[str]:
    spelt = {phone: spellings(phone) for phone in phones}
    asked = frozenset().union(*spelt.values())
    silent = set(db.session.scalars(select(OptOut.phone).where(OptOut.phone.in_(asked))))
    return {phone for phone, numbers in spelt.items() if not silent.isdisjoint(numbers)}


def _claimed(
    row: Outbox,
    endpoint: WebhookEndpoint | None,
    unwanted: set[str],
    devices: Sequence[PushSubscription],
) -> Claimed:
    recipient = row.recipient if endpoint is None else endpoint.url
    if row.channel == Channel.WEB_PUSH:
        recipient = _told_devices(row, devices)
    is_to_resident = row.urgency != Urgency.WARNING
    return Claimed(
        id=row.id,
        lease=row.lease or "",
        key=public_id(row.effect_key),
        channel=row.channel,
        lane=row.lane or row.channel,
        recipient=recipient,
        template=row.template,
        language=row.language,
        urgency=Urgency(row.urgency),
        content=row.content,
        created_at=row.created_at,
        salt=endpoint.salt if endpoint else None,
        sees_personal=bool(endpoint and endpoint.sees_personal),
        is_listening=endpoint is None or endpoint.active,
        is_unwanted=is_to_resident and row.recipient in unwanted,
    )


def settle(tried: Iterable[Tried], texts: Mapping[int, str], *, now: datetime) -> None:
    """Write how tries went; what was sent stays sent, whoever holds the lease by now.

    `texts` are the words that went out, by message.
    """
    for each in sorted(tried, key=lambda one: one.claimed.id):
        row = db.session.get(Outbox, each.claimed.id, with_for_update=True, populate_existing=True)
        if row is None:
            continue
        _write_down(each, now)
        is_ours = row.lease == each.claimed.lease
        if row.state == MessageState.WAITING and (is_ours or each.outcome.verdict == SENT):
            row.text = texts.get(row.id, row.text)
            row.lease = row.leased_until = None
            noted_by = None if each.outcome.verdict == SENT else _noted_by(row)
            if noted_by is not None:
                row.state, row.fault = str(MessageState.CANCELLED), needless(noted_by)
            else:
                _apply(row, each.outcome, now)
            if each.outcome.is_gone:
                _forget_gone(row, each.outcome.gone, now)


def _noted_by(row: Outbox) -> str | None:
    """Return who took note of a message's alert while a sender held it, None when nobody did."""
    alert_id = row.content.get("alert_id")
    if alert_id is None:
        return None
    return db.session.scalar(select(Alert.acknowledged_by).where(Alert.id == alert_id))


def _write_down(each: Tried, now: datetime) -> None:
    outcome = each.outcome
    if outcome.verdict == QUIET:
        return
    db.session.add(
        Delivery(
            outbox_id=each.claimed.id,
            at=now,
            outcome=outcome.verdict,
            code=outcome.code,
            took_ms=each.took_ms,
            answer=outcome.answer[:LONGEST_ANSWER],
            fault=outcome.why.as_json() if outcome.why else None,
        )
    )


def _apply(row: Outbox, outcome: Outcome, now: datetime) -> None:
    row.fault = outcome.why.as_json() if outcome.why else None
    if outcome.verdict == QUIET:
        row.next_try_at = outcome.until or now
        return
    if outcome.verdict == SENT:
        row.tries += 1
        row.state, row.sent_at = str(MessageState.SENT), now
    elif outcome.verdict in {KEPT, UNWANTED}:
        states = {KEPT: MessageState.KEPT, UNWANTED: MessageState.CANCELLED}
        row.state = str(states[outcome.verdict])
    else:
        row.tries += 1
        again_at = next_try(Urgency(row.urgency), row.tries, now)
        if outcome.verdict == NEVER or again_at is None:
            row.state = str(MessageState.DEAD)
        else:
            row.next_try_at = again_at
    if row.state in {MessageState.DEAD, MessageState.KEPT}:
        pass_on(row, now=now)


def pass_on(row: Outbox, *, now: datetime) -> None:
    """Take the next route of a message that did not arrive: the next channel, the next person.

    A warning that named no routes goes by the person's other addresses, unless it went out beside
    one. A warning that was sent again by hand took its next route before.
    """
    is_first = row.urgency == Urgency.WARNING and not row.effect_key.endswith((PASSED_ON, BESIDE))
    routes = [Route(**route) for route in row.routes] or (_other_ways(row) if is_first else [])
    if not routes:
        return
    first, *rest = routes
    row.routes = []
    effect_key = row.effect_key + PASSED_ON
    if db.session.scalar(select(Outbox.id).where(Outbox.effect_key == effect_key)) is not None:
        return
    next_row = warning_row(
        effect_key, first, rest, row.ticket_id, row.template, row.content, now=now
    )
    insert_rows(Outbox, [next_row])


def _other_ways(row: Outbox) -> list[Route]:
    person = db.session.get(User, row.user_id) if row.user_id is not None else None
    if person is None:
        return []
    ways = ((Channel.SMS, person.phone), (Channel.EMAIL, person.email))
    return [
        Route(str(channel), address, person.id, row.language)
        for channel, address in ways
        if address and channel != row.channel
    ]


def _forget_gone(row: Outbox, gone: Sequence[str], now: datetime) -> None:
    """Stop calling who said that nobody is there any more."""
    if row.channel == Channel.WEB_PUSH:
        db.session.execute(delete(PushSubscription).where(PushSubscription.endpoint.in_(gone)))
    elif row.endpoint_id is not None:
        endpoint = db.session.get_one(WebhookEndpoint, row.endpoint_id)
        endpoint.active = False
        record_setting(
            "webhook",
            endpoint.name,
            {"active": True},
            {"active": False},
            actor=RULE,
            now=now,
        )


def message_for_change(outbox_id: int) -> Outbox:
    """Return a message, locked until the end of the transaction.

    Raises:
        NotFound: when there is none.
    """
    row = db.session.get(Outbox, outbox_id, with_for_update=True)
    if row is None:
        raise NotFound(say("There is no such message."))
    return row


def resend(outbox_ids: Collection[int], *, now: datetime) -> int:
    """Let messages that were given up, kept or not sent wait again; return how many.

    Those of somebody who is forgotten cannot. The id that goes out stays the same. The routes were
    taken before and are not taken again.
    """
    found = db.session.scalars(
        select(Outbox).where(Outbox.id.in_(outbox_ids)).order_by(Outbox.id).with_for_update()
    )
    done = 0
    for row in found:
        is_done = row.state == MessageState.SENT and row.channel != Channel.WEBHOOK
        if is_done or _is_under_way(row, now) or _is_forgotten(row):
            continue
        row.state, row.tries = str(MessageState.WAITING), 0
        row.next_try_at = row.created_at = now
        row.lease = row.leased_until = row.fault = row.sent_at = None
        done += 1
    return done


def _is_forgotten(row: Outbox) -> bool:
    return not row.recipient and row.channel in {Channel.SMS, Channel.EMAIL}


def _is_under_way(row: Outbox, now: datetime) -> bool:
    return row.leased_until is not None and row.leased_until > now


def cancel(outbox_id: int, *, who: str, now: datetime) -> None:
    """Take a waiting message out of the queue.

    Raises:
        NotFound: when there is none.
        Forbidden: when it does not wait, or is being sent at this moment.
    """
    row = message_for_change(outbox_id)
    if row.state != MessageState.WAITING or _is_under_way(row, now):
        raise Forbidden(say("Only a message that waits can be cancelled."))
    row.state = str(MessageState.CANCELLED)
    row.fault = say("Cancelled by %(who)s.", who=who).as_json()

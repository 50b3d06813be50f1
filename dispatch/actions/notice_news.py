"""Who is told by message that an interruption was announced, has changed, or is over?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.sessions import take_turns
from dispatch.domain.desk_message import TAKE_BACK
from dispatch.domain.messages import MessageState, Urgency
from dispatch.domain.notice_news import Heard, NewsStep, owed, recipient_key
from dispatch.domain.notices import NoticeState
from dispatch.domain.sentences import say
from dispatch.models.clockwork import Outbox
from dispatch.queries.notice_subscriptions import (
    news_of,
    subscriptions_of,
    subscriptions_touched,
)
from dispatch.queries.notices import times_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from dispatch.models.notices import NoticeRow, NoticeSubscription

NEWS_TURN = "notice news"
"""Who publishes and who confirms at one moment wait for each other: the later one sees the other,
so that everybody is told, and once."""

_ANNOUNCED = (NoticeState.COMING, NoticeState.IN_FORCE)
_NEVER_CAME = (MessageState.CANCELLED, MessageState.DEAD)
_TOLD = ("kind", "area", "area_zh", "text", "text_zh")


def tell_subscribers(row: NoticeRow, *, now: datetime, only: Collection[int] | None = None) -> int:
    """Queue what each subscriber still has to hear of an interruption; return for how many.

    What waits to be sent and does not hold any more is taken out of the queue first, so that a
    step that is taken back at once, or in the night, tells nobody anything. Each person is told
    once, however many of their places it touches. `only` are the ids of some subscriptions.
    """
    if row.published_at is None:
        return 0
    take_turns(NEWS_TURN)
    is_announced = times_of(row).state(now) in _ANNOUNCED
    touched = _by_person(subscriptions_touched(row, now) if is_announced else [])
    sent: dict[str, list[Outbox]] = defaultdict(list)
    for each in news_of(row.id):
        sent[each.effect_key.split("/")[2]].append(each)
    left = {each.recipient for key in sent.keys() - touched.keys() for each in sent[key]}
    people = _by_person([each for each in subscriptions_of(left) if each.confirmed_at]) | touched
    rows = []
    for key, person in sorted(people.items()):
        if only is not None and person.id not in only:
            continue
        facts = _facts(row) if key in touched else None
        step = owed(_heard(_without_waiting(sent[key], now)), facts)
        if step is not None:
            number = 1 + max((_number(each) for each in sent[key]), default=-1)
            rows.append(_message(row, person, step, number, now))
    insert_rows(Outbox, rows)
    return len(rows)


def _number(message: Outbox) -> int:
    """Return the last part of the key of a message; old ones may be gone."""
    return int(message.effect_key.rpartition("/")[2])


def _by_person(rows: Sequence[NoticeSubscription]) -> dict[str, NoticeSubscription]:
    """Return the first subscription of each person, by what names the person."""
    return {recipient_key(each.recipient): each for each in reversed(rows)}


def _without_waiting(rows: list[Outbox], now: datetime) -> list[Outbox]:
    """Take what was not sent yet out of the queue; return what went out, or is just being sent."""
    out = []
    for row in rows:
        is_held = row.leased_until is not None and row.leased_until > now
        if row.state == MessageState.WAITING and not is_held:
            row.state = str(MessageState.CANCELLED)
            row.fault = say("The interruption changed before it was sent.").as_json()
        elif row.state not in _NEVER_CAME:
            out.append(row)
    return out


def _heard(rows: list[Outbox]) -> Heard | None:
    if not rows:
        return None
    return Heard(NewsStep(rows[-1].template), rows[-1].content["notice"])


def _facts(row: NoticeRow) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(row, name) for name in _TOLD}
    return facts | {name: getattr(row, name).isoformat() for name in ("begins_at", "ends_at")}


def _message(
    row: NoticeRow, person: NoticeSubscription, step: NewsStep, number: int, now: datetime
) -> dict[str, Any]:
    return subscriber_message(
        person,
        step,
        f"notice/{row.id}/{recipient_key(person.recipient)}/{number}",
        {"notice": _facts(row)},
        now=now,
    ) | {"next_try_at": now + TAKE_BACK}


def subscriber_message(
    person: NoticeSubscription,
    step: NewsStep,
    effect_key: str,
    content: dict[str, Any],
    *,
    now: datetime,
) -> dict[str, Any]:
    """Return the columns of a message to a subscriber.

    It has a lane of its own, so that a crowd of them holds up nobody's crew.
    """
    return {
        "effect_key": effect_key,
        "channel": person.channel,
        "lane": f"notice/{person.channel}",
        "recipient": person.recipient,
        "template": str(step),
        "language": person.language,
        "urgency": str(Urgency.ASKED if step is NewsStep.CONFIRM else Urgency.ORDINARY),
        "content": {"subscription": person.token} | content,
        "next_try_at": now,
        "created_at": now,
    }

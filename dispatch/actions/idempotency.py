"""Was this request answered before? Then it gets the same answer and does nothing twice."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.domain.errors import Reused
from dispatch.domain.sentences import say
from dispatch.models.base import current_connection, db
from dispatch.models.clockwork import Idempotency

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    Answer = tuple[int, dict[str, Any]]

_KEYS = cast("Table", Idempotency.__table__)
_CLAIMING = {
    dialect: insert(_KEYS).on_conflict_do_nothing().returning(_KEYS.c.key)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_ANSWERING = (
    update(_KEYS)
    .where(_KEYS.c.scope == bindparam("its_scope"), _KEYS.c.key == bindparam("its_key"))
    .values(status=bindparam("status"), reply=bindparam("reply"))
)


class Once(NamedTuple):
    """The answer to a request, and whether it was given before."""

    status: int
    reply: dict[str, Any]
    replayed: bool


def fingerprint(body: Any) -> str:
    """Return a hash of a parsed body that does not depend on the order of its fields."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def once(
    scope: str,
    key: str | None,
    body: Any,
    *,
    now: datetime,
    do: Callable[[], Answer],
) -> Once:
    """Do something once for a key, inside the caller's transaction, and keep the answer with it.

    Without a key it is simply done. A second request waits for the first one's commit.

    Raises:
        Reused: when the key was used before with another body.
    """
    if not key:
        return Once(*do(), replayed=False)
    taken = fingerprint(body)
    connection = current_connection()
    claim = {"scope": scope, "key": key[:200], "fingerprint": taken, "created_at": now}
    claimed = connection.execute(_CLAIMING[connection.dialect.name], claim).scalar_one_or_none()
    if claimed is None:
        row = db.session.get_one(Idempotency, (scope, key[:200]))
        if row.fingerprint != taken:
            raise Reused(say("This Idempotency-Key was used for another request. Use a new key."))
        return Once(row.status or 0, row.reply or {}, replayed=True)
    status, reply = do()
    answer = {"its_scope": scope, "its_key": key[:200], "status": status, "reply": reply}
    connection.execute(_ANSWERING, answer)
    return Once(status, reply, replayed=False)

"""How does an administrator put other safety steps and checks in force?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.settings_log import record_setting
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.checklists import Checklist
from dispatch.queries.checklists import checklist_in_force

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.checklists import CheckLists
    from dispatch.domain.permissions import Actor
    from dispatch.queries.checklists import ChecklistInForce

LONGEST_REASON = 500


def store_checklist(
    category: str,
    lists: CheckLists,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Checklist:
    """Put a new version of the lists of a kind of fault in force, for visits from now on.

    Raises:
        Invalid: without a reason, or when nothing is different.
        NotFound: when there is no such kind.
        Stale: when somebody stored another version since the lists were seen.
    """
    reason = _check_reason(reason)
    before = checklist_in_force(category)
    _check_seen(before, seen_version)
    if lists == before.lists:
        fault = say("Nothing is different from the lists in force.")
        raise Invalid(fault, fields={"lists": fault})
    row = Checklist(
        category=category,
        version=before.version + 1,
        lists=lists.as_json(),
        valid_from=now,
        created_by=actor.name,
        reason=reason,
    )
    db.session.add(row)
    db.session.flush()
    was = before.lists.as_json() if before.version else None
    told = {**row.lists, "reason": reason}
    record_setting("checklist", f"{category} {row.version}", was, told, actor=actor, now=now)
    return row


def _check_reason(reason: str) -> str:
    said = " ".join(reason.split())
    if said and len(said) <= LONGEST_REASON and said.isprintable():
        return said
    fault = say("Say why the lists change, in at most %(most)s characters.", most=LONGEST_REASON)
    raise Invalid(fault, fields={"reason": fault})


def _check_seen(before: ChecklistInForce, seen_version: int | None) -> None:
    if seen_version in {None, before.version}:
        return
    raise Stale(
        say(
            "%(who)s stored version %(version)s of these lists since you opened them. Look at it "
            "before you store yours.",
            who=before.by or "",
            version=before.version,
        ),
        facts={"version": before.version, "seen_version": seen_version},
    )

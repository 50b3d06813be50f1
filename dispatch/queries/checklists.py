"""Which list of safety steps and checks has a kind of fault, now and at an earlier time?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.checklists import CheckLists, shipped_item, usual_checklists
from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.checklists import Checklist

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Select

    from dispatch.domain.categories import CategoryRule
    from dispatch.domain.checklists import ListItem, TickList


@dataclass(frozen=True)
class ChecklistInForce:
    """The lists of a kind of fault that crews get now; version 0 are the shipped ones."""

    category: CategoryRule
    version: int
    lists: CheckLists
    since: datetime | None
    by: str | None


def checklists_for(category: str, at: datetime) -> CheckLists:
    """Return the lists that were in force at an instant; before any version the shipped ones."""
    stored = db.session.scalars(
        _versions(category).where(Checklist.valid_from <= at).limit(1)
    ).one_or_none()
    return CheckLists.from_json(stored.lists) if stored else usual_checklists(category)


def list_item(category: str, tick_list: TickList, key: str, at: datetime) -> ListItem | None:
    """Return an item as it read at an instant, else as any version or the shipped list has it.

    A phone without a connection may tick what the ticket had before its kind was changed.
    """
    rows = db.session.scalars(select(Checklist).order_by(Checklist.id.desc())).all()
    for row in sorted(rows, key=lambda row: (row.category != category, row.valid_from > at)):
        for item in CheckLists.from_json(row.lists).of(tick_list):
            if item.key == key:
                return item
    return shipped_item(tick_list, key)


def checklists_in_force() -> list[ChecklistInForce]:
    """Return the lists of every kind of fault, in the order in which kinds are offered."""
    newest: dict[str, Checklist] = {}
    for row in db.session.scalars(select(Checklist).order_by(Checklist.id)):
        newest[row.category] = row
    return [_in_force(rule, newest.get(rule.key)) for rule in CATEGORIES]


def checklist_in_force(category: str) -> ChecklistInForce:
    """Return the lists of one kind of fault.

    Raises:
        NotFound: when there is no such kind.
    """
    rule = next((each for each in CATEGORIES if each.key == category), None)
    if rule is None:
        raise NotFound(say("There is no such kind of fault."))
    return _in_force(rule, db.session.scalars(_versions(category).limit(1)).one_or_none())


def checklist_history(category: str) -> Sequence[Checklist]:
    """Return every version of the lists of a kind of fault, the newest first."""
    return db.session.scalars(_versions(category)).all()


def _versions(category: str) -> Select[Checklist]:
    return (
        select(Checklist)
        .where(Checklist.category == category)
        .order_by(Checklist.version.desc(), Checklist.id.desc())
    )


def _in_force(rule: CategoryRule, row: Checklist | None) -> ChecklistInForce:
    if row is None:
        return ChecklistInForce(rule, 0, usual_checklists(rule.key), None, None)
    lists = CheckLists.from_json(row.lists)
    return ChecklistInForce(rule, row.version, lists, row.valid_from, row.created_by)

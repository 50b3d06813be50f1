"""Which text is in force for a step, a category and a language?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from dispatch.models.base import db
from dispatch.models.messages import MessageTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Key = tuple[str, str, str]
"""Step, category (empty is every one) and language."""


class StoredText(NamedTuple):
    """The newest version of an override; without a text the default is in force again."""

    version: int
    text: str | None


def stored_texts() -> dict[Key, StoredText]:
    """Return the newest version of every override."""
    newest = (
        select(func.max(MessageTemplate.id).label("id"))
        .group_by(MessageTemplate.step, MessageTemplate.category, MessageTemplate.language)
        .subquery()
    )
    rows = db.session.scalars(
        select(MessageTemplate)
        .join(newest, newest.c.id == MessageTemplate.id)
        .order_by(MessageTemplate.id)
    )
    return {
        (row.step, row.category, row.language): StoredText(row.version, row.text) for row in rows
    }


def text_for(
    stored: Mapping[Key, StoredText], step: str, category: str, language: str
) -> str | None:
    """Return the override of a step: its category's own, else that of all; None is the default."""
    for key in ((step, category, language), (step, "", language)):
        if key in stored and stored[key].text is not None:
            return stored[key].text
    return None


def template_history(step: str, category: str, language: str) -> Sequence[MessageTemplate]:
    """Return every version of one override, the newest first."""
    return db.session.scalars(
        select(MessageTemplate)
        .where(
            MessageTemplate.step == step,
            MessageTemplate.category == category,
            MessageTemplate.language == language,
        )
        .order_by(MessageTemplate.version.desc())
    ).all()

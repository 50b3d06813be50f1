"""How does somebody change what a message says?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.settings_log import record_setting
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.message_templates import DEFAULTS, check_template
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.messages import MessageTemplate
from dispatch.queries.message_templates import StoredText, stored_texts

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

LANGUAGES = ("en", "zh-CN")


def store_template(
    step: str,
    category: str,
    language: str,
    text: str,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> MessageTemplate:
    """Put a new version of a text in force; an empty one brings the default back.

    Raises:
        Invalid: naming the step, the category, the language or what is wrong in the text.
        Stale: when somebody stored another version since.
    """
    _check_key(step, category, language)
    wanted = check_template(step, text) if text.strip() else None
    before = stored_texts().get((step, category, language), StoredText(0, None))
    _check_seen(before.version, seen_version)
    row = MessageTemplate(
        step=step,
        category=category,
        language=language,
        version=before.version + 1,
        text=wanted,
        created_at=now,
        created_by=actor.name,
    )
    db.session.add(row)
    record_setting(
        "message_template",
        "/".join(filter(None, (step, category, language))),
        {"text": before.text},
        {"text": wanted},
        actor=actor,
        now=now,
    )
    db.session.flush()
    return row


def _check_seen(version: int, seen_version: int | None) -> None:
    if seen_version is not None and seen_version != version:
        raise Stale(
            say("Somebody changed this text since you opened it. Look at it again."),
            facts={"version": version, "seen_version": seen_version},
        )


def _check_key(step: str, category: str, language: str) -> None:
    if step not in DEFAULTS:
        fault = say("There is no step “%(step)s”.", step=step)
        raise Invalid(fault, fields={"step": fault})
    if category:
        category_rule(category)
    if language not in LANGUAGES:
        fault = say("“%(value)s” is no language; use en or zh-CN", value=language)
        raise Invalid(fault, fields={"language": fault})

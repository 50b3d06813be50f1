"""Which text counts when there are several?"""

from __future__ import annotations

from dispatch.models.messages import MessageTemplate
from dispatch.queries.message_templates import stored_texts, template_history, text_for


def add(session, now, version, text, category=""):
    session.add(
        MessageTemplate(
            step="arrived", category=category, language="en", version=version, text=text,
            created_at=now, created_by="x",
        )
    )  # fmt: skip
    session.flush()


def test_the_newest_version_counts(session, now):
    assert stored_texts() == {}
    add(session, now, 1, "first")
    add(session, now, 2, "second")
    add(session, now, 1, "burst", "burst")
    stored = stored_texts()
    assert text_for(stored, "arrived", "leak", "en") == "second"
    assert text_for(stored, "arrived", "burst", "en") == "burst"
    assert text_for(stored, "dispatched", "", "en") is None
    assert [row.version for row in template_history("arrived", "", "en")] == [2, 1]

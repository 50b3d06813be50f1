"""Was this form sent before? Each shown form carries a key of its own."""

from __future__ import annotations

import uuid

from flask import request


def form_key(name: str = "key") -> str | None:
    """Return the UUID that the sent form was shown with, None where it carries none."""
    try:
        return str(uuid.UUID(request.form.get(name, "")))
    except ValueError:
        return None

"""How is this installation set up, and where is each setting from?"""

from __future__ import annotations

import os
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from dispatch.cli.declaring import command, json_option
from dispatch.cli.running import answer
from dispatch.cli.wording import word
from dispatch.config import PREFIX, Settings
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN = "••••••"


@command("config", say("Print every setting and where it is from."))
@json_option
def config(*, as_json: bool) -> None:
    """Print each setting with its value, its source and its meaning; secrets are hidden."""
    rows = setting_rows(os.environ)
    lines = []
    for row in rows:
        lines.append(
            say(
                "%(name)s = %(value)s   (%(source)s)",
                name=row["name"],
                value=row["value"] or "–",
                source=SOURCES[row["source"]],
            )
        )
        lines.append(say("    %(meaning)s", meaning=row["meaning"]))
    told = [row | {"meaning": word(row["meaning"])} for row in rows]
    answer(as_json, {"settings": told}, *lines)


SOURCES = {
    "environment": say("from the environment"),
    "file": say("from a file"),
    "default": say("default"),
    "made": say("made here and kept in the data folder"),
}


def setting_rows(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return name, value, source and meaning of each setting; secrets are hidden.

    Raises:
        SettingsError: naming every wrong setting.
    """
    settings = Settings.from_env(environ)
    return [_row(settings, each, environ) for each in fields(Settings)]


def _row(settings: Settings, each: Any, environ: Mapping[str, str]) -> dict[str, Any]:
    name = f"{PREFIX}{each.name.upper()}"
    value = getattr(settings, each.name)
    is_secret = each.metadata["secret"]
    source = "environment" if name in environ else "default"
    if is_secret and f"{name}_FILE" in environ:
        source = "file"
    if each.name == "secret_key" and not value:
        source = "made"
    if is_secret:
        shown = HIDDEN if value or source == "made" else ""
    elif each.name == "database_url":
        shown = without_password(settings.sqlalchemy_url)
    else:
        shown = str(value)
    return {"name": name, "value": shown, "source": source, "meaning": each.metadata["meaning"]}


def without_password(address: str) -> str:
    """Return the address of a database with its password hidden."""
    try:
        return make_url(address).render_as_string(hide_password=True)
    except ArgumentError:
        return HIDDEN

"""What does every template know?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import current_app, request
from flask_babel import format_datetime, get_timezone, gettext

from dispatch.access import current_actor, presented_phone
from dispatch.adapters.messages.channels import push_key
from dispatch.domain.instants import clock_words, day_words
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import Sentence, say
from dispatch.refusals import is_chinese, worded
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.files import static_url
from dispatch.web.language import current_language, local_name

if TYPE_CHECKING:
    from flask import Flask

NAV = (
    ("/desk", say("Desk"), "layout-dashboard", Permission.SEE_DESK),
    ("/desk/call", say("Take a call"), "phone", Permission.TAKE_CALL),
    ("/desk/follow-ups", say("Follow-up calls"), "message", Permission.FOLLOW_UP),
    ("/desk/rounds", say("Rounds"), "route", Permission.DISPATCH),
    ("/crew", say("My tickets"), "tool", Permission.DO_FIELD_WORK),
    ("/circle", say("Circle"), "clock", Permission.SEE_FIGURES),
    ("/circle/audit-calls", say("Audit calls"), "phone-call", Permission.AUDIT_CALL),
    ("/circle/rectification", say("Rectification"), "alert-octagon", Permission.RECTIFY),
    ("/circle/findings", say("Findings"), "eye", Permission.REVIEW),
    ("/circle/disputes", say("Disputes"), "flag", Permission.DISPUTE),
    ("/desk/phones", say("Phones"), "device-mobile", Permission.RUN_PHONES),
    ("/admin", say("Administration"), "settings", Permission.ADMINISTER),
    ("/admin/changes", say("Changes"), "history", Permission.SEE_AUDIT),
)


def navigation() -> list[dict[str, Any]]:
    """Return the links that the asker's role may open."""
    actor = current_actor()
    open_to_actor = [each for each in NAV if actor.can(each[3])]
    here = [path for path, *_ in open_to_actor if f"{request.path}/".startswith(f"{path}/")]
    return [
        {
            "endpoint_url": path,
            "label": worded(label),
            "icon": icon,
            "current": path == max(here, key=len, default=None),
        }
        for path, label, icon, _permission in open_to_actor
    ]


def template_context() -> dict[str, Any]:
    """Return the names every template may use."""
    settings = current_app.config["SETTINGS"]
    return {
        "actor": current_actor(),
        "is_phone": bool(presented_phone()),
        "nav": navigation(),
        "current_language": current_language(),
        "time_zone": settings.time_zone,
        "utility_name": settings.utility_name,
        "hotline": settings.hotline,
        "settings": settings,
        "static_url": static_url,
        "worded": worded,
        "browser_catalogue": browser_catalogue,
        "is_demo": settings.demo,
        "push_key": lambda: push_key(settings),
    }


def local_time(instant: datetime | None, pattern: str = "yyyy-MM-dd HH:mm") -> str:
    """Word an instant in the utility's zone."""
    return "" if instant is None else str(format_datetime(instant, pattern))


def short_day(instant: datetime | None, clock: str = "") -> str:
    """Word a day without its year, with the clock by its pattern: 24 Nov 14:03."""
    if instant is None:
        return ""
    day = day_words(instant.astimezone(get_timezone()), in_chinese=is_chinese())
    return f"{day} {local_time(instant, clock)}" if clock else day


def near_time(instant: datetime, now: datetime) -> str:
    """Word the clock of today, and of another day with that day, as sentences do."""
    return clock_words(instant, get_timezone(), now, in_chinese=is_chinese())


def isoformat(instant: datetime | None) -> str:
    """Write an instant for a program, in UTC."""
    return "" if instant is None else instant.astimezone(UTC).isoformat()


def stored_sentence(stored: dict[str, Any]) -> str:
    """Word a sentence that was stored as JSON."""
    return worded(Sentence.from_json(stored))


def register_template_names(app: Flask) -> None:
    """Give the templates their context and filters."""
    app.context_processor(template_context)
    app.add_template_filter(local_time)
    app.add_template_filter(short_day)
    app.add_template_filter(near_time)
    app.add_template_filter(isoformat)
    app.add_template_filter(stored_sentence)
    app.add_template_global(gettext, "_")
    app.add_template_global(local_name)

"""Which pages are there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.web import (
    account,
    admin,
    admin_grids,
    admin_holidays,
    admin_imports,
    admin_messages,
    admin_people,
    admin_policy,
    admin_rota,
    admin_webhooks,
    alerts,
    callers,
    circle,
    circle_export,
    circle_views,
    crew,
    crew_facts,
    crew_offline,
    crew_photos,
    crew_rounds,
    crew_tasks,
    desk,
    disputes,
    files,
    findings,
    follow_ups,
    handovers,
    language,
    message_choice,
    notice_subscriptions,
    notices,
    phone_sign_in,
    phones,
    push_devices,
    rectification,
    rehearsals,
    resident,
    resident_photos,
    rounds,
    sign_in,
    storms,
    work_order,
)

if TYPE_CHECKING:
    from flask import Flask

BLUEPRINTS = (
    account.blueprint,
    admin.blueprint,
    admin_grids.blueprint,
    admin_holidays.blueprint,
    admin_imports.blueprint,
    admin_messages.blueprint,
    admin_webhooks.blueprint,
    admin_people.blueprint,
    admin_policy.blueprint,
    admin_rota.blueprint,
    alerts.blueprint,
    callers.blueprint,
    circle.blueprint,
    circle_export.blueprint,
    circle_views.blueprint,
    phone_sign_in.blueprint,
    phones.blueprint,
    crew.blueprint,
    crew_facts.blueprint,
    crew_offline.blueprint,
    crew_photos.blueprint,
    crew_tasks.blueprint,
    disputes.blueprint,
    files.blueprint,
    follow_ups.blueprint,
    handovers.blueprint,
    language.blueprint,
    message_choice.blueprint,
    notice_subscriptions.blueprint,
    notices.blueprint,
    push_devices.blueprint,
    rectification.blueprint,
    findings.blueprint,
    rounds.blueprint,
    crew_rounds.blueprint,
    rehearsals.blueprint,
    resident.blueprint,
    resident_photos.blueprint,
    sign_in.blueprint,
    storms.blueprint,
    work_order.blueprint,
    desk.blueprint,
)


def register_pages(app: Flask) -> None:
    """Hang every page into the application."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

"""Which JSON addresses are there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.api import (
    alerts,
    attachments,
    board,
    bulk,
    city,
    coverage,
    disputes,
    docs,
    field,
    findings,
    follow_ups,
    handovers,
    health,
    live,
    messages,
    notices,
    palette,
    places,
    positions,
    push_devices,
    rectification,
    reports,
    rounds,
    saved_views,
    similar,
    storms,
    tasks,
    telling,
    tickets,
    tracks,
    unfinished_calls,
)
from dispatch.api.spec import describe
from dispatch.api.wording import word_json

if TYPE_CHECKING:
    from flask import Flask

DESCRIBED = (
    reports.blueprint,
    tickets.blueprint,
    similar.blueprint,
    attachments.blueprint,
    bulk.blueprint,
    telling.blueprint,
    tasks.blueprint,
    city.blueprint,
    coverage.blueprint,
    board.blueprint,
    follow_ups.blueprint,
    handovers.blueprint,
    live.blueprint,
    messages.blueprint,
    notices.blueprint,
    push_devices.blueprint,
    alerts.blueprint,
    rectification.blueprint,
    findings.blueprint,
    saved_views.blueprint,
    storms.blueprint,
    palette.blueprint,
    places.blueprint,
    disputes.blueprint,
    tracks.blueprint,
    rounds.blueprint,
    positions.blueprint,
    unfinished_calls.blueprint,
    field.blueprint,
)
PLAIN = (docs.blueprint, health.blueprint)


def register_api(app: Flask) -> None:
    """Hang every JSON address into the application."""
    word_json(app)
    api = describe(app)
    for blueprint in DESCRIBED:
        api.register_blueprint(blueprint)
    for plain in PLAIN:
        app.register_blueprint(plain)

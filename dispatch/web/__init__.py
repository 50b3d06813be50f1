"""Which pages are there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.web import circle, desk, files, language, sign_in

if TYPE_CHECKING:
    from flask import Flask

BLUEPRINTS = (
    circle.blueprint,
    files.blueprint,
    language.blueprint,
    sign_in.blueprint,
    desk.blueprint,
)


def register_pages(app: Flask) -> None:
    """Hang every page into the application."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

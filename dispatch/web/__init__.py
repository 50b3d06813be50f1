"""Which pages are there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.web import files, language, sign_in

if TYPE_CHECKING:
    from flask import Flask

BLUEPRINTS = (files.blueprint, language.blueprint, sign_in.blueprint)


def register_pages(app: Flask) -> None:
    """Hang every page into the application."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

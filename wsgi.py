"""What does a WSGI server load? `granian --interface wsgi wsgi:app`, `gunicorn wsgi:app`."""

import os

from dispatch.app import create_app
from dispatch.cli.wording import word
from dispatch.config import Settings, SettingsError

try:
    settings = Settings.from_env(os.environ)
except SettingsError as wrong:
    raise RuntimeError("; ".join(word(fault) for fault in wrong.faults)) from None

app = create_app(settings)

"""What does a WSGI server load? `granian --interface wsgi wsgi:app`, `gunicorn wsgi:app`."""

import os

from dispatch.app import create_app
from dispatch.config import Settings

app = create_app(Settings.from_env(os.environ))

"""How are the web process and the clockwork process started, and which version are they?"""

from __future__ import annotations

import gc
import json
import os
from importlib import import_module
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

import click

from dispatch.access import keep_time
from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.long_requests import Watched
from dispatch.cli.ports import check_port
from dispatch.cli.running import answer, note
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from flask import Flask

TARGET = "dispatch.cli.serving:web_worker"
THREADS = 4
ENDS_WITHIN_SECONDS = 20
"""A worker that still starts, or whose request hangs, would never end by itself."""
HIGHEST_PORT = 65_535


def web_application() -> Flask:
    """Build the application of the environment's settings."""
    from dispatch.app import create_app  # noqa: PLC0415  help and version need no application
    from dispatch.config import Settings  # noqa: PLC0415  likewise

    app = create_app(Settings.from_env(os.environ))
    keep_time(app)
    watched = Watched(app.wsgi_app)
    watched.start()
    app.wsgi_app = watched  # type: ignore[method-assign]
    return app


def web_worker() -> Flask:
    """Build what a worker serves, and let the garbage collector pass over the program.

    Else it searches all modules while a page of many rows is made, a fifth of a second each time.
    """
    app = web_application()
    gc.collect()
    gc.freeze()
    return app


@command("serve", say("Run the web process."))
@option("--host", default="127.0.0.1", show_default=True, sentence=say("Address to listen on."))
@option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, HIGHEST_PORT),
    sentence=say("Port to listen on."),
)
@option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    sentence=say("Processes; more than one is for PostgreSQL."),
)
@option(
    "--server",
    default="granian",
    show_default=True,
    type=click.Choice(["granian", "flask"]),
    sentence=say("Web server; flask is for looking around only."),
)
def serve(host: str, port: int, workers: int, server: str) -> None:
    """Check settings and port first: a wrong one is one sentence and not a dying worker."""
    from dispatch.config import Settings  # noqa: PLC0415  help and version need no application

    Settings.from_env(os.environ)
    check_port(host, port, "serve")
    note(say("OneVisit listens on http://%(host)s:%(port)s", host=host, port=str(port)))
    if server == "flask":
        web_application().run(host=host, port=port, threaded=True, use_reloader=False)
        return
    from granian import Granian  # noqa: PLC0415  only this command needs it
    from granian.constants import Interfaces  # noqa: PLC0415  likewise

    Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        factory=True,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=ENDS_WITHIN_SECONDS,
        log_access=False,
    ).serve()


@command("jobs", say("Run the clockwork process."))
def jobs() -> None:
    """Run timers, planner, outbox and housekeeping until stopped."""
    # All that a start loads stays: the runner lets the collector begin when it runs.
    gc.disable()
    import_module("dispatch.jobs.runner").main()


@command("openapi", say("Print the description of the JSON API."))
@option("-o", "--output", type=click.Path(dir_okay=False), sentence=say("Write to this file."))
def openapi(output: str | None) -> None:
    """Print what `/api/openapi.json` answers."""
    app = web_application()
    hosts = app.config["TRUSTED_HOSTS"]
    headers = {"Host": hosts[0]} if hosts else {}
    found = app.test_client().get("/api/openapi.json", headers=headers)
    if not found.is_json or found.status_code >= 400:  # noqa: PLR2004  HTTP's first error
        raise Invalid(say("This installation describes no JSON API."))
    text = json.dumps(found.get_json(), ensure_ascii=False, indent=2) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    with open(output, "w", encoding="utf-8") as file:  # noqa: PTH123  click gives a text
        file.write(text)


@command("version", say("Print the version."))
@json_option
def version(*, as_json: bool) -> None:
    """Print the version."""
    number = version_of("onevisit")
    answer(as_json, {"version": number}, say("OneVisit %(version)s", version=number))

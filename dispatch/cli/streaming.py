"""How is the process started that tells the desks of changes?"""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

import click

from dispatch.access import keep_time, origin_of
from dispatch.cli.declaring import command, option
from dispatch.cli.ports import check_port
from dispatch.cli.running import note
from dispatch.cli.serving import ENDS_WITHIN_SECONDS
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from dispatch.api.stream import StreamServer

TARGET = "dispatch.cli.streaming:stream_application"
HIGHEST_PORT = 65_535
MOST = 1_000
# Told to the worker of the web server; no setting.
MOST_KEY = "OV_LIVE_STREAMS"
# Beside the streams: the database, the server's own, connections that are being refused.
SPARE_FILES = 256


def stream_application() -> StreamServer:
    """Build what answers the streams from the environment's settings; a web server calls this."""
    from dispatch.adapters.bells import bell_for  # noqa: PLC0415  help needs no application
    from dispatch.api.stream import StreamServer  # noqa: PLC0415  likewise
    from dispatch.api.stream_watch import Watcher  # noqa: PLC0415  likewise
    from dispatch.app import create_app  # noqa: PLC0415  likewise
    from dispatch.config import Settings  # noqa: PLC0415  likewise

    most = int(os.environ.get(MOST_KEY, MOST))
    settings = Settings.from_env(os.environ)
    app = create_app(settings)
    keep_time(app)
    watcher = Watcher(app, bell_for(settings.sqlalchemy_url))
    return StreamServer(watcher, origin_of(settings.base_url), most)


@command("live", say("Run the process that tells desks of changes."))
@option("--host", default="127.0.0.1", show_default=True, sentence=say("Address to listen on."))
@option(
    "--port",
    default=8001,
    show_default=True,
    type=click.IntRange(1, HIGHEST_PORT),
    sentence=say("Port to listen on."),
)
@option(
    "--streams",
    default=MOST,
    show_default=True,
    type=click.IntRange(1, 100_000),
    sentence=say("Most desks that are told; those beyond ask every 1.5 seconds."),
)
def live(host: str, port: int, streams: int) -> None:
    """Check settings, port and the limit of open files first, then serve."""
    from granian import Granian  # noqa: PLC0415  only this command needs it
    from granian.constants import Interfaces  # noqa: PLC0415  likewise

    from dispatch.config import Settings  # noqa: PLC0415  help needs no application

    Settings.from_env(os.environ)
    check_port(host, port, "live")
    os.environ[MOST_KEY] = str(_within_open_files(streams))
    note(
        say(
            "OneVisit tells desks of changes on http://%(host)s:%(port)s", host=host, port=str(port)
        )
    )
    Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        factory=True,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=ENDS_WITHIN_SECONDS,
        log_access=False,
        backlog=2_048,
    ).serve()


def _within_open_files(streams: int) -> int:
    """Raise the limit of open files for so many streams; return how many it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = streams + SPARE_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(1, min(streams, wanted - SPARE_FILES))

"""How does a newcomer see a real city in half a minute?"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from dispatch.actions.unit_of_work import transaction
from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.demo_board import print_board
from dispatch.cli.demo_cities import city_keys, default_city, read_city
from dispatch.cli.demo_mover import Mover
from dispatch.cli.demo_photos import CrewCamera, add_photos
from dispatch.cli.demo_processes import CLOCKWORK_PAUSE, HOST, Children, wait_until_ready
from dispatch.cli.demo_reports import read_reports
from dispatch.cli.demo_seed import seed, write_sign_ins
from dispatch.cli.ports import check_port, free_port
from dispatch.cli.running import application, bar, note
from dispatch.cli.wording import command_language
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from dispatch.cli.demo_cities import City
    from dispatch.cli.demo_seed import Seeded

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
DEFAULT_SPEED = 3.0
SIGN_INS_FILE = "demo_sign_ins.json"


@dataclass(frozen=True)
class Stage:
    """Where one demo runs: its city, its folder, its address, its pace."""

    city: City
    folder: Path
    port: int
    speed: float
    live_port: int

    @property
    def url(self) -> str:
        """Return the address of its pages."""
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of its processes."""
        from dispatch.api.stream import PATH  # noqa: PLC0415  a refused command needs no API

        return {
            "ONEVISIT_DATABASE_URL": f"sqlite:///{self.folder / 'onevisit.sqlite3'}",
            "ONEVISIT_DATA_DIR": str(self.folder),
            "ONEVISIT_TIME_ZONE": self.city.time_zone,
            "ONEVISIT_BASE_URL": self.url,
            "ONEVISIT_LIVE_URL": f"http://{HOST}:{self.live_port}{PATH}",
            "ONEVISIT_UTILITY_NAME": self.city.shown_name,
            "ONEVISIT_MAP_CENTER": self.city.map_center,
            "ONEVISIT_HOTLINE": self.city.hotline,
            "ONEVISIT_LANGUAGE": command_language(),
            "ONEVISIT_DEMO": "yes",
        }


@command("demo", say("Run a seeded city with moving crews."))
@option(
    "--city",
    default=default_city,
    sentence=say("Which city: boston or changsha; the default goes by your language."),
)
@option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65_535),
    sentence=say("Port of the web pages."),
)
@option(
    "--speed",
    default=DEFAULT_SPEED,
    show_default=True,
    type=click.FloatRange(0.1, 200),
    sentence=say("How many times faster than life crews drive and work."),
)
@option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    sentence=say("Keep everything in this folder, which must be empty or new."),
)
@json_option
def demo(*, city: str, port: int, speed: float, keep: Path | None, as_json: bool) -> None:
    """Build the city in a folder of its own, run it until stopped, and remove it."""
    _check_city(city)
    check_port(HOST, port, "demo")
    with _folder(keep) as folder:
        stop = _stop_on_signals()
        stage = Stage(read_city(city), folder, port, speed, free_port(HOST))
        # The settings of a real installation must not reach into the demo.
        for name in [name for name in os.environ if name.startswith("ONEVISIT_")]:
            if name != "ONEVISIT_LANGUAGE":
                del os.environ[name]
        os.environ.update(stage.environment)
        with application() as app:
            _run(app, stage, stop, as_json=as_json)


def _check_city(city: str) -> None:
    if city not in city_keys():
        cities = ", ".join(city_keys())
        wrong = say("There is no city “%(city)s”. Choose: %(cities)s.", city=city, cities=cities)
        raise Invalid(wrong, fields={"city": wrong})


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give a folder that is removed at the end, or an empty one that is kept."""
    if keep is not None:
        keep = keep.resolve()
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            wrong = say("The folder %(folder)s is not empty. Name a new one.", folder=str(keep))
            raise Invalid(wrong, fields={"keep": wrong})
        yield keep
        return
    folder = Path(tempfile.mkdtemp(prefix="onevisit-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Stopped(Exception):  # noqa: N818  it ends the demo, which is no error
    """Somebody pressed Ctrl+C or sent SIGTERM."""


def _stop_on_signals() -> Event:
    """Return an event that a first signal sets; while the city is built, it ends the building."""
    stop = Event()

    def end(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    return stop


def _run(app: Flask, stage: Stage, stop: Event, *, as_json: bool) -> None:
    from flask_migrate import upgrade  # noqa: PLC0415  a refused command needs no migrations

    reports = read_reports(stage.city)
    children = Children(stage.environment, stage.folder / "demo.log")
    try:
        with bar(say("Building %(city)s", city=stage.city.shown_name), 1.0) as move:

            def progress(share: float) -> None:
                move(share)
                _end_if(stop)

            upgrade(directory=app.extensions["migrate"].directory)
            now = datetime.now(UTC)
            settings = app.config["SETTINGS"]
            camera = CrewCamera(settings).take
            seeded = seed(stage.city, settings.zone, reports, now, progress, camera)
            with transaction():
                add_photos(seeded.own, settings, now)
        write_sign_ins(seeded, stage.folder / SIGN_INS_FILE)
        children.start("serve", "--host", HOST, "--port", str(stage.port))
        children.start("jobs", pause=CLOCKWORK_PAUSE)
        children.start("live", "--host", HOST, "--port", str(stage.live_port))
        wait_until_ready(children, stage.url)
        print_board(_facts(stage, seeded), as_json=as_json)
        dice = Random(stage.port)  # noqa: S311  a simulation
        _live(app, Mover(reports, dice, stage.speed, seeded.crew_id), children, stop)
    except _Stopped:
        pass
    finally:
        children.stop()
    note(say("The demo has ended."))


def _facts(stage: Stage, seeded: Seeded) -> dict[str, Any]:
    return {
        "url": stage.url,
        "city": stage.city.key,
        "made_up": stage.city.made_up,
        "folder": str(stage.folder),
        "speed": stage.speed,
        "tickets": seeded.tickets,
        "sign_ins": seeded.sign_ins,
    }


def _end_if(stop: Event) -> None:
    if stop.is_set():
        raise _Stopped


def _live(app: Flask, mover: Mover, children: Children, stop: Event) -> None:
    """Move the crews until stopped and start again what ended; a round that fails is logged."""
    while not stop.wait(TICK_SECONDS):
        note(*children.tend())
        try:
            with app.app_context():
                mover.tick(datetime.now(UTC))
        except Exception:
            log.exception("a round of the moving crews failed; the next one goes on")

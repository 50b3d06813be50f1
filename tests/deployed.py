"""What do the samples in deploy/ say, for the tests that hold them against the program?"""

from __future__ import annotations

import shlex
from configparser import ConfigParser
from typing import Any

import yaml

from tests.architecture.sources import text

UNITS = (
    "deploy/onevisit-jobs.service",
    "deploy/onevisit-live.service",
    "deploy/onevisit-web.service",
)
ENVIRONMENT = "deploy/onevisit.env"


def unit(name: str) -> ConfigParser:
    """Return the sections of a unit."""
    found = ConfigParser(interpolation=None, comment_prefixes=("#",), strict=True)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(text(name))
    return found


def environment() -> dict[str, str]:
    """Read the settings as both systemd and a shell do."""
    given = [line for line in text(ENVIRONMENT).splitlines() if line and not line.startswith("#")]
    words = [shlex.split(line) for line in given]
    assert [line for line, each in zip(given, words, strict=True) if len(each) != 1] == []
    return dict(each[0].split("=", 1) for each in words)


def lines(keyword: str) -> list[str]:
    """Return what follows a keyword in each of its lines of the Dockerfile."""
    begun = f"{keyword} "
    found = text("deploy/Dockerfile").splitlines()
    return [line.removeprefix(begun) for line in found if line.startswith(begun)]


def steps(keyword: str) -> list[list[str]]:
    """Return the words of each step of the Dockerfile with this keyword."""
    return [shlex.split(line) for line in lines(keyword)]


def composed() -> dict[str, dict[str, Any]]:
    """Return the services of the compose file, made of our image."""
    services = yaml.safe_load(text("deploy/compose.yaml"))["services"]
    return {name: each for name, each in services.items() if each.get("image") == "onevisit"}

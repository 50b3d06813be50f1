"""Do the samples in deploy/ name commands, options and settings that there are?"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from dataclasses import fields
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
import yaml

from dispatch.api.stream import PATH
from dispatch.app import LARGEST_BODY
from dispatch.cli.main import main
from dispatch.config import PREFIX, Settings
from dispatch.photos import PHOTOS_TAKEN, body_room
from tests.architecture.sources import ROOT, files, text
from tests.deployed import ENVIRONMENT, UNITS, composed, environment, lines, steps, unit

EVERYWHERE = "0.0.0.0"  # noqa: S104  inside a container, whose ports nobody else reaches
PROXIES = ("deploy/Caddyfile", "deploy/nginx.conf")
EVERY_PROXY = (*PROXIES, "deploy/Caddyfile.several")
BOARD = "deploy/grafana/onevisit.json"
SEVERAL = ("deploy/Caddyfile.several", "deploy/Dockerfile", "deploy/compose.yaml")
KNOWN = {
    "Unit": {"Description", "After", "Wants", "StartLimitIntervalSec"},
    "Service": {
        "User", "Group", "EnvironmentFile", "ExecStart", "Restart", "RestartSec", "StateDirectory",
        "UMask", "NoNewPrivileges", "PrivateTmp", "ProtectSystem", "ProtectHome",
        "ProtectKernelTunables", "ProtectControlGroups", "RestrictSUIDSGID",
    },
    "Install": {"WantedBy"},
}  # fmt: skip
"""What `systemd-analyze verify` of systemd 252 took."""


def upstreams(name: str) -> set[str]:
    return set(re.findall(r"127\.0\.0\.1:\d+", text(name)))


def test_every_sample_is_looked_at():
    samples = {name for name in files() if name.startswith("deploy/")}
    assert samples == {*UNITS, *PROXIES, *SEVERAL, ENVIRONMENT, BOARD}


def started(words: list[str]) -> dict[str, Any]:
    """Return what a command line asks `onevisit` for; an unknown word is refused by click."""
    assert PurePath(words[0]).name == "onevisit"
    command = main.get_command(click.Context(main), words[1])
    assert command is not None
    return {"command": words[1], **command.make_context(words[1], words[2:]).params}


def test_the_image_holds_what_the_program_needs():
    copied = {source for *sources, _to in steps("COPY") for source in sources}
    packed = tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    folders = {PurePath(each).parts[0] for each in (*packed["packages"], *packed["force-include"])}
    assert copied == {"requirements.lock", "pyproject.toml", "README.md", "LICENSE"} | folders
    assert all((ROOT / each).exists() for each in copied)
    home = Settings.from_env(dict(each.split("=", 1) for each in lines("ENV"))).data_dir
    assert f"--home-dir {home} " in lines("RUN")[0]


def test_the_image_holds_the_libraries_of_every_channel():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["messages"]]
    names = {re.split(r"[^\w-]", each)[0] for each in asked}
    locked = set(re.findall(r"^([\w-]+)==", text("requirements.lock"), re.MULTILINE))
    assert names - locked == set()


def test_the_image_starts_the_web_process_where_it_is_exposed():
    [words] = [json.loads(line) for line in lines("CMD")]
    assert (started(words)["command"], started(words)["host"]) == ("serve", EVERYWHERE)
    assert steps("EXPOSE") == [[str(started(words)["port"])]]


def test_the_composed_processes_start_commands_that_there_are():
    asked = {name: started(each["command"]) for name, each in composed().items() if name != "web"}
    assert {name: each["command"] for name, each in asked.items()} == {
        "live": "live",
        "jobs": "jobs",
    }
    assert asked["live"]["host"] == EVERYWHERE
    assert "command" not in composed()["web"]


def test_the_composed_processes_share_their_settings_and_one_folder():
    first, *others = composed().values()
    assert all(each["environment"] == first["environment"] for each in others)
    asked = {name: str(value) for name, value in first["environment"].items()}
    needed = {name for value in asked.values() for name in re.findall(r"\$\{(\w+)", value)}
    assert needed == {"POSTGRES_PASSWORD", "ONEVISIT_SECRET_KEY"}
    filled = {name: re.sub(r"\$\{\w+:\?\}", "s" * 32, asked[name]) for name in asked}
    assert not any("$" in value for value in filled.values())
    settings = Settings.from_env(filled)
    assert urlsplit(settings.base_url).hostname == settings.trusted_hosts
    [[folder]] = {tuple(each["volumes"]) for each in composed().values()}
    assert lines("ENV") == [f"ONEVISIT_DATA_DIR={folder.partition(':')[2]}"]


def test_the_composed_proxy_finds_the_processes():
    compose = yaml.safe_load(text("deploy/compose.yaml"))
    sample = text("deploy/Caddyfile.several")
    assert compose["services"]["proxy"]["volumes"][0].startswith("./Caddyfile.several:")
    found = re.search(r"dynamic a (\w+) (\d+)", sample)
    stream = re.search(r"reverse_proxy (\w+):(\d+)", sample)
    assert found is not None
    assert stream is not None
    for service, port in (found.groups(), stream.groups()):
        command = composed()[service].get("command", ["onevisit", "serve"])
        assert port == str(started(command)["port"])
    # Caddy never asks processes for their health that it finds by a name.
    assert "health_" not in sample


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_has_known_keys_and_starts_a_command_that_there_is(name):
    found = unit(name)
    assert {section: set(found[section]) for section in found.sections()} == KNOWN
    asked = started(shlex.split(found["Service"]["ExecStart"]))
    assert asked["command"] in name.replace("-web", "-serve")


@pytest.mark.parametrize("name", UNITS[1:])
def test_the_units_differ_in_what_they_start_alone(name):
    one, other = unit(UNITS[0])["Service"], unit(name)["Service"]
    assert {key for key in one if one[key] != other[key]} == {"ExecStart"}


def test_the_settings_are_ones_that_there_are_and_fit_together(monkeypatch):
    found = environment()
    assert found.keys() <= {PREFIX + each.name.upper() for each in fields(Settings)}
    settings = Settings.from_env(found)
    assert settings.database_url.startswith("postgresql:")
    assert settings.trusted_proxies == 1
    assert urlsplit(settings.base_url).hostname == settings.trusted_hosts
    assert str(settings.data_dir) == f"/var/lib/{unit(UNITS[0])['Service']['StateDirectory']}"


def listens_at(name: str) -> str:
    asked = started(["onevisit", name])
    return f"{asked['host']}:{asked['port']}"


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_passes_on_to_where_the_processes_listen(name):
    assert upstreams(name) == {listens_at("serve"), listens_at("live")}
    assert PATH in text(name)
    assert urlsplit(environment()[f"{PREFIX}LIVE_URL"]).path == PATH
    assert environment()[f"{PREFIX}TRUSTED_HOSTS"] in text(name)
    assert text(name).count("{") == text(name).count("}")


@pytest.mark.parametrize("name", EVERY_PROXY)
def test_a_proxy_lets_the_largest_body_through(name):
    limit = re.search(r"(?:max_size|client_max_body_size) (\d+)", text(name))
    assert limit is not None
    assert int(limit[1]) * 1_000_000 >= LARGEST_BODY
    photos = [body_room(each, Settings()) or 0 for each in PHOTOS_TAKEN]
    assert int(limit[1]) * 1_000_000 >= max(photos)

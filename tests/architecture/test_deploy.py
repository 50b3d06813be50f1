"""Do the samples in deploy/ name commands, options and settings that there are?"""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from dataclasses import fields
from urllib.parse import urlsplit

import click
import pytest

from dispatch.api.stream import PATH
from dispatch.app import LARGEST_BODY
from dispatch.cli.main import main
from dispatch.config import PREFIX, Settings
from dispatch.photos import PHOTOS_TAKEN, body_room
from tests.architecture.sources import files, text

UNITS = (
    "deploy/onevisit-jobs.service",
    "deploy/onevisit-live.service",
    "deploy/onevisit-web.service",
)
PROXIES = ("deploy/Caddyfile", "deploy/nginx.conf")
ENVIRONMENT = "deploy/onevisit.env"
SEVERAL = ("deploy/Caddyfile.several", "deploy/Dockerfile", "deploy/compose.yaml")
KNOWN = {
    "Unit": {"Description", "After", "Wants"},
    "Service": {
        "User", "Group", "EnvironmentFile", "ExecStart", "Restart", "RestartSec", "StateDirectory",
        "UMask", "NoNewPrivileges", "PrivateTmp", "ProtectSystem", "ProtectHome",
        "ProtectKernelTunables", "ProtectControlGroups", "RestrictSUIDSGID",
    },
    "Install": {"WantedBy"},
}  # fmt: skip
"""What `systemd-analyze verify` of systemd 252 took."""


def unit(name: str) -> ConfigParser:
    found = ConfigParser(interpolation=None, comment_prefixes=("#",), strict=True)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(text(name))
    return found


def environment() -> dict[str, str]:
    """Read the settings as both systemd and a shell do."""
    lines = [line for line in text(ENVIRONMENT).splitlines() if line and not line.startswith("#")]
    words = [shlex.split(line) for line in lines]
    assert [line for line, each in zip(lines, words, strict=True) if len(each) != 1] == []
    return dict(each[0].split("=", 1) for each in words)


def upstreams(name: str) -> set[str]:
    return set(re.findall(r"127\.0\.0\.1:\d+", text(name)))


def test_every_sample_is_looked_at():
    samples = {name for name in files() if name.startswith("deploy/")}
    assert samples == {*UNITS, *PROXIES, *SEVERAL, ENVIRONMENT}


@pytest.mark.parametrize("name", SEVERAL)
def test_a_sample_for_several_processes_says_that_it_was_not_run(name):
    assert "not run yet" in text(name).splitlines()[0]
    assert set(re.findall(rf"{PREFIX}\w+", text(name))) <= {
        PREFIX + each.name.upper() for each in fields(Settings)
    }


def test_the_composed_processes_start_commands_that_there_are():
    lists = re.findall(r"\[onevisit, (\w+)[\],]", text("deploy/compose.yaml"))
    words = re.findall(r'"onevisit", "(\w+)"', text("deploy/Dockerfile"))
    assert (lists, words) == (["live", "jobs"], ["serve"])
    assert all(main.get_command(click.Context(main), each) for each in (*lists, *words))


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_has_known_keys_and_starts_a_command_that_there_is(name):
    found = unit(name)
    assert {section: set(found[section]) for section in found.sections()} == KNOWN
    program, *words = shlex.split(found["Service"]["ExecStart"])
    assert program.endswith("/bin/onevisit")
    command = main.get_command(click.Context(main), words[0])
    assert command is not None
    command.make_context(words[0], words[1:])


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


def listens_at(words: str) -> str:
    command = main.get_command(click.Context(main), words)
    assert command is not None
    asked = command.make_context(words, []).params
    return f"{asked['host']}:{asked['port']}"


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_passes_on_to_where_the_processes_listen(name):
    assert upstreams(name) == {listens_at("serve"), listens_at("live")}
    assert PATH in text(name)
    assert urlsplit(environment()[f"{PREFIX}LIVE_URL"]).path == PATH
    assert environment()[f"{PREFIX}TRUSTED_HOSTS"] in text(name)
    assert text(name).count("{") == text(name).count("}")


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_lets_the_largest_body_through(name):
    limit = re.search(r"(?:max_size|client_max_body_size) (\d+)", text(name))
    assert limit is not None
    assert int(limit[1]) * 1_000_000 >= LARGEST_BODY
    photos = [body_room(each, Settings()) or 0 for each in PHOTOS_TAKEN]
    assert int(limit[1]) * 1_000_000 >= max(photos)

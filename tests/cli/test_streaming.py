"""Does the process that tells desks of changes start, and serve as many as it may?"""

from __future__ import annotations

import resource

import pytest

from dispatch.api.stream import StreamServer
from dispatch.cli import streaming
from dispatch.cli.streaming import SPARE_FILES, stream_application

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("soft", "hard", "served", "raised_to"),
    [
        (1_024, 1_048_576, 1_000, 1_000 + SPARE_FILES),
        (65_536, resource.RLIM_INFINITY, 1_000, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 1_000, None),
        (512, 1_000, 1_000 - SPARE_FILES, 1_000),
        (100, 100, 1, None),
    ],
)
def test_no_more_streams_than_files_may_be_open(monkeypatch, soft, hard, served, raised_to):
    limits = []
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _which, given: limits.append(given))
    assert streaming._within_open_files(1_000) == served
    assert limits == ([] if raised_to is None else [(raised_to, hard)])


@ONE_DATABASE
def test_the_application_knows_the_pages_origin_and_the_most_streams(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ONEVISIT_BASE_URL", "https://water.example/")
    monkeypatch.setenv(streaming.MOST_KEY, "7")
    built = stream_application()
    assert isinstance(built, StreamServer)
    assert (built.origin, built.most) == ("https://water.example", 7)


@ONE_DATABASE
def test_a_wrong_setting_is_said_before_anything_starts(cli, environment):
    environment["ONEVISIT_LIVE_URL"] = "water.example/live"
    refused = cli("live")
    assert refused.exit_code == 2
    assert "ONEVISIT_LIVE_URL" in refused.stderr

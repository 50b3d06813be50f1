"""Is every fault told in words, also while the database is away?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dispatch.access import SESSION_COOKIE
from tests.conftest import close_connections, make_app
from tests.visitors import visitor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

NOBODY_LISTENS = "postgresql://nobody@127.0.0.1:1/nothing"
WORDS = "The database is busy or away. Nothing was changed; try again in a moment."


@pytest.fixture
def adrift(work_folder: Path) -> Iterator[Flask]:
    built = make_app(NOBODY_LISTENS, work_folder)
    yield built
    close_connections(built)


def test_a_page_without_its_database_says_so(adrift: Flask):
    browser = visitor(adrift)
    browser.set_cookie(SESSION_COOKIE, "any")
    page = browser.get("/desk")
    assert page.status_code == 503
    assert WORDS in page.text
    assert "127.0.0.1" not in page.text


def test_a_program_without_its_database_is_told_so(adrift: Flask):
    answer = visitor(adrift).get("/api/v1/tickets", headers={"Authorization": "Bearer any"})
    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "service_unavailable"
    assert answer.headers["Retry-After"] == "5"
    assert answer.json["error"]["message"] == WORDS


def test_health_is_told_to_a_signed_in_browser_too(adrift: Flask):
    browser = visitor(adrift)
    browser.set_cookie(SESSION_COOKIE, "any")
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/readyz").json == {"status": "not_ready", "reason": "database"}
    assert browser.get("/healthz/deadlines").status_code == 503


def test_a_form_without_its_token_is_told_to_load_the_page_again(adrift: Flask):
    answer = adrift.test_client().post("/sign-in", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json["error"]["message"].startswith("The form is too old")


@pytest.mark.parametrize("path", ["/report", "/api/v1/tickets", "/nowhere"])
def test_a_host_that_is_not_ours_is_refused_in_words(adrift: Flask, path: str):
    adrift.config["TRUSTED_HOSTS"] = ["water.example"]
    answer = adrift.test_client().get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert answer.text == "This server does not answer to that host name."
    assert visitor(adrift).get("/healthz", headers={"Host": "water.example"}).status_code == 200

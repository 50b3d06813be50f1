"""Does the content policy let in the configured tiles and nothing else?"""

from __future__ import annotations

import pytest
from flask import Response

from dispatch.config import Settings, SettingsError
from dispatch.web.headers import security_headers


def image_sources(url: str) -> str:
    answer = security_headers(Settings(basemap_url=url))(Response(""))
    policy = answer.headers["Content-Security-Policy"].split("; ")
    return next(each for each in policy if each.startswith("img-src "))


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("", ""),
        ("/tiles/{z}/{x}/{y}.png", ""),
        ("https://tiles.example/{z}/{x}/{y}.png", " https://tiles.example"),
        ("https://{a-c}.tiles.example/{z}/{x}/{y}.png", " https://*.tiles.example"),
    ],
)
def test_only_the_host_of_the_tiles_is_let_in(url, extra):
    assert image_sources(url) == f"img-src 'self' data: blob:{extra}"


def test_an_address_that_is_none_of_tiles_is_refused_at_the_start():
    with pytest.raises(SettingsError, match="ONEVISIT_BASEMAP_URL"):
        Settings.from_env({"ONEVISIT_BASEMAP_URL": "https://tiles.example; script-src *"})

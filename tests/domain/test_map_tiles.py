"""Are addresses of tiles told from others, and does each name the hosts it needs and no more?"""

from __future__ import annotations

import pytest

from dispatch.domain.map_tiles import LONGEST_ADDRESS, is_map_view, is_tile_address, tile_source


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png", "https://tiles.example"),
        ("http://127.0.0.1:8080/{z}/{x}/{-y}.png", "http://127.0.0.1:8080"),
        ("https://{a-c}.tiles.example/{z}/{x}/{y}.png?key=1", "https://*.tiles.example"),
        ("https://map0{1-4}.is.example/?x={x}&y={y}&z={z}", "https://*.is.example"),
        ("/tiles/{z}/{x}/{y}.png", None),
    ],
)
def test_an_address_of_tiles_names_its_source(address, source):
    assert is_tile_address(address)
    assert tile_source(address) == source


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://tiles.example/{x}/{y}.png",
        "https://tiles.example/{z}/{x}.png",
        "ftp://tiles.example/{z}/{x}/{y}.png",
        "//tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example; script-src */{z}/{x}/{y}.png",
        "https://user@tiles.example/{z}/{x}/{y}.png",
        "https://{a-c}/{z}/{x}/{y}.png",
        "https://*.example/{z}/{x}/{y}.png",
        "https://tiles.example/{z}/{x}/{y}.png\nX: 1",
        "https://tiles.example/{z}/{x}/{y}" + "a" * LONGEST_ADDRESS,
    ],
)
def test_what_is_no_address_of_tiles_is_told(address):
    assert not is_tile_address(address)


@pytest.mark.parametrize("address", ["", "https://a b/{x}", "/tiles/{z}/{x}/{y}.png"])
def test_what_names_no_host_widens_nothing(address):
    assert tile_source(address) is None


@pytest.mark.parametrize(
    ("text", "is_view"),
    [
        ("28.2,112.97,11", True),
        ("-90,180,0", True),
        ("91,0,3", False),
        ("0,181,3", False),
        ("0,0,25", False),
        ("28.2,112.97", False),
        ("here", False),
    ],
)
def test_a_view_of_the_map_is_a_point_and_a_zoom(text, is_view):
    assert is_map_view(text) is is_view

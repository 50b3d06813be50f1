"""Tests of `dispatch.domain.setting_values`."""

from __future__ import annotations

import pytest

from dispatch.domain.setting_values import (
    are_headers,
    are_weights,
    can_read,
    is_database_address,
    is_plain_address,
    is_web_address,
)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("sqlite:////var/lib/onevisit/a,b:c.sqlite3", True),
        ("postgresql://me:s,e@one,two:5433/water?connect_timeout=2", True),
        ("postgresql://me@/water?host=/run/postgresql", True),
        ("postgresql://me@one:5433,two:5433/water", False),
        ("mysql://me@one/water", False),
    ],
)
def test_databases(text, is_one):
    assert is_database_address(text) == is_one


@pytest.mark.parametrize(
    ("text", "plain", "web"),
    [
        ("http://localhost:5000", True, True),
        ("https://roads.example", True, True),
        ("https://me:secret@roads.example", False, True),
        ("https://roads.example/?key=1", False, True),
        ("https://roads.example:0", True, False),
        ("ftp://roads.example", False, False),
        ("http://", False, False),
        ("http://[", False, False),
    ],
)
def test_addresses(text, plain, web):
    assert (is_plain_address(text), is_web_address(text)) == (plain, web)


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ('{"X-Key": "a"}', True),
        ('{"X-Key": 1}', False),
        ('{"X-Key": "a\\nX: b"}', False),
        ("[]", False),
        ("{", False),
        ("[" * 100_000, False),
    ],
)
def test_headers(text, usable):
    assert are_headers(text) is usable


@pytest.mark.parametrize(
    ("text", "usable"), [("4,2,1", True), ("4,2", False), ("4,2,0", False), ("a,b,c", False)]
)
def test_weights(text, usable):
    assert are_weights(text) is usable


def test_a_reader_refuses_with_a_value_error():
    assert can_read(int, "4")
    assert not can_read(int, "four")

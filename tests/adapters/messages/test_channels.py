"""Is a key of browser pushes that cannot be read said, and not taken for one that is missing?"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dispatch.adapters.messages.channels import push_key
from dispatch.adapters.messages.libraries import new_push_keys


def settings(key):
    return SimpleNamespace(
        vapid_private_key=key, vapid_contact="mailto:a@b.example", base_url="https://b.example"
    )


@pytest.mark.parametrize("key", ["nonsense", "€"])
def test_a_key_that_cannot_be_read_is_in_the_log_without_its_letters(caplog, key):
    assert push_key(settings(key)) is None
    assert "cannot be read" in caplog.text
    assert all(key not in record.getMessage() for record in caplog.records)


def test_a_key_that_is_missing_or_right_is_not(caplog):
    private, public = new_push_keys()
    assert push_key(settings("")) is None
    assert push_key(settings(private)) == public
    assert caplog.text == ""

"""Does the command make keys that a push service understands?"""

from __future__ import annotations

import json

from dispatch.adapters.messages.libraries import push_public_key
from dispatch.cli import pushing


def test_a_pair_of_keys_is_made_and_not_stored(cli):
    first, second = (json.loads(cli("vapid", "--json").stdout) for _ in range(2))
    assert push_public_key(first["private_key"]) == first["public_key"]
    assert first != second
    assert "ONEVISIT_VAPID_PRIVATE_KEY=" in cli("vapid").stdout


def test_a_missing_library_is_said(cli, monkeypatch):
    def missing():
        raise ImportError

    monkeypatch.setattr(pushing, "new_push_keys", missing)
    answer = cli("vapid")
    assert answer.exit_code == 2
    assert "onevisit[messages]" in answer.stderr

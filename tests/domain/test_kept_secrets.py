"""Is a secret stored as its hash alone, each with one of its own?"""

from __future__ import annotations

from dispatch.domain.kept_secrets import secret_hash


def test_each_secret_has_a_hash_that_says_nothing_of_it():
    first = secret_hash("one")
    assert (len(first), secret_hash("one")) == (64, first)
    assert "one" not in first
    assert secret_hash("two") != first

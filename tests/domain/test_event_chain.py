"""Does the chain hold when nothing changed, and break where something did?"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.event_chain import (
    GENESIS,
    Anchor,
    SealedEvent,
    anchor_key,
    canonical,
    commit_to,
    seal,
    verify,
)

AT = datetime(2026, 1, 5, 8, 0, 1, 500, tzinfo=UTC)
SALT = "0123456789abcdef"


class Kind(StrEnum):
    ARRIVED = "arrived"


class Grade(Enum):
    CONFIRMED = 1


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.datetimes(min_value=datetime(1900, 1, 2), timezones=st.just(UTC))  # noqa: DTZ001
)
contents = st.dictionaries(
    st.text(),
    st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
    max_size=5,
)


def chain(written, start=GENESIS):
    events = []
    for content in written:
        sealed = seal(start, content)
        events.append(SealedEvent(content, start, sealed))
        start = sealed
    return events


def test_a_seal_can_be_recomputed_with_any_sha256():
    text = f'{GENESIS}\n{{"at":"2026-01-05T08:00:01.000500+00:00","note":"到场","ticket":7}}'
    content = {"ticket": 7, "note": "到场", "at": AT}
    assert seal(GENESIS, content) == hashlib.sha256(text.encode()).hexdigest()


@given(contents)
def test_the_order_of_names_does_not_matter(content):
    backwards = dict(reversed(content.items()))
    assert seal(GENESIS, backwards) == seal(GENESIS, content)


@given(contents)
def test_a_content_read_back_from_json_has_the_same_seal(content):
    assert seal(GENESIS, json.loads(canonical(content))) == seal(GENESIS, content)


@given(st.lists(contents, max_size=5))
def test_an_untouched_chain_holds(written):
    events = chain(written)
    assert verify(events) is None
    head = events[-1].hash if events else GENESIS
    assert verify(events, head=head) is None


@given(st.lists(contents, min_size=1, max_size=5), st.data())
def test_a_changed_event_is_found_where_it_stands(written, data):
    events = chain(written)
    at = data.draw(st.integers(0, len(events) - 1))
    old = events[at]
    changed = {**old.content, "added": "later", "n": old.previous_hash, "more": dict(old.content)}
    events[at] = SealedEvent(changed, old.previous_hash, old.hash)
    assert verify(events) == at


@given(st.lists(contents, min_size=2, max_size=5), st.data())
def test_a_removed_event_is_found(written, data):
    events = chain(written)
    at = data.draw(st.integers(0, len(events) - 2))
    del events[at]
    assert verify(events) == at


def test_a_changed_event_sealed_again_breaks_the_next():
    events = chain([{"n": 1}, {"n": 2}, {"n": 3}])
    events[1] = SealedEvent({"n": 9}, events[0].hash, seal(events[0].hash, {"n": 9}))
    assert verify(events) == 2


def test_a_cut_off_tail_is_seen_by_the_head_kept_elsewhere():
    events = chain([{"n": 1}, {"n": 2}])
    assert verify(events[:1]) is None
    assert verify(events[:1], head=events[1].hash) == 1


def test_a_part_of_a_chain_can_be_checked_from_the_hash_before_it():
    events = chain([{"n": 1}, {"n": 2}, {"n": 3}])
    assert verify(events[1:]) == 0
    assert verify(events[1:], previous_hash=events[0].hash) is None


def test_one_instant_has_one_form_in_every_zone():
    changsha = timezone(timedelta(hours=8))
    assert canonical({"at": AT.astimezone(changsha)}) == canonical({"at": AT})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Kind.ARRIVED, '"arrived"'),
        (Grade.CONFIRMED, "1"),
        (True, "true"),
        (3.0, "3"),
        (-0.0, "0"),
        (28.2278, "28.2278"),
        (date(2026, 1, 5), '"2026-01-05"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ((1, None), "[1,null]"),
        ({"b": 1, "a": [AT]}, '{"a":["2026-01-05T08:00:01.000500+00:00"],"b":1}'),
    ],
)
def test_each_kind_of_value_has_one_text(value, text):
    assert canonical({"v": value}) == f'{{"v":{text}}}'


@pytest.mark.parametrize("value", [{1, 2}, b"raw", object()])
def test_a_value_without_a_canonical_form_is_refused(value):
    with pytest.raises(TypeError, match="canonical"):
        seal(GENESIS, {"v": value})


def test_a_name_that_is_not_text_is_refused():
    with pytest.raises(TypeError, match="text"):
        seal(GENESIS, {"v": {1: "one"}})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        seal(GENESIS, {"v": value})


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        seal(GENESIS, {"v": AT.replace(tzinfo=None)})


def test_a_commitment_holds_only_for_its_text_and_its_salt():
    kept = commit_to("13800000000", SALT)
    assert kept == commit_to("13800000000", SALT)
    assert kept != commit_to("13800000001", SALT)
    assert kept != commit_to("13800000000", SALT[::-1])


def test_a_short_salt_is_refused():
    with pytest.raises(ValueError, match="16"):
        commit_to("13800000000", "short")


def test_an_anchor_depends_on_key_order_and_what_came_before():
    def digest(hashes, by="a", before=""):
        anchor = Anchor(anchor_key(by), before)
        for each in hashes:
            anchor.add(each)
        assert anchor.events == len(hashes)
        return anchor.digest

    one = digest(["aa", "bb"])
    assert one == digest(["aa", "bb"])
    others = [digest(["bb", "aa"]), digest(["aa"]), digest(["aab", "b"])]
    others += [digest(["aa", "bb"], by="b"), digest(["aa", "bb"], before="cc")]
    assert one not in others
    assert len(set(others)) == len(others)

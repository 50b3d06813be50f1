"""Does a sentence keep its values until somebody reads it?"""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.sentences import LocalName, Sentence, say

plain = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
moments = st.datetimes(timezones=st.just(UTC))
values = st.recursive(
    plain | moments,
    lambda inner: st.builds(Sentence, st.text(), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)


@given(st.text(), st.dictionaries(st.text(), values, max_size=4))
def test_what_is_stored_is_read_back(text, given_values):
    sentence = Sentence(text, given_values)
    assert Sentence.from_json(json.loads(json.dumps(sentence.as_json()))) == sentence


def test_it_reads_in_english():
    inner = say("on hold")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    sentence = say("%(state)s since %(at)s, %(n)s times", state=inner, at=at, n=2)
    assert str(sentence) == "on hold since 2026-03-02 00:00:00+00:00, 2 times"
    assert str(say("100 % sure")) == "100 % sure"


def test_a_stored_sentence_without_values_is_read():
    assert Sentence.from_json({"text": "Closed."}) == say("Closed.")


def test_a_name_is_stored_as_it_is_and_knows_its_chinese_form():
    name = LocalName("West 1", "西区一组")
    stored = json.loads(json.dumps(say("%(crew)s", crew=name).as_json()))
    assert Sentence.from_json(stored) == say("%(crew)s", crew="West 1")
    assert (str(name), name.chinese, LocalName("West 1").chinese) == ("West 1", "西区一组", None)

"""Are words cut as the search for duplicates cuts them, and do they tell nobody's name?"""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.domain import said_words
from dispatch.domain.duplicates import tokens_of
from dispatch.domain.said_words import Told, Vocabulary, words_in


def told(ticket, *texts: str, private=()):
    return Told(ticket, texts, tuple(private), frozenset())


def test_words_are_those_of_the_duplicate_search_without_names_numbers_and_addresses():
    one = told(
        1,
        "王先生说五一路18号水压太低，电话13812345678，Mr Miller too",
        private=("五一路18号", "王伟"),
    )
    found = words_in(one)
    assert {"水压", "太低"} <= found
    assert not found & {"五一", "一路", "王先", "先生", "miller", "电话13812345678", "18"}
    assert not any(character.isdigit() for word in found for character in word)
    assert words_in(told(2, "The main is broken at 12 Elm Street", private=("Elm Street",))) == {
        "main",
        "broken",
    }


def plainly(one):
    """Return the words of a ticket, text by text."""
    found, private = set(), set()
    for text in one.texts:
        found |= tokens_of(said_words._TITLED.sub(" ", text))
    for text in one.private:
        private |= tokens_of(text)
    return {
        word
        for word in found - private
        if len(word) >= (3 if word.isascii() else 2)
        and word not in said_words._SAYS_NOTHING
        and not any(character.isdigit() for character in word)
    }


text = st.text(
    st.sampled_from("水压太低王先生五一路㐀豈ａＢ９abcthedr18 .,。\0\1\nßﬁİ\ud800"), max_size=24
)
one = st.tuples(st.lists(text, max_size=3), st.lists(text, max_size=2))


@example([(["mr", "smith"], []), (["smith leak"], []), ([], ["leak"]), (["王先", "生水"], [])])
@given(st.lists(one, max_size=6))
def test_many_at_once_say_what_each_says(found):
    tickets = [
        told(number, *texts, private=private) for number, (texts, private) in enumerate(found)
    ]
    known = Vocabulary()
    said = known.said(tickets)
    words = sorted(set(said.word.tolist()))
    shown = [set() for _ in tickets]
    for word, n in zip(words, said.counts(np.array(words, dtype=np.int64)).tolist(), strict=True):
        assert len(said.places(word)) == n
        if known.says_something(word):
            for place in said.places(word).tolist():
                shown[place].add(known.word(word))
    assert shown == [plainly(one) for one in tickets]
    assert [words_in(one) for one in tickets] == shown

"""Does each fault of a file say where it is, and are all of them told at once?"""

from __future__ import annotations

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import MOST_FAULTS, FileFault, FileFaults, shown
from dispatch.domain.sentences import say

BAD = say("It is bad.")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (FileFault(BAD), "a.csv: It is bad."),
        (FileFault(BAD, field="lat"), "a.csv, lat: It is bad."),
        (FileFault(BAD, line=3), "a.csv, line 3: It is bad."),
        (FileFault(BAD, line=3, field="lat"), "a.csv, line 3, lat: It is bad."),
        (FileFault(BAD, feature=2, field="name"), "a.csv, feature 2, name: It is bad."),
        (FileFault(BAD, feature=2), "a.csv, feature 2, feature: It is bad."),
    ],
)
def test_a_fault_says_where_it_is(fault, sentence):
    assert str(fault.in_file("a.csv")) == sentence


def test_without_a_fault_nothing_is_refused():
    FileFaults("a.csv").check()


def test_every_fault_is_in_the_refusal_even_two_of_one_cell():
    faults = FileFaults("a.csv")
    faults.add(BAD, line=2, field="lat")
    faults.add(BAD, line=2, field="lat")
    with pytest.raises(Invalid) as refusal:
        faults.check()
    assert len(refusal.value.fields) == 2
    assert refusal.value.facts["refused"] == [{"line": 2, "feature": None, "field": "lat"}] * 2


def test_reading_stops_when_there_is_enough_to_mend():
    faults = FileFaults("a.csv")
    for line in range(1, MOST_FAULTS):
        faults.add(BAD, line=line)
    with pytest.raises(Invalid):
        faults.add(BAD, line=MOST_FAULTS)


def test_a_value_is_shown_on_one_line_and_not_at_length():
    assert shown("a\nb") == "a b"
    assert shown("\x1b[2Ja") == "\ufffd[2Ja"
    assert len(shown("x" * 500)) == 61

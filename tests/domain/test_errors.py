"""Does a refusal carry its sentence, its fields and its facts?"""

import pytest

from dispatch.domain import errors
from dispatch.domain.errors import Invalid, Refused
from dispatch.domain.sentences import say

KINDS = [each for each in vars(errors).values() if isinstance(each, type)]


@pytest.mark.parametrize("kind", [each for each in KINDS if issubclass(each, Exception)])
def test_every_refusal_is_one_and_reads_in_english(kind):
    refused = kind(say("There is no %(thing)s.", thing="grid"))
    assert isinstance(refused, Refused)
    assert str(refused) == "There is no grid."
    assert (refused.fields, refused.facts) == ({}, {})


def test_a_refusal_names_its_fields_and_facts():
    fault = say("Too low.")
    refused = Invalid(fault, fields={"level": fault}, facts={"least": 1})
    assert refused.fields["level"] is refused.sentence
    assert refused.facts == {"least": 1}

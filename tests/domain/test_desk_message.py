"""Is a message to many read in the reporter's language, and named once for each person?"""

import pytest

from dispatch.domain.desk_message import LONGEST_DESK_TEXT, desk_message
from dispatch.domain.errors import Invalid


def test_each_reads_their_own_language_where_it_was_written():
    both = desk_message("k", {"en": "Back at 6", "zh-CN": " 六点恢复 "}, "zh-CN")
    assert both.texts == {"en": "Back at 6", "zh-CN": "六点恢复"}
    assert [both.language_for(each) for each in ("en", "zh-CN", None)] == ["en", "zh-CN", "zh-CN"]
    english = desk_message("k", {"en": "Back at 6", "zh-CN": " "}, "zh-CN")
    assert english.language_for("zh-CN") == "en"


@pytest.mark.parametrize("texts", [{}, {"en": "  "}, {"en": "x" * (LONGEST_DESK_TEXT + 1)}])
def test_an_empty_and_an_endless_text_are_refused(texts):
    with pytest.raises(Invalid) as refused:
        desk_message("k", texts, "en")
    assert list(refused.value.fields) == ["texts"]


def test_one_person_has_one_key_however_the_number_is_written():
    message = desk_message("k", {"en": "x"}, "en")
    one, other = message.effect_key("+86 138-0000-0001"), message.effect_key("13800000001")
    assert one == other
    assert one.startswith(message.effects)
    assert desk_message("l", {"en": "x"}, "en").effect_key("13800000001") != one
    assert message.effect_key("110") != message.effect_key("119")

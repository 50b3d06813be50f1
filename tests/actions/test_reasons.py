"""Is a reason asked for, and kept without the blanks around it?"""

import pytest

from dispatch.actions.reasons import check_reason
from dispatch.domain.errors import Invalid


def test_a_reason_is_kept_without_the_blanks_around_it():
    assert check_reason("  flat tyre\n") == "flat tyre"


@pytest.mark.parametrize("reason", ["", "  ", "\n\t"])
def test_blanks_are_no_reason(reason):
    with pytest.raises(Invalid) as refused:
        check_reason(reason)
    assert str(refused.value) == "Give a reason, so that the next person understands."
    assert list(refused.value.fields) == ["reason"]

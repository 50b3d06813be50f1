"""Is nothing shown to everybody that stands on too few, and nothing that nobody chose?"""

from __future__ import annotations

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.public_page import (
    LONGEST_TEXT,
    TEXTS,
    PublicFigure,
    PublicPage,
    page_from,
    public_number,
)


def test_a_number_below_the_minimum_sample_is_not_given():
    few = public_number(PublicFigure.ATTAINMENT, 0.5, 19)
    assert few.as_json() == {"figure": "attainment", "value": None, "unit": "share", "n": None}
    enough = public_number(PublicFigure.RESPONSE, 27.5, 20)
    assert enough.as_json() == {
        "figure": "response_p90", "value": 27.5, "unit": "minutes", "n": 20,
    }  # fmt: skip
    assert public_number(PublicFigure.TICKETS, 400, 400).as_json()["unit"] == "count"
    assert public_number(PublicFigure.SATISFACTION, None, 30).n is None


def test_a_page_reads_back_as_it_was_kept_in_the_order_of_the_figures():
    texts = {"scope": " Pipes\r\nup to the meter\x00 ", "fees_zh": "免费"}
    page = page_from(["tickets", "attainment"], texts, is_open=True)
    assert page.figures == (PublicFigure.ATTAINMENT, PublicFigure.TICKETS)
    assert page.texts["scope"] == "Pipes\nup to the meter"
    assert set(page.texts) == set(TEXTS)
    assert PublicPage.from_json(page.as_json()) == page
    assert page.text("scope", chinese=True) == ("Pipes\nup to the meter", "en")
    assert page.text("scope", chinese=False) == ("Pipes\nup to the meter", "en")
    assert page.text("fees", chinese=False) == ("免费", "zh-CN")
    assert PublicPage().text("fees", chinese=True)[0] == ""


@pytest.mark.parametrize(
    ("figures", "texts", "field"),
    [
        (["names"], {}, "figures"),
        ([], {"fees": "x" * (LONGEST_TEXT + 1)}, "fees"),
        ([], {"fees": " "}, "figures"),
    ],
)
def test_what_cannot_be_shown_is_refused(figures, texts, field):
    with pytest.raises(Invalid) as refusal:
        page_from(figures, texts, is_open=True)
    assert set(refusal.value.fields) == {field}


def test_a_closed_page_may_be_empty():
    assert page_from([], {}, is_open=False).is_open is False

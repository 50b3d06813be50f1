"""Has a kind of fault a card that can be read out?"""

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.self_help import CARDS, card_for


def test_cards_are_for_known_categories_and_short():
    assert set(CARDS) <= {rule.key for rule in CATEGORIES}
    for card in CARDS.values():
        assert 2 <= len(card.steps) <= 4
        assert all(len(str(step)) <= 100 for step in card.steps)


def test_a_card_is_found_by_its_category():
    assert str(card_for("plumbing").title) == "Shut the house valve"
    assert card_for("installation") is None

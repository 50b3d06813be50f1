"""Does a caller get the card as a message, once, and does a call without a number go on?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.self_help import CARDS
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.web.call_card import card_text
from tests.factories import make_city

FORM = {
    "category": "plumbing", "address": "Nanhu Road 1", "checked": "1", "send_card": "1",
    "phone": "13800001234", "request_key": "00000000-0000-4000-8000-000000000001",
}  # fmt: skip


def call(desk, **more: str):
    return desk.post("/desk/call", data=FORM | more, headers={"Accept": "application/json"})


@pytest.fixture
def desk(app, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
    return sign_in("call_taker")


def cards(app) -> list[str]:
    with app.app_context():
        rows = db.session.scalars(select(Outbox).where(Outbox.template == "reporters_told"))
        return [row.content["words"] for row in rows]


@pytest.mark.parametrize("ending", ["", "solved_by_phone"])
def test_the_card_goes_out_once_with_the_saved_call(app, desk, ending):
    for _ in range(2):
        told = call(desk, ending=ending)
        assert "The caller gets the card as a message." in told.json["tell"]
    [words] = cards(app)
    assert words.startswith("Shut the house valve: 1. Find the valve")


@pytest.mark.parametrize(
    ("more", "told"),
    [({"phone": ""}, "gets no card"), ({"send_card": ""}, "Tell the caller"),
     ({"category": "other"}, "Tell the caller")],
)  # fmt: skip
def test_a_call_without_a_number_or_a_wish_is_saved_all_the_same(app, desk, more, told):
    saved = call(desk, **more)
    assert (saved.status_code, cards(app)) == (201, [])
    assert told in saved.json["tell"]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_card_fits_into_a_message(app, language):
    with app.test_request_context():
        assert max(len(card_text(card, language)) for card in CARDS.values()) <= 500

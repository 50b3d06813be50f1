"""Does a resident subscribe, confirm and leave on the pages, and is nothing given away?"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.notices import NoticeSubscription
from tests.factories import make_city, make_household
from tests.notices import announce

PATH = "/notices/subscribe"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def city(app, now):
    app.config["SETTINGS"] = replace(
        app.config["SETTINGS"], smtp_host="mail.example.org", sms_url="https://sms.example.org"
    )
    with app.app_context(), transaction():
        make_city(now)
        make_household()


def form(**more: Any):
    return {"address": "Furong Road 8", "recipient": "13800005678", "key": str(uuid.uuid4())} | more


def one(app):
    with app.app_context():
        return db.session.scalars(select(NoticeSubscription)).one()


def test_somebody_asks_confirms_reads_and_leaves(app, city, client, now):
    told = form()
    for _ in range(2):
        answer = client.post(PATH, data=told)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}/asked")
    assert "Open the link" in client.get(f"{PATH}/asked?demo=x").text
    with app.app_context(), transaction():
        assert len(db.session.scalars(select(Outbox)).all()) == 1
        announce(now)
    row = one(app)
    here = f"/notices/s/{row.token}"
    assert row.token not in answer.headers["Location"]
    page = client.get(here)
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Yes, tell me" in page.text
    assert "138****5678" in page.text
    assert "A main has burst" in page.text
    assert one(app).confirmed_at is None
    assert client.post(f"{here}/confirm").status_code == 303
    assert "Until 20" in client.get(here).text
    assert client.post(f"{here}/end").headers["Location"] == "/notices"
    for gone in (client.get(here), client.post(f"{here}/confirm"), client.post(f"{here}/end")):
        assert gone.status_code == 404
        assert "No subscription at this address" in gone.text


def test_a_link_that_nobody_sent_is_turned_away_before_anything_is_written(
    city, client, monkeypatch
):
    monkeypatch.setattr("dispatch.web.notice_subscriptions.transaction", None)
    for token in ("x", "%00"):
        here = f"/notices/s/{token}"
        for answer in (
            client.get(here),
            client.post(f"{here}/confirm"),
            client.post(f"{here}/end"),
        ):
            assert answer.status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"address": "Nowhere 99"}, "We do not know this address"),
        ({"address": ""}, "Say which place"),
        ({"address": "", "grid": "North"}, "There is no grid"),
        ({"recipient": "12"}, "is no telephone number"),
        ({"recipient": "a@b"}, "This is no e-mail address"),
        ({"lat": "x", "lon": "1"}, "Your position could not be read"),
        ({"address": "x" * 121}, "Write at most 120 characters"),
        ({"recipient": "a\x07@b.cd"}, "holds a character that cannot be kept"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_is_kept(city, client, typed, said):
    answer = client.post(PATH, data=form(**typed))
    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "'")
    assert re.search(r'name="recipient"[^>]*value="[^"]', answer.text)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({"lat": "28.2", "lon": "112.9", "accuracy": "20"}, (28.2, 112.9, None)),
        ({"lat": "28.2", "lon": "112.9", "accuracy": "900"}, (28.15, 112.95, None)),
        ({"address": "", "grid": "West"}, (None, None, "West")),
    ],
)
def test_a_place_is_a_position_an_address_or_an_area(app, city, client, typed, stored):
    assert client.post(PATH, data=form(**typed)).status_code == 303
    row = one(app)
    assert (row.lat, row.lon, row.grid) == pytest.approx(stored, abs=0.01)


@pytest.mark.parametrize(
    ("address", "spot", "place"),
    [
        ("Furong Road 8", ("", ""), "Furong Road 8"),
        ("H-1", ("28.151", "112.951"), "H-1"),
        ("furong rd 8", ("28.152", "112.951"), "furong rd 8"),
        ("Furong Road 8", ("28.25", "112.951"), "the place on the map"),
        ("Your water is poisoned, call 13900000000", ("28.151", "112.951"), "the place on the map"),
        ("Furong Road 8 13900000000", ("28.151", "112.951"), "the place on the map"),
        ("Furong Road 8 evil", ("28.151", "112.951"), "the place on the map"),
        ("Furongg Road 8", ("", ""), "the place on the map"),
        ("", ("28.151", "112.951"), "the place on the map"),
    ],
)
def test_no_words_of_a_stranger_stand_on_the_page(app, city, client, address, spot, place):
    lat, lon = spot
    assert client.post(PATH, data=form(address=address, lat=lat, lon=lon)).status_code == 303
    row = one(app)
    assert row.place == place
    assert f"<b>{place}</b>" in client.get(f"/notices/s/{row.token}").text


def test_a_demo_shows_the_link_and_where_nothing_is_set_up_nothing_is_offered(app, city, client):
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, demo=True)
    answer = client.post(PATH, data=form())
    assert f"demo={one(app).token}" in answer.headers["Location"]
    assert one(app).token in client.get(answer.headers["Location"]).text
    assert PATH in client.get("/notices").text
    app.config["SETTINGS"] = replace(settings, smtp_host="", sms_url="")
    assert "Messages are not set up here" in client.get(PATH).text
    assert PATH not in client.get("/notices").text


def test_a_sixth_place_and_too_many_requests_are_refused(app, city, client):
    for step in range(6):
        place = {"address": "", "lat": "28.15", "lon": str(112.95 + step / 1000)}
        client.post(PATH, data=form(**place))
    with app.app_context():
        tokens = db.session.scalars(
            select(NoticeSubscription.token).order_by(NoticeSubscription.id)
        ).all()
    answers = [client.post(f"/notices/s/{token}/confirm") for token in tokens]
    assert [each.status_code for each in answers] == [303] * 5 + [409]
    assert "5 places already" in answers[-1].text
    refused = [client.post(PATH, data=form()).status_code for _ in range(5)]
    assert refused == [303] * 4 + [429]


def test_administrators_and_the_desk_see_how_many_are_told(app, city, client, sign_in, now):
    client.post(PATH, data=form())
    client.post(f"/notices/s/{one(app).token}/confirm")
    with app.app_context(), transaction():
        announce(now)
    page = sign_in("administrator").get("/admin/messages").text
    assert "1 people, 1 places; not confirmed yet: 0." in page
    page = sign_in("dispatcher").get("/desk/notices/1").text
    assert 'People who asked to be told <b class="number">1</b>' in page

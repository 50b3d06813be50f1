"""Can anybody report and follow a fault, whatever is typed, and is nobody's secret shown?"""

from __future__ import annotations

import gzip
import re
import uuid
from pathlib import Path

import pytest

from dispatch.domain.categories import category_rule
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket
from dispatch.web import resident
from dispatch.web.resident_form import KINDS, LONGEST
from tests.factories import IN_WEST, make_city
from tests.trips import open_burst, send, work
from tests.visitors import without_tokens

ROOT = Path(__file__).resolve().parents[2]
PIN = {"lat": str(IN_WEST.lat), "lon": str(IN_WEST.lon), "accuracy": "15", "source": "gps"}
LONG = "管道漏水 <script>alert(1)</script> 🚰" + "é" * 2960


@pytest.fixture
def city(app, clock, now):
    """Add teams, grids and crews; the clocks stand still."""
    with app.app_context():
        make_city(now)
        db.session.commit()


def send_report(client, **form: str):
    """Send the form with a key of its own."""
    given = {"key": str(uuid.uuid4()), "category": "leak", "address": "Wuyi Road 12"} | form
    return client.post("/report", data=given)


def rows(app, model):
    with app.app_context():
        return db.session.query(model).order_by(model.id).all()


def test_the_form_is_open_to_everybody_and_names_the_danger_line(client):
    page = client.get("/report")
    assert page.status_code == 200
    assert "Call 112 now" in page.text
    assert page.text.count('name="category"') == len(KINDS)


def test_the_first_load_is_small(client):
    page = client.get("/report")
    wanted = set(re.findall(r'(?:href|src)="/static/([^"#?]+)', page.text))
    wanted |= {"shared/i18n.js", "resident/kept.js"}
    assert not any("vendor" in each for each in wanted)
    bodies = [page.data, *((ROOT / "static" / each).read_bytes() for each in wanted)]
    assert len(bodies) > 10
    assert sum(len(gzip.compress(each)) for each in bodies) < 60_000


def test_every_card_is_a_category_with_a_drawn_icon_and_urgent_ones_are_marked():
    sprite = (ROOT / "static/shared/icons.svg").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f'<symbol id="{kind.icon}"' in sprite
        assert kind.is_urgent == (category_rule(kind.key).level == 1)


def test_a_report_with_a_position_becomes_a_ticket_and_leads_to_its_page(app, city, client):
    answer = send_report(client, **PIN, description="It drips", phone="138 1234 5678", name="Zhou")
    assert answer.status_code == 303
    (report,) = rows(app, Report)
    (ticket,) = rows(app, Ticket)
    assert answer.location == f"/t/{report.token}"
    assert (ticket.state, ticket.place_source, ticket.accuracy_metres) == ("accepted", "gps", 15.0)
    assert ticket.grid_id is not None
    assert (report.channel, report.verified, report.language) == ("web", False, "en")
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "We are choosing a crew" in page.text
    assert "Thank you" in page.text


def test_an_address_alone_is_enough_and_waits_for_the_desk(app, city, client):
    assert send_report(client).status_code == 303
    (ticket,) = rows(app, Ticket)
    assert (ticket.state, ticket.address) == ("received", "Wuyi Road 12")


def test_a_double_tap_is_one_ticket(app, city, client):
    key = str(uuid.uuid4())
    found = {send_report(client, key=key, **PIN).location for _ in range(3)}
    assert len(found) == 1
    assert len(rows(app, Ticket)) == 1


def test_the_same_form_with_other_words_is_said_to_have_arrived(app, city, client):
    key = str(uuid.uuid4())
    send_report(client, key=key)
    again = send_report(client, key=key, description="and now it is worse")
    assert again.status_code == 422
    assert "reached us" in again.text
    assert "and now it is worse" in again.text
    assert len(rows(app, Ticket)) == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"category": ""}, "Choose what has happened."),
        ({"category": "bill"}, "Choose what has happened."),
        ({"category": "nonsense\0"}, "Choose what has happened."),
        ({"address": ""}, "Say where it is"),
        ({"address": " \t"}, "Say where it is"),
        ({"lat": "28.15", "lon": ""}, "position could not be read"),
        ({"lat": "x", "lon": "112"}, "position could not be read"),
        ({"lat": "nan", "lon": "112"}, "position could not be read"),
        ({"lat": "inf", "lon": "112"}, "position could not be read"),
        ({"lat": "0", "lon": "0"}, "position could not be read"),
        ({"lat": "128.15", "lon": "28"}, "position could not be read"),
        ({"lat": "1" * 400, "lon": "28"}, "position could not be read"),
        ({"phone": "call me"}, "Give a telephone number"),
        ({"phone": "123"}, "Give a telephone number"),
        ({"phone": "1" * 16}, "Give a telephone number"),
        ({"phone": "1" * 33}, "at most 32 characters"),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"description": "x" * 4001}, "at most 4000 characters"),
        ({"description": "a\0b"}, "cannot be kept"),
        ({"address": "a\0b"}, "cannot be kept"),
        ({"account": "a\0b"}, "cannot be kept"),
        ({"category": "other", "description": ""}, "in a few words"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(app, city, client, form, words):
    typed = {"description": "under the stairs", "name": "Zhou", "phone": "13812345678"} | form
    answer = send_report(client, **typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert "nothing is lost" in answer.text
    kept = [each for each in typed.values() if each and "\0" not in each]
    hidden = {"bill", *(each for each in kept if not each.strip())}
    assert [each for each in kept if each not in answer.text and each not in hidden] == []
    assert rows(app, Ticket) == []


def test_a_long_text_with_emoji_and_a_script_is_kept_and_never_run(app, city, client):
    assert len(LONG) > 2980
    answer = send_report(client, description=LONG)
    assert answer.status_code == 303
    (report,) = rows(app, Report)
    assert report.description == LONG
    assert LONG not in client.get(answer.location).text
    again = send_report(client, description=LONG, category="")
    assert "<script>alert" not in again.text
    assert "&lt;script&gt;alert" in again.text


@pytest.mark.parametrize("key", ["", "x", "\0", "a" * 500])
def test_a_form_without_a_usable_key_is_still_taken(app, city, client, key):
    assert send_report(client, key=key).status_code == 303
    assert len(rows(app, Ticket)) == 1


def test_a_form_from_another_site_is_refused(app, city, client):
    client.carries_token = False
    assert send_report(client).status_code == 400
    assert rows(app, Ticket) == []


def test_a_known_account_gives_place_and_address_but_shows_neither(app, city, client):
    with app.app_context():
        place = {"lat": IN_WEST.lat, "lon": IN_WEST.lon}
        db.session.add(Household(account="A1", address="Secret Lane 7", name="Zhou", **place))
        db.session.commit()
    answer = send_report(client, address="", account="A1")
    assert answer.status_code == 303
    (ticket,) = rows(app, Ticket)
    assert (ticket.household_id, ticket.address, ticket.state) == (1, "Secret Lane 7", "accepted")
    assert "Secret" not in client.get(answer.location).text
    stranger = send_report(client, address="", account="A1")
    assert stranger.status_code == 303
    assert len(rows(app, Ticket)) == 2


def test_an_unknown_account_never_stops_a_report(app, city, client):
    assert send_report(client, account="A9").status_code == 303
    (report,) = rows(app, Report)
    assert "A9" in report.description
    alone = send_report(client, account="A9", address="")
    assert alone.status_code == 422
    assert "add the address" in alone.text


def test_a_fault_nearby_is_offered_and_can_be_followed(app, client, clock, now):
    with app.app_context():
        open_burst(now, reporter_name="Zhou Ming")
        send(1, 1, now)
        work(1, 1, now, until="acknowledge")
    clock.shift(600)
    key = str(uuid.uuid4())
    form = {**PIN, "category": "burst", "description": "It floods!", "key": key}
    offer = send_report(client, **form)
    assert offer.status_code == 200
    assert "Somebody reported this at 17:30: a crew has been chosen." in offer.text
    assert "It floods!" in offer.text
    for secret in ("Zhou", "W1"):
        assert secret not in without_tokens(offer.text)
    assert len(rows(app, Report)) == 1
    followed = send_report(client, **form, follow="W000001")
    assert followed.status_code == 303
    assert len(rows(app, Ticket)) == 1
    assert [each.ticket_id for each in rows(app, Report)] == [1, 1]
    assert "reported by 2 people" in client.get(followed.location).text
    assert send_report(client, **form, follow="W000001").location == followed.location
    assert len(rows(app, Report)) == 2


def test_or_it_is_sent_as_a_new_one(app, client, clock, now):
    with app.app_context():
        open_burst(now)
    form = {**PIN, "category": "burst", "key": str(uuid.uuid4())}
    assert send_report(client, **form).status_code == 200
    assert send_report(client, **form, decision="new").status_code == 303
    assert len(rows(app, Ticket)) == 2


@pytest.mark.parametrize("follow", ["W000001", "W000099", "x", "\0"])
def test_a_ticket_that_was_not_offered_cannot_be_followed(app, client, clock, now, follow):
    with app.app_context():
        open_burst(now)
    answer = send_report(client, follow=follow, lat="28.15", lon="113.05")
    assert answer.status_code == 404
    assert len(rows(app, Report)) == 1


@pytest.mark.parametrize("token", ["nope", "%00", "a" * 3000, "链接", "..%2f..%2fetc"])
def test_an_unknown_link_says_what_to_do(client, token):
    answer = client.get(f"/t/{token}")
    assert answer.status_code == 404
    if "%2f" not in token:
        assert "No ticket at this address" in answer.text
        assert "/report" in answer.text
        assert client.post(f"/t/{token}/answer", data={"answer": "fixed"}).status_code == 404


def test_a_guessed_link_takes_no_turn_to_write(client, monkeypatch):
    def refused():
        pytest.fail("a transaction was opened")

    monkeypatch.setattr(resident, "transaction", refused)
    answer = client.post("/t/unknown/answer", data={"answer": "fixed"})
    assert answer.status_code == 404
    assert "No ticket at this address" in answer.text


def test_a_report_that_goes_while_it_is_answered_is_missing(client, fixed, monkeypatch):
    found = [object(), None]
    monkeypatch.setattr(resident, "live_report", lambda *_: found.pop(0))
    assert client.post(f"{fixed}/answer", data={"answer": "fixed"}).status_code == 404


def test_an_expired_link_says_what_to_do(app, client, clock, now):
    with app.app_context():
        token = open_burst(now).report.token
    clock.shift(90 * 86_400)
    answer = client.get(f"/t/{token}")
    assert answer.status_code == 404
    assert "expired" in answer.text


@pytest.fixture
def fixed(app, clock, now):
    """Return the link of a ticket that a crew has fixed."""
    with app.app_context():
        opened = open_burst(
            now,
            reporter_name="Zhou Ming",
            reporter_phone="13812345678",
            description="behind the blue door",
        )
        send(1, 1, now)
        work(1, 1, now)
        clock.shift(3600)
        return f"/t/{opened.report.token}"


def test_the_track_page_tells_the_story_and_no_secret(client, fixed):
    page = client.get(fixed)
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "no-store"
    for words in ("W000001", "A crew was chosen: W1", "17:45", "Is it fixed?"):
        assert words in page.text
    for secret in ("Zhou", "138", "blue door", "Wuyi", "Wang", "28.1", "112.9"):
        assert secret not in without_tokens(page.text)


def test_not_fixed_reopens_the_same_ticket_once(app, client, fixed):
    for _ in range(2):
        answer = client.post(f"{fixed}/answer", data={"answer": "not_fixed"})
        assert (answer.status_code, answer.location) == (303, fixed)
    (ticket,) = rows(app, Ticket)
    assert (ticket.state, ticket.reopenings) == ("reopened", 1)
    page = client.get(fixed).text
    assert "We come again" in page
    assert "Is it fixed?" not in page


def test_fixed_confirms_and_can_be_taken_back(app, client, fixed):
    for _ in range(2):
        assert client.post(f"{fixed}/answer", data={"answer": "fixed"}).status_code == 303
    assert rows(app, Ticket)[0].verified_at is not None
    assert "Has it come back?" in client.get(fixed).text
    assert client.post(f"{fixed}/answer", data={"answer": "not_fixed"}).status_code == 303
    assert rows(app, Ticket)[0].state == "reopened"


def test_rather_not_say_is_taken_as_that(app, client, fixed):
    assert client.post(f"{fixed}/answer", data={"answer": "rather_not_say"}).status_code == 303
    assert rows(app, Report)[0].fixed_answer == "rather_not_say"
    assert rows(app, Ticket)[0].verified_at is None


@pytest.mark.parametrize("given", ["", "maybe", "fixed\0"])
def test_any_other_answer_is_refused(app, client, fixed, given):
    assert client.post(f"{fixed}/answer", data={"answer": given}).status_code == 422
    assert rows(app, Report)[0].fixed_answer is None


def test_the_area_under_the_pin_is_public_and_holds_names_only(app, city, client):
    found = client.get("/report/area").json
    assert [each["properties"] for each in found["features"]] == [
        {"name": "East"},
        {"name": "West"},
    ]


def test_the_pages_are_chinese_for_a_chinese_browser(client):
    for path in ("/report", "/t/nope"):
        page = client.get(path, headers={"Accept-Language": "zh-CN"})
        assert '<html lang="zh-CN"' in page.text
    assert LONGEST["description"] >= 3000

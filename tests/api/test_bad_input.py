"""Is every bad input answered with a clear 4xx that changes nothing, never with a 5xx?"""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.visitors import visitor

REPORTS = "/api/v1/reports"
LEAK = {"category": "leak", "address": "Wuyi Road 12"}


def tickets(app):
    with app.app_context():
        return db.session.query(Ticket).count()


def fault_of(answer):
    """Return the error of an answer after checking its one form."""
    error = answer.json["error"]
    assert set(error) == {"code", "message", "fields", "facts"}
    assert error["message"].strip()
    assert all(sentence.strip() for sentence in error["fields"].values())
    return error


BODIES = [
    (b"{", 400),
    (b'{"category": "leak", "address": "\xff\xfe"}', 400),
    (b"\xff\xfe{\x00}\x00", 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 50_000, 400),
    (b'{"category": "leak", "address": "x", "level": ' + b"9" * 5_000 + b"}", 400),
    (b'{"category": "leak", "address": "x", "level": ' + b"9" * 4_000 + b"}", 422),
    (b'{"category": "leak", "place": {"lat": NaN, "lon": 112.9}}', 422),
    (b'{"category": "leak", "place": {"lat": 28.1, "lon": -Infinity}}', 422),
    (b'{"category": "leak", "place": {"lat": 1e999, "lon": 112.9}}', 422),
    (b'{"category": "leak", "place": {"lat": ' + b"9" * 400 + b', "lon": 112.9}}', 422),
    (b"[]", 422),
    (b'"leak"', 422),
    (b"null", 422),
    (b"12", 422),
    (b"", 422),
    (b" " * (10 * 1024 * 1024), 413),
]


def test_a_body_that_is_no_report(app, client):
    for body, status in BODIES:
        answer = client.post(REPORTS, data=body, content_type="application/json")
        assert answer.status_code == status, body[:40]
        fault_of(answer)
    assert tickets(app) == 0


WRONG_FIELDS = [
    ({"category": "fire"}, "category"),
    ({"category": 3}, "category"),
    ({"category": None}, "category"),
    ({"colour": "blue"}, "colour"),
    ({"address": "a\x00b"}, "address"),
    ({"address": "a\ud800b"}, "address"),
    ({"address": ["a"]}, "address"),
    ({"address": "x" * 301}, "address"),
    ({"description": "x" * 4_001}, "description"),
    ({"level": 5}, "level"),
    ({"level": 0}, "level"),
    ({"level": True}, "level"),
    ({"level": 2.5}, "level"),
    ({"level": "two"}, "level"),
    ({"pipe_mm": -1}, "pipe_mm"),
    ({"pipe_mm": 10**30}, "pipe_mm"),
    ({"place": 5}, "place"),
    ({"place": {}}, "place.lat"),
    ({"place": {"lat": 28.1}}, "place.lon"),
    ({"place": {"lat": "north", "lon": 112.9}}, "place.lat"),
    ({"place": {"lat": True, "lon": 112.9}}, "place.lat"),
    ({"place": {"lat": 28.1, "lon": 112.9, "datum": "nad27"}}, "place.datum"),
    ({"place": {"lat": 28.1, "lon": 112.9, "height": 3}}, "place.height"),
    ({"place": {"lat": 128.1, "lon": 12.9}}, "lat"),
    ({"place": {"lat": 0, "lon": 0}}, "lat"),
    ({"reporter": {"phone": "call me"}}, "reporter.phone"),
    ({"reporter": {"name": "x" * 101}}, "reporter.name"),
    ({"channel": "pigeon"}, "channel"),
    ({"language": "fr"}, "language"),
    ({"a\ud800": 1}, "a\ufffd"),
    ({"household": "none such"}, "household"),
]


def test_a_wrong_field_is_named(app, sign_in):
    desk = sign_in("call_taker")
    for change, field in WRONG_FIELDS:
        # The standard library writes half a surrogate pair as an escape, as a broken program would.
        body = json.dumps(LEAK | change)
        answer = desk.post(REPORTS, data=body, content_type="application/json")
        assert answer.status_code == 422, change
        assert field in fault_of(answer)["fields"], change
    assert tickets(app) == 0


def test_a_report_needs_a_place(app, client):
    answer = client.post(REPORTS, json={"category": "leak", "address": "   "})
    assert answer.status_code == 422
    assert "place" in fault_of(answer)["fields"]
    assert tickets(app) == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(app, client, kind):
    answer = client.post(REPORTS, data=json.dumps(LEAK), content_type=kind)
    assert answer.status_code == 415
    fault_of(answer)
    assert tickets(app) == 0


@pytest.mark.parametrize("key", ["k" * 201, "钥匙"])
def test_a_bad_key_is_refused(client, key):
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = client.post(REPORTS, json=LEAK, headers=headers)
    assert answer.status_code == 422
    assert list(fault_of(answer)["fields"]) == ["Idempotency-Key"]


BAD_QUESTIONS = [
    *(f"v1/tickets?{query}" for query in (
        "cursor=x", "cursor=fffffffffffffff.1", "cursor=-ffffffffffffff.1", "cursor=%00",
        "limit=0", "limit=501", "limit=1e3", "limit=" + "9" * 5_000, "limit=٣", "limit=",
        "state=lost", "level=5", "since=yesterday", "since=2026-03-02T09:30:00",
        "since=0001-01-01T00:00:00%2B23:59", "since=9999-12-31T23:59:59-23:59", "crew=-1",
        "crew=99999999999999999999", "open=maybe", "q=%00", "colour=blue", "category=fire",
    )),
    *(f"live?since={since}" for since in (
        "x", "0-0-0", "fffffffffffffff-0-0-000000000000", "1-1-1-00000000000g", "%00",
    )),
    "v1/places", "v1/places?lat=x&lon=1", "v1/places?lat=NaN&lon=1", "v1/places?lat=inf&lon=1",
    "v1/places?lat=91&lon=1",
]  # fmt: skip
BAD_SEARCHES = [
    ("duplicates", {"colour": "blue"}),
    ("duplicates", {"category": "leak", "lat": 28.1}),
    ("duplicates", {"category": "leak", "household": "none"}),
    ("households", {"phone": "abc"}),
    ("households", {"limit": 51}),
    ("households", {"colour": "blue"}),
]


def test_a_bad_question_is_refused(sign_in):
    desk = sign_in("dispatcher")
    for question in BAD_QUESTIONS:
        answer = desk.get(f"/api/{question}")
        assert answer.status_code == 422, question
        assert fault_of(answer)["fields"], question


def test_a_bad_search_is_refused(sign_in):
    desk = sign_in("dispatcher")
    for subject, asked in BAD_SEARCHES:
        answer = desk.post(f"/api/v1/{subject}/search", json=asked)
        assert answer.status_code == 422, asked
        assert fault_of(answer)["fields"], asked


def test_faults_are_told_in_chinese(client):
    answer = client.post(REPORTS, json={"category": "fire"}, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 422
    assert set(fault_of(answer)["fields"]) == {"category"}


words = st.text(max_size=20)
numbers = st.integers() | st.floats() | st.integers(-(10**40), 10**40)
anything = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
NAMES = ("category", "description", "place", "address", "reporter", "channel", "level", "language",
         "household", "pipe_mm", "lat", "lon", "datum", "name", "phone")  # fmt: skip
likely = st.sampled_from(
    ["leak", "burst", "wgs84", "web", "phone", "13812345678", 28.15, 112.95, 2]
)
objects = st.dictionaries(
    st.sampled_from(NAMES),
    likely | anything | st.dictionaries(st.sampled_from(NAMES), likely | anything, max_size=4),
    max_size=8,
)


@pytest.fixture
def sender(sign_in):
    """Sign in one person for all examples of a test."""
    return sign_in("dispatcher")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=objects.map(json.dumps) | anything.map(json.dumps) | st.binary(max_size=60))
def test_no_body_breaks_the_server(sender, body):
    answer = sender.post(REPORTS, data=body, content_type="application/json")
    assert answer.status_code == 201 or 400 <= answer.status_code < 500
    if answer.status_code != 201:
        fault_of(answer)


PATHS = st.sampled_from(
    ["/api/v1/tickets", "/api/live", "/api/v1/places", "/api/v1/crews",
     "/api/v1/grids.geojson", "/api/v1/tickets/W000001"]
)  # fmt: skip
QUERY = (
    "state", "grid", "team", "crew", "level", "category", "since", "changed_since", "open",
    "imported", "q", "limit", "cursor", "lat", "lon", "datum", "phone", "household",
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=PATHS,
    query=st.dictionaries(
        st.sampled_from(QUERY),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | likely.map(str),
        max_size=3,
    ),
)
def test_no_question_breaks_the_server(sender, path, query):
    answer = sender.get(path, query_string=query)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        fault_of(answer)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=24))
def test_no_number_breaks_the_server(sender, number):
    answer = sender.get(f"/api/v1/tickets/{quote(number, safe='')}")
    assert answer.status_code in {200, 308, 404, 405}


def test_a_stranger_learns_nothing(app):
    assert visitor(app).get("/api/v1/tickets").status_code == 401

"""Does whatever a phone sends get an answer, so that it never holds up the tap behind it?"""

from __future__ import annotations

import json

import pytest

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.held_work import take_over
from dispatch.actions.phones import revoke_phone
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused
from dispatch.domain.field_commands import FACTS, ROUND_STEPS, TRANSITIONS
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import Device
from dispatch.models.tickets import TicketEvent
from tests.api.test_field import Phone
from tests.factories import DESK, make_city, make_ticket

HALF = "a\ud800b\udc00c"
ODD = (
    HALF,
    "a\0b",
    ["x"],
    {"x": ["y"]},
    10**30,
    -1,
    1.5,
    True,
    float("inf"),
    "",
    None,
)
NAMES = (
    "note", "cause", "reason", "code", "item", "list", "done", "value", "unit", "when", "reading",
    "parts", "needs", "minutes", "count", "visit_id", "crew_id", "to_crew_id", "stop", "category",
    "description", "address", HALF,
)  # fmt: skip


class Plain:
    """A browser that writes half a character and a number without end as JSON can."""

    def __init__(self, browser) -> None:
        """Keep whose sign-in it has."""
        self.browser = browser

    def post(self, address, **asked: object):
        """Send JSON as it is written here."""
        body = asked.pop("json")
        text = body if isinstance(body, str) else json.dumps(body).replace("Infinity", "1e400")
        return self.browser.post(address, data=text, content_type="application/json", **asked)


@pytest.fixture
def phone(app, clock, now, sign_in):
    with app.app_context(), transaction():
        crew = make_city(now).crews[0]
        dispatch_visit(make_ticket(now)[0], crew, decision=Decision(), actor=DESK, now=now)
    return Phone(Plain(sign_in("crew", crew_id=1)), now, clock)


def odd_taps(phone, kinds, ticket="W000001"):
    """Tap each step with each odd value under all names at once."""
    return [
        phone.tap(kind, ticket=ticket, args=dict.fromkeys(NAMES, value))
        for kind in sorted(kinds)
        for value in ODD
    ]


def answered(phone, taps):
    """Send them, a note behind each batch; return the outcomes but the notes'."""
    found = []
    while taps:
        batch, taps = taps[:49], taps[49:]
        answer = phone.send(*batch)
        assert answer.status_code == 200, answer.json
        found += [each["outcome"] for each in answer.json["outcomes"]]
        assert answer.json["next_sequence"] == batch[-1]["sequence"] + 1
    return found


def test_no_odd_value_stops_what_comes_behind_it(phone):
    taps = odd_taps(phone, TRANSITIONS | FACTS | ROUND_STEPS | {"dance"})
    found = answered(phone, [*taps, phone.tap("note", args={"note": "after all"})])
    assert len(found) == len(taps) + 1
    assert set(found) <= {"applied", "superseded", "rejected"}
    assert found[-1] == "applied"


def test_no_odd_value_that_is_held_stops_the_desk(phone, app, now):
    with app.app_context(), transaction():
        revoke_phone(db.session.get_one(Device, 1), "lost", actor=DESK, now=now)
    found = answered(phone, odd_taps(phone, TRANSITIONS | FACTS))
    assert set(found) == {"held"}
    with app.app_context():
        held = [key for (key,) in db.session.query(FieldEntry.id).order_by(FieldEntry.id)]
        for key in held:
            try:
                with transaction():
                    assert take_over(key, actor=DESK, now=now).decision in {"taken_over", "noted"}
            except Refused:
                db.session.rollback()


def test_half_a_character_is_replaced_and_a_whole_one_kept(phone, app):
    words = {"note": "\\u0000 \\ud800 \0 💧 \ud83d"}
    assert phone.outcomes(phone.tap("note", args=words)) == ["applied"]
    with app.app_context():
        notes = [each.note for each in db.session.query(TicketEvent) if each.note]
    assert notes == ["\\u0000 \\ud800 \ufffd 💧 \ufffd"]


def test_the_cause_of_a_late_step_is_one_of_the_list_or_none(phone, app):
    causes = ["no_access", "tea", ["no_access"], {"a": 1}, 10**30]
    taps = [phone.tap("cannot-complete", args={"cause": each}) for each in causes]
    assert phone.outcomes(*taps) == ["superseded"] + ["rejected"] * 4
    taps = [phone.tap("take-back", args={"cause": each}) for each in causes]
    assert phone.outcomes(*taps) == ["superseded"] * 5
    with app.app_context():
        kept = db.session.query(TicketEvent).filter_by(kind="for_review")
        reasons = [each.reason for each in kept.order_by(TicketEvent.id)]
    assert reasons == ["no_access", "no_access", None, None, None, None]


def test_a_name_that_an_event_has_already_is_answered(phone, app):
    with app.app_context():
        theirs = db.session.query(TicketEvent).order_by(TicketEvent.id).first().uuid
    taps = [phone.tap("note", id=theirs, args={"note": "x"}), phone.tap("acknowledge")]
    answer = phone.send(*taps)
    assert [each["outcome"] for each in answer.json["outcomes"]] == ["rejected", "applied"]
    assert answer.json["outcomes"][0]["reason"].startswith("Another step has")
    again = phone.outcomes(*taps)
    assert again == ["rejected", "applied"]


@pytest.mark.parametrize("depth", [100, 5_000])
def test_what_is_nested_deeply_is_no_fault_of_ours(phone, depth):
    tap = json.dumps(phone.tap("note", args={"note": "x"}))
    nested = tap.replace('"x"', "[" * depth + "]" * depth)
    body = f'{{"session": "a", "commands": [{nested}]}}'
    headers = {"X-OneVisit-Device": phone.token}
    answer = phone.browser.post("/api/v1/field/sync", json=body, headers=headers)
    assert answer.status_code in {200, 400, 422}


@pytest.mark.parametrize("year", ["0001", "0002", "1969", "9998", "9999"])
def test_a_time_of_any_year_is_refused_or_answered(phone, year):
    at = f"{year}-12-31T23:59:59-12:00"
    tap = phone.tap("note", at=1, args={"note": "x"}) | {"at": at, "session": "b"}
    answer = phone.send(tap, at=at)
    assert answer.status_code in {200, 422}

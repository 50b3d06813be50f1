"""Does a phone that was offline lose nothing, do nothing twice and hear what became of each tap?"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.access import PHONE_COOKIE
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import Device, UserSession
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from tests.factories import make_city, make_ticket

NUMBER = "W000001"
TICKET = f"/api/v1/tickets/{NUMBER}"


class Phone:
    """The phone of the crew W1, as its page drives it; `minutes` count from the call."""

    def __init__(self, browser, now, clock) -> None:
        """Enrol."""
        self.browser, self.start, self.clock = browser, now, clock
        answer = browser.post("/api/v1/field/devices", json={"name": "Crew phone 1"})
        assert (answer.status_code, answer.json["next_sequence"]) == (201, 1)
        self.token, self.made = answer.json["token"], 0

    def tap(self, kind, at=1.0, **given: object):
        """Store a command, as if the page had been open all the time."""
        self.made += 1
        command = {
            "id": str(uuid.UUID(int=self.made)),
            "sequence": self.made,
            "ticket": NUMBER,
            "kind": kind,
            "at": (self.start + timedelta(minutes=at)).isoformat(),
            "mono_ms": at * 60_000,
            "session": "a",
        }
        return command | given

    def send(self, *commands: dict, minute=30.0, token=None, **given: object):
        """Send commands at a minute."""
        instant = self.start + timedelta(minutes=minute)
        self.clock.move_to(instant)
        body = {
            "session": "a",
            "mono_ms": minute * 60_000,
            "at": instant.isoformat(),
            "commands": list(commands),
        }
        headers = {"X-OneVisit-Device": self.token if token is None else token}
        return self.browser.post("/api/v1/field/sync", json=body | given, headers=headers)

    def outcomes(self, *commands: dict, **given: object):
        """Send commands and return what became of each."""
        answer = self.send(*commands, **given)
        assert answer.status_code == 200, answer.json
        return [each["outcome"] for each in answer.json["outcomes"]]


def step(browser, name, **args: object):
    version = browser.get(TICKET).json["ticket"]["version"]
    headers = {"If-Match": f'"{version}"', "Idempotency-Key": str(uuid.uuid4())}
    answer = browser.post(f"{TICKET}/{name}", json=args, headers=headers)
    assert answer.status_code == 200, answer.json


@pytest.fixture
def desk(app, clock, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)
    desk = sign_in("dispatcher")
    step(desk, "dispatch", crew_id=1, override_reason="It is the nearest.")
    return desk


@pytest.fixture
def phone(desk, sign_in, now, clock):
    return Phone(sign_in("crew", crew_id=1), now, clock)


@pytest.fixture
def rows(app, phone):
    def read(model):
        with app.app_context():
            return db.session.query(model).order_by(model.id).all()

    return read


def minutes(now, at):
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return round((instant - now).total_seconds() / 60, 2)


def test_a_day_without_signal_arrives_in_order_with_its_own_times(phone, rows, now):
    kinds = ("acknowledge", "set-off", "arrive", "start")
    taps = [phone.tap(kind, at=5.0 + number) for number, kind in enumerate(kinds)]
    taps.append(phone.tap("note", at=10, args={"note": "Valve is stuck"}))
    taps.append(phone.tap("complete", at=25, args={"note": "New seal"}))
    answer = phone.send(*taps, minute=50)
    assert [each["outcome"] for each in answer.json["outcomes"]] == ["applied"] * 6
    assert answer.json["next_sequence"] == 7
    assert answer.json["tickets"] == []
    [visit], [ticket] = rows(Visit), rows(Ticket)
    assert [minutes(now, at) for at in (visit.en_route_at, visit.arrived_at, visit.ended_at)] == [
        6, 7, 25,
    ]  # fmt: skip
    assert (ticket.state, visit.note) == ("completed", "New seal")
    arrived = next(each for each in rows(TicketEvent) if each.kind == "arrived")
    assert (arrived.time_quality, arrived.source, arrived.device_sequence) == (
        "offline_trusted", "mobile", 3,
    )  # fmt: skip
    assert minutes(now, arrived.recorded_at) == 50


def test_what_is_sent_again_is_answered_again_and_done_once(phone, rows):
    tap = phone.tap("acknowledge")
    first, again = phone.send(tap), phone.send(tap, minute=40)
    assert first.json["outcomes"] == again.json["outcomes"]
    assert [each.kind for each in rows(TicketEvent)].count("acknowledged") == 1


def test_what_the_desk_wrote_into_the_field_meanwhile_is_told(phone, desk, rows, clock, now):
    clock.move_to(now + timedelta(minutes=10))
    step(desk, "reading", reading="pressure", value="320", when="before", crew_id=1)
    args = {"reading": "pressure", "value": "350", "when": "before"}
    tap = phone.tap("reading", at=5, args=args)
    phone.outcomes(tap)
    [answer] = phone.send(tap, minute=40).json["outcomes"]
    assert answer["outcome"] == "applied"
    other = answer["other"]
    assert other["args"] == args | {"value": "320", "unit": "kPa"}
    assert (minutes(now, other["at"]), other["words"]) == (10, "Pressure, before: 320 kPa")
    assert other["visit_id"] == rows(Visit)[0].id
    [last] = [each for each in desk.get(f"{TICKET}/events").json["events"] if each["other"]]
    assert (last["other"]["args"], last["facts"]["value"]) == (other["args"], "350")


def test_what_its_page_never_showed_is_told_though_it_was_there_before_the_tap(
    phone, desk, rows, clock, now
):
    seen = rows(TicketEvent)[-1].id
    clock.move_to(now + timedelta(minutes=10))
    step(desk, "reading", reading="pressure", value="320", when="before", crew_id=1)
    args = {"reading": "pressure", "value": "350", "when": "before"}
    tap = phone.tap("reading", at=15, args=args, seen=seen)
    [answer] = phone.send(tap, minute=40).json["outcomes"]
    assert answer["other"]["args"]["value"] == "320"


def test_a_gap_stops_there_and_says_where_to_go_on(phone):
    first, second, third = (phone.tap("note", args={"note": str(n)}) for n in range(3))
    answer = phone.send(first, third)
    assert (len(answer.json["outcomes"]), answer.json["next_sequence"]) == (1, 2)
    assert phone.outcomes(second, third) == ["applied"] * 2


def test_a_number_that_was_used_is_not_used_for_another_command(phone):
    assert phone.outcomes(phone.tap("acknowledge")) == ["applied"]
    other = phone.tap("note", args={"note": "kept"}) | {"sequence": 1}
    answer = phone.send(other)
    assert (answer.json["outcomes"], answer.json["next_sequence"]) == ([], 2)
    assert phone.outcomes(other | {"sequence": 2}) == ["applied"]


def test_a_step_after_the_ticket_went_elsewhere_is_superseded_and_kept(phone, desk, rows):
    step(desk, "withdraw", reason="Another crew is nearer.")
    step(desk, "dispatch", crew_id=2, override_reason="Nearer.")
    tap = phone.tap("arrive", at=12)
    note = phone.tap("note", at=13, args={"note": "Water stands in the cellar"})
    answer = phone.send(tap, note)
    told, added = answer.json["outcomes"]
    assert (told["outcome"], added["outcome"]) == ("superseded", "applied")
    assert told["reason"] == "No crew is on this ticket now. Look at the newest state of it."
    [kept] = [each for each in rows(TicketEvent) if each.kind == "for_review"]
    assert (kept.facts["step"], kept.uuid) == ("arrive", tap["id"])
    assert [each.state for each in rows(Visit)] == ["withdrawn", "dispatched"]
    assert [each.args for each in rows(FieldEntry)] == [{}, None]


def test_the_story_tells_when_a_step_was_sent_and_why_another_was_not_taken(phone, desk):
    phone.outcomes(phone.tap("acknowledge", at=5), minute=46)
    step(desk, "withdraw", reason="Another crew is nearer.")
    ahead = phone.tap("arrive", at=50)
    ahead["at"] = (phone.start + timedelta(hours=9, minutes=50)).isoformat()
    phone.outcomes(ahead, minute=51)
    story = {each["kind"]: each for each in desk.get(f"{TICKET}/events").json["events"]}
    taken, kept = story["acknowledged"], story["for_review"]
    assert (taken["time_quality"], taken["time_flags"]) == ("offline_trusted", ["late"])
    assert taken["time_note"].endswith(", offline, trusted")
    assert kept["detail"].startswith("W1, “Arrived”: No crew is on this ticket now.")
    assert (kept["time_flags"], kept["facts"]) == (["skewed"], {"step": "arrive"})
    assert "9 h 0 min ahead" in kept["time_note"]


def test_a_step_that_the_desk_took_already_is_superseded(phone, desk):
    step(desk, "acknowledge")
    assert phone.outcomes(phone.tap("acknowledge"), phone.tap("arrive", at=9)) == [
        "superseded", "applied",
    ]  # fmt: skip


def test_what_is_wrong_in_itself_is_rejected_with_its_reason_and_stops_nothing(phone, rows):
    taps = [
        phone.tap("dance"),
        phone.tap("withdraw", args={"reason": "x"}),
        phone.tap("note", args={"note": ""}),
        phone.tap("note", args={"note": "x" * 5000}),
        phone.tap("note", ticket="W999999", args={"note": "whose?"}),
        phone.tap("acknowledge"),
    ]
    answer = phone.send(*taps)
    found = [each["outcome"] for each in answer.json["outcomes"]]
    assert found == ["rejected"] * 5 + ["applied"]
    assert all(each["reason"] for each in answer.json["outcomes"][:5])
    assert [each.outcome for each in rows(FieldEntry)] == found


def test_a_character_that_cannot_be_kept_is_replaced(phone, rows):
    assert phone.outcomes(phone.tap("note", args={"note": "a\0b"})) == ["applied"]
    assert [each.note for each in rows(TicketEvent) if each.note] == ["a\ufffdb"]


def test_another_crews_ticket_is_none_of_this_phones(phone, app, now, clock):
    with app.app_context(), transaction():
        make_ticket(now)
    assert phone.outcomes(phone.tap("acknowledge", ticket="W000002")) == ["rejected"]


def test_a_revoked_phones_commands_are_kept_for_the_desk(phone, app, rows, now):
    with app.app_context(), transaction():
        db.session.query(Device).one().revoked_at = now
    tap = phone.tap("note", args={"note": "still here"})
    assert phone.outcomes(tap) == ["held"]
    [entry] = rows(FieldEntry)
    assert entry.args == {"note": "still here"}
    assert "note_added" not in {each.kind for each in rows(TicketEvent)}


def test_what_is_held_is_answered_up_to_what_the_desk_can_look_through(
    phone, app, rows, now, monkeypatch
):
    monkeypatch.setattr("dispatch.actions.field_sync.MOST_HELD", 1)
    with app.app_context(), transaction():
        db.session.query(Device).one().revoked_at = now
    first, second = (phone.tap("note", args={"note": "x"}) for _ in range(2))
    answer = phone.send(first, second)
    assert [each["outcome"] for each in answer.json["outcomes"]] == ["held"]
    assert answer.json["next_sequence"] == 2
    answer = phone.send(second)
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "too_many")
    assert len(rows(FieldEntry)) == 1


def test_a_revoked_phone_sends_also_when_nobody_is_signed_in_and_sees_nothing(
    phone, app, client, rows, now
):
    tap = phone.tap("note", args={"note": "still here"})
    phone.browser = client
    assert phone.send(tap).status_code == 401
    with app.app_context(), transaction():
        db.session.query(Device).one().revoked_at = now
    answer = phone.send(tap)
    assert [each["outcome"] for each in answer.json["outcomes"]] == ["held"]
    assert (answer.json["tickets"], answer.json["revoked"]) == ([], True)
    [entry] = rows(FieldEntry)
    assert entry.user_id == rows(Device)[0].last_user_id is not None


def test_the_cookie_is_as_good_as_the_header(phone, rows, clock):
    cookie = phone.browser.get_cookie(PHONE_COOKIE)
    assert (cookie.value, cookie.http_only, cookie.same_site) == (phone.token, True, "Lax")
    assert phone.outcomes(phone.tap("acknowledge"), token="") == ["applied"]
    answer = phone.send(waiting=7, app="1.4", token="")
    assert answer.json["revoked"] is False
    [device] = rows(Device)
    assert (device.waiting, device.app_version) == (7, "1.4")
    assert rows(UserSession)[-1].device_id == device.id


def test_a_person_who_has_the_phone_is_named_with_the_command(phone, rows):
    person = phone.browser.user_id
    assert phone.outcomes(phone.tap("acknowledge", person=person), waiting=3) == ["applied"]
    assert phone.outcomes(phone.tap("arrive", at=9, person=9999)) == ["applied"]
    assert [(each.user_id, each.flag) for each in rows(FieldEntry)] == [
        (person, None), (person, "person_unknown"),
    ]  # fmt: skip
    assert rows(Device)[0].waiting is None


def test_a_phone_that_never_read_its_first_answer_stays_one(phone, rows):
    assert phone.outcomes(phone.tap("acknowledge")) == ["applied"]
    again = phone.browser.post("/api/v1/field/devices", json={"name": "Pixel"}).json
    assert (again["token"], again["next_sequence"], len(rows(Device))) == (phone.token, 2, 1)


def test_a_phone_that_changed_hands_acts_for_no_other_crew(phone, sign_in, rows):
    tap = phone.tap("acknowledge")
    phone.browser = sign_in("crew", crew_id=2)
    assert phone.outcomes(tap) == ["held"]
    assert rows(Visit)[0].state == "dispatched"


def test_nobody_knows_a_phone_with_another_token(phone):
    phone.browser.delete_cookie(PHONE_COOKIE)
    answer = phone.send(phone.tap("acknowledge"), token="x" * 43)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert phone.send(token="").status_code == 404


def test_only_crews_have_phones(phone, desk, client, sign_in):
    for visitor, status in ((desk, 403), (client, 401)):
        answer = visitor.post("/api/v1/field/devices", json={"name": "x"})
        assert answer.status_code == status
        assert visitor.post("/api/v1/field/sync", json={}).status_code == status
    nameless = sign_in("crew", crew_id=2).post("/api/v1/field/devices", json={"name": "  "})
    assert nameless.status_code == 422
    without = sign_in("crew").post("/api/v1/field/devices", json={"name": "x"})
    assert without.status_code == 422


def test_a_phone_whose_clock_is_hours_wrong_is_timed_by_its_session(phone, rows, now):
    tap = phone.tap("arrive", at=12)
    tap["at"] = (now + timedelta(hours=9)).astimezone(UTC).isoformat()
    assert phone.outcomes(tap, minute=20) == ["applied"]
    assert minutes(now, rows(Visit)[0].arrived_at) == 12


def test_after_a_restart_the_phones_own_clock_counts(phone, rows, now):
    tap = phone.tap("arrive", at=12, session="before")
    assert phone.outcomes(tap, minute=20) == ["applied"]
    [entry] = rows(FieldEntry)
    assert (minutes(now, entry.effective_at), entry.time_quality) == (12, "offline_trusted")


def test_an_odd_position_stops_no_tap(phone, rows):
    taps = [
        phone.tap("acknowledge", position={"lat": 99, "lon": 0}),
        phone.tap("arrive", position={"lat": 29.15, "lon": 112.95, "accuracy": 12}),
    ]
    assert phone.outcomes(*taps) == ["applied"] * 2
    [visit] = rows(Visit)
    assert visit.arrival_grade == "disputed"
    assert list(visit.arrival_evidence["flags"]) == ["tapped_far"]


def test_a_position_that_the_phone_calls_made_up_and_one_to_2_km_prove_nothing(phone, rows):
    place = {"lat": 28.15, "lon": 112.95, "accuracy": 2_000, "mocked": True}
    assert phone.outcomes(phone.tap("arrive", position=place)) == ["applied"]
    [visit] = rows(Visit)
    assert visit.arrival_grade == "crew_only"
    assert set(visit.arrival_evidence["flags"]) == {"mocked", "vague_position"}


@pytest.mark.parametrize(
    "given",
    [
        {"commands": [{}] * 51},
        {"commands": [{"id": "x"}]},
        {"commands": "x"},
        {"mono_ms": "soon"},
        {"session": ""},
        {"at": "yesterday"},
    ],
)
def test_a_request_of_another_shape_is_refused_whole(phone, rows, given):
    assert phone.send(phone.tap("acknowledge"), **given).status_code == 422
    assert rows(FieldEntry) == []


def test_what_a_phone_wrote_down_on_site_is_never_too_late(phone, desk, rows):
    tapped = [phone.tap(kind, at=2) for kind in ("acknowledge", "set-off", "arrive")]
    assert phone.outcomes(*tapped, minute=3) == ["applied"] * 3
    step(desk, "return", reason="Not ours")
    reading = {"reading": "pressure", "value": 3.5, "unit": "bar", "when": "before"}
    needs = {"parts": ["sleeves"], "needs": ["excavation"]}
    facts = [
        phone.tap("reading", at=5, args=reading),
        phone.tap("parts", at=6, args={"item": "clamps_150", "count": 1}),
        phone.tap("tick", at=4, args={"list": "safety", "item": "traffic", "done": True}),
        phone.tap("cannot-complete", at=7, args={"cause": "part_missing"} | needs),
        phone.tap("parts", at=8, args={"item": "clamps_150", "count": -1}),
    ]
    expected = ["applied"] * 3 + ["superseded", "rejected"]
    assert phone.outcomes(*facts, minute=40) == expected
    assert phone.outcomes(*facts, minute=41) == expected
    told = {each.kind: each for each in rows(TicketEvent)}
    assert told["reading_taken"].facts["value"] == "350"
    assert told["next_visit_needs"].facts == needs
    kinds = [each.kind for each in rows(TicketEvent)]
    assert [kinds.count(kind) for kind in ("parts_used", "ticked", "next_visit_needs")] == [1] * 3

"""Is a leader asked about what stands out, and about nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid, NotAllowed, NotFound
from dispatch.domain.findings import (
    KIND_NAMES,
    MARK_NAMES,
    OF_PEOPLE,
    OF_PHOTOS,
    OF_VISITS,
    ActSeen,
    Asked,
    FindingKind,
    Limits,
    Mark,
    PhotoSeen,
    VisitSeen,
    check_mark,
    limits_of,
    people_findings,
    photo_findings,
    read_key,
    read_minutes,
    visit_findings,
)
from dispatch.domain.place import Point

K = FindingKind
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
HERE = Point(28.15, 112.95)
LIMITS = Limits()
PLAIN = VisitSeen(
    visit_id=7,
    level=2,
    is_repair=True,
    is_completed=True,
    arrived_at=NOON,
    ended_at=NOON + timedelta(minutes=40),
    grade="crew_only",
    tap=HERE,
    accuracy_metres=10.0,
    place=HERE,
    photos=0,
    tapped_by="Wang",
)
PHOTO = PhotoSeen(3, NOON, NOON, NOON)


def kinds(visit, limits=LIMITS):
    return [found.kind for found in visit_findings([visit], limits)]


def north(metres: float) -> Point:
    return Point(HERE.lat + metres / 111_195, HERE.lon)


def test_every_kind_and_mark_has_a_name_and_a_place():
    assert set(KIND_NAMES) == set(FindingKind) == OF_VISITS | OF_PHOTOS | OF_PEOPLE
    assert set(MARK_NAMES) == set(Mark)


def test_an_ordinary_visit_is_not_asked_about():
    assert kinds(PLAIN) == []


def test_an_arrival_that_nothing_shows_is_asked_about():
    bare = replace(PLAIN, tap=None, accuracy_metres=None)
    [found] = visit_findings([bare], LIMITS)
    assert (found.key, found.kind, found.at) == ("no_evidence-7", K.NO_EVIDENCE, NOON)
    for proof in ({"photos": 1}, {"grade": "confirmed"}, {"tap": HERE}, {"is_completed": False}):
        assert kinds(replace(bare, **proof)) == []
    [noted] = visit_findings([replace(bare, is_for_crew=True)], LIMITS)
    assert str(noted.evidence).startswith("Wang noted the arrival for the crew")


def test_a_tap_elsewhere_is_asked_about_with_its_distance():
    [found] = visit_findings([replace(PLAIN, tap=north(1_000))], LIMITS)
    assert found.kind is K.FAR_AWAY
    assert str(found.evidence) == "Tapped 1000 m from the place, give or take 10 m."
    for vague in (201.0, -1.0, float("nan"), float("inf")):
        assert kinds(replace(PLAIN, tap=north(1_000), accuracy_metres=vague)) == []
    assert kinds(replace(PLAIN, tap=north(1_000), accuracy_metres=None)) == [K.FAR_AWAY]
    assert kinds(replace(PLAIN, tap=north(1_000), place=None)) == []


@given(
    metres=st.floats(0, 5_000),
    accuracy=st.floats(0, 200),
    limit=st.integers(1, 4_000),
    more=st.integers(0, 1_000),
)
def test_a_wider_limit_never_asks_more(metres, accuracy, limit, more):
    visit = replace(PLAIN, tap=north(metres), accuracy_metres=accuracy, fence_metres=1)
    narrow, wide = (kinds(visit, Limits(metres=each)) for each in (limit, limit + more))
    assert set(wide) <= set(narrow)
    if metres - accuracy < limit - 50:
        assert narrow == []
    if metres - accuracy > limit + 50:
        assert narrow == [K.FAR_AWAY]


def test_a_tap_within_the_fence_of_its_ticket_is_not_asked_about():
    visit = replace(PLAIN, tap=north(500), accuracy_metres=10.0, fence_metres=600)
    assert kinds(visit) == []
    assert kinds(replace(visit, fence_metres=400)) == [K.FAR_AWAY]


@pytest.mark.parametrize(
    ("level", "minutes", "asked"),
    [(1, 9.9, True), (1, 10, False), (2, 4, True), (3, 4, False), (4, 0.5, True), (4, 2, False)],
)
def test_how_short_is_too_short_depends_on_the_level(level, minutes, asked):
    visit = replace(PLAIN, level=level, ended_at=NOON + timedelta(minutes=minutes))
    assert kinds(visit) == [K.SHORT_VISIT] * asked


def test_only_a_finished_repair_can_be_too_short():
    short = replace(PLAIN, ended_at=NOON)
    assert str(visit_findings([short], LIMITS)[0].evidence).startswith("Fixed 0 min after")
    for otherwise in ({"is_repair": False}, {"is_completed": False}, {"ended_at": None}):
        assert kinds(replace(short, **otherwise)) == []


def test_the_same_photo_again_names_the_first():
    again = replace(PHOTO, earlier_number="W000001", earlier_at=NOON)
    [found] = photo_findings([again], LIMITS)
    assert (found.key, found.kind) == ("photo_twice-3", K.PHOTO_TWICE)
    assert "W000001" in str(found.evidence)
    assert photo_findings([PHOTO], LIMITS) == []


def test_a_photo_from_long_before_the_visit_is_asked_about():
    hour = timedelta(hours=1)
    assert photo_findings([replace(PHOTO, taken_at=NOON - hour)], LIMITS) == []
    old = replace(PHOTO, taken_at=NOON - hour - timedelta(seconds=1))
    assert [found.kind for found in photo_findings([old], LIMITS)] == [K.PHOTO_OLD]
    for unknown in ({"taken_at": None}, {"arrived_at": None}):
        assert photo_findings([replace(old, **unknown)], LIMITS) == []


def test_a_photo_is_not_old_for_a_clock_that_was_known_to_be_behind():
    nine = timedelta(hours=9)
    photo = replace(PHOTO, taken_at=NOON - nine, behind=nine)
    assert photo_findings([photo], LIMITS) == []
    older = replace(photo, taken_at=NOON - nine - timedelta(hours=2))
    assert [found.kind for found in photo_findings([older], LIMITS)] == [K.PHOTO_OLD]


def acts(count, *, at=NOON, kind=K.CORRECTIONS, user_id=4):
    return [ActSeen(kind, user_id, f"W{each:06}", at) for each in range(count)]


def test_many_corrections_of_one_person_in_one_week_are_one_question():
    [(found, user_id)] = people_findings(acts(7), LIMITS, ZONE)
    assert (found.key, found.at, user_id) == ("corrections-4-2026-W10", NOON, 4)
    assert str(found.evidence).startswith("Times corrected in one week: 7. Tickets: W000000,")
    assert str(found.evidence).endswith("W000004 ….")
    assert people_findings(acts(4), LIMITS, ZONE) == []
    shut = people_findings(acts(5, kind=K.NOT_REACHED), LIMITS, ZONE)
    assert str(shut[0][0].evidence).startswith("Nobody reached, times in one week: 5.")


def test_a_week_begins_on_monday_in_the_zone_of_the_utility():
    sunday_night = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)
    monday = sunday_night + timedelta(minutes=1)
    both = acts(4, at=sunday_night) + acts(4, at=monday)
    assert people_findings(both, LIMITS, ZONE) == []
    assert people_findings(both, Limits(many=4), ZONE)[0][0].key == "corrections-4-2026-W09"


@given(
    st.lists(
        st.builds(
            ActSeen,
            st.sampled_from(sorted(OF_PEOPLE)),
            st.integers(1, 3),
            st.sampled_from(["W000001", "W000002"]),
            st.datetimes(datetime(2026, 1, 1), datetime(2026, 2, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        ),
        max_size=30,
    ),
    st.integers(1, 6),
    st.randoms(),
)
def test_no_order_changes_what_is_asked_and_each_key_leads_back(found, many, random):
    limits = Limits(many=many)
    first = people_findings(found, limits, ZONE)
    shuffled = list(found)
    random.shuffle(shuffled)
    again = people_findings(shuffled, limits, ZONE)
    assert {each.key: each for each, _user in first} == {each.key: each for each, _user in again}
    for each, user_id in first:
        asked = read_key(each.key)
        assert (asked.kind, asked.row_id) == (each.kind, user_id)
        day = each.at.astimezone(ZONE).date()
        assert asked.monday <= day < asked.monday + timedelta(days=7)


def test_a_key_is_read_back():
    assert read_key("far_away-12") == Asked(K.FAR_AWAY, 12, None)
    assert read_key("corrections-4-2026-W10") == Asked(K.CORRECTIONS, 4, date(2026, 3, 2))


@pytest.mark.parametrize(
    "key",
    ["", "far_away", "lost-1", "far_away-1-2026-W10", "corrections-4", "corrections-4-2026-W54",
     "far_away-1 ", "far_away-١", "corrections-4-0000-W01"],
)  # fmt: skip
def test_a_key_that_no_finding_has_leads_nowhere(key):
    with pytest.raises(NotFound):
        read_key(key)


def test_the_settings_become_limits():
    given = SimpleNamespace(
        finding_metres=90, finding_minutes="4,3,2,0.5", finding_photo_minutes=9, finding_many=2
    )
    assert limits_of(given) == Limits(90, (4.0, 3.0, 2.0, 0.5), 9, 2)
    for wrong in ("1,2,3", "1,2,3,x", "1,2,3,-1", "1,2,3,nan", "1,2,3,1441"):
        with pytest.raises(ValueError, match=r"."):
            read_minutes(wrong)


def test_a_mark_is_on_the_list_explained_and_put_by_another():
    check_mark("right", "", is_about_asker=False)
    check_mark("explained", "The lid was open", is_about_asker=False)
    for mark, note, field in (("guilty", "", "mark"), ("explained", " ", "note")):
        with pytest.raises(Invalid) as caught:
            check_mark(mark, note, is_about_asker=False)
        assert list(caught.value.fields) == [field]
    with pytest.raises(NotAllowed):
        check_mark("right", "", is_about_asker=True)

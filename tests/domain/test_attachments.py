"""Tests of `dispatch.domain.attachments`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.attachments import (
    AHEAD,
    LONGEST_NAME,
    OLDEST,
    AttachmentKind,
    check_file,
    check_room,
    damaged,
    may_see,
    plain_name,
    read_exif,
    taken_by_then,
    too_many_pixels,
)
from dispatch.domain.errors import Invalid
from dispatch.domain.place import Point

HERE = ZoneInfo("Asia/Shanghai")
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WEBP"),
    ],
)
def test_a_photo_is_known_by_its_first_bytes(begin, kind):
    assert check_file("a.txt", begin, 1) == kind


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xff\xd8\xff" + bytes(1024 * 1024), "has 1.0 MB; a photo may have at most 1 MB"),
        (HEIC, "HEIC"),
        (b"GIF89a", "is no photo"),
        (b"<svg onload=alert(1)>", "is no photo"),
    ],
)
def test_a_wrong_file_is_named_with_the_reason(content, words):
    with pytest.raises(Invalid) as refused:
        check_file("leak.jpg", content, 1)
    said = str(refused.value.fields["file"])
    assert said.startswith("leak.jpg ")
    assert words in said


def test_what_cannot_be_drawn_is_named():
    assert "64 megapixels" in str(too_many_pixels("a.png").sentence)
    assert "a.png" in str(damaged("a.png").sentence)


@given(st.text(max_size=200))
def test_a_name_is_short_and_plain(name):
    found = plain_name(name)
    assert 0 < len(found) <= LONGEST_NAME
    assert not set(found) & set("/\\<>\"'\n\0&")


def test_a_name_is_that_of_the_file_alone():
    assert plain_name("C:\\photos\\漏水 1.jpg") == "漏水 1.jpg"
    assert plain_name("../../etc/passwd") == "passwd"
    assert plain_name(None) == "photo"


def test_a_report_holds_so_many_photos():
    check_room(4, 5)
    with pytest.raises(Invalid, match="5 photos already"):
        check_room(5, 5)


def test_a_time_that_no_right_clock_says_was_not_told():
    then, second = datetime(2026, 3, 2, 9, 30, tzinfo=UTC), timedelta(seconds=1)
    for right in (then, then - OLDEST):
        assert taken_by_then(right, then) == right
    assert taken_by_then(then + AHEAD, then) == then
    wrong = [None, then + AHEAD + second, then - OLDEST - second]
    wrong += [then.replace(year=each) for each in (2, 1970, 9998)]
    assert [taken_by_then(each, then) for each in wrong] == [None] * len(wrong)


def test_photos_of_residents_are_for_those_who_see_reporters():
    assert may_see(AttachmentKind.AFTER, personal=False)
    assert not may_see(AttachmentKind.REPORT, personal=False)
    assert not may_see(AttachmentKind.SIGNATURE, personal=False)
    assert may_see(AttachmentKind.REPORT, personal=True)


def test_the_camera_tells_time_and_place():
    told = {"taken": "2026:03:02 17:00:00", "lat": 28.15, "lon": 112.95, "accuracy": 8.0}
    found = read_exif(told, HERE)
    assert found.taken_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (found.point, found.accuracy_metres) == (Point(28.15, 112.95), 8.0)
    other = read_exif(told | {"offset": "+01:00"}, HERE)
    assert other.taken_at == datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"taken": "0000:00:00 00:00:00"},
        {"taken": "0001:01:01 00:00:00"},
        {"taken": "2026:03:02 17:00:00", "offset": "noon"},
        {"lat": 0.0, "lon": 0.0, "accuracy": 5.0},
        {"lat": 128.0, "lon": 12.0},
        {"lat": "28", "lon": 12.0, "accuracy": -1.0},
    ],
)
def test_nonsense_of_a_camera_was_not_told(told):
    found = read_exif(told, HERE)
    assert (found.taken_at, found.point, found.accuracy_metres) == (None, None, None)

"""Is a sent photo drawn anew, with nothing of its file, and a hostile one refused?"""

from __future__ import annotations

import io
import struct
import subprocess
import zlib
from random import Random

import pytest
from PIL import Image

from dispatch.adapters import picture_program, pictures
from dispatch.adapters.pictures import draw
from dispatch.domain.errors import Invalid
from tests.photos import camera_exif, photo_file


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_large_photo_is_turned_upright_and_made_smaller():
    content = photo_file(2400, 1200, exif=camera_exif(orientation=6)) + b"a tail with a secret"
    found = draw("a.jpg", content, 15)
    picture, thumbnail = opened(found.picture), opened(found.thumbnail)
    assert picture.size == (found.width, found.height) == (1024, 2048)
    assert thumbnail.size == (160, 320)
    assert not picture.getexif()
    for secret in (b"Secret", b"secret", b"Exif"):
        assert secret not in found.picture + found.thumbnail
    assert found.told == {
        "taken": "2026:03:02 17:00:00", "offset": "+08:00",
        "lat": pytest.approx(28.15), "lon": pytest.approx(112.95), "accuracy": 8.0,
    }  # fmt: skip


def test_a_transparent_drawing_stands_on_white():
    file = io.BytesIO()
    Image.new("RGBA", (20, 10), (0, 0, 0, 0)).save(file, "PNG")
    red, green, blue = opened(draw("sign.png", file.getvalue(), 15).picture).getpixel((5, 5))
    assert min(red, green, blue) > 250


def test_webp_is_taken_and_a_small_photo_keeps_its_size():
    found = draw("a.webp", photo_file(kind="WEBP"), 15)
    assert (found.width, found.height, found.told) == (40, 30, {"taken": "", "offset": ""})


def bomb() -> bytes:
    """Return a PNG of some bytes that says to be 30,000 pixels wide and high."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(10_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bomb(), "megapixels"),
        (photo_file()[:200], "is damaged"),
        (b"\xff\xd8\xff" + b"<script>alert(1)</script>" * 9, "is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "is damaged"),
    ],
)
def test_a_hostile_file_is_refused_by_name(content, words):
    with pytest.raises(Invalid) as refused:
        draw("leak.jpg", content, 15)
    assert str(refused.value.sentence).startswith("leak.jpg ")
    assert words in str(refused.value.sentence)


def test_a_file_that_takes_too_long_is_refused(monkeypatch):
    def slow(*_args: object, **_named: object):
        raise subprocess.TimeoutExpired("draw", 30)

    monkeypatch.setattr(subprocess, "run", slow)
    with pytest.raises(Invalid, match=r"a\.jpg is damaged"):
        pictures.draw("a.jpg", photo_file(), 15)


def test_words_of_a_camera_that_cannot_be_read_are_left_out():
    class Broken:
        def getexif(self):
            raise SyntaxError

    assert picture_program.camera_words(Broken()) == {}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_files_made_wrong_at_random_are_drawn_or_refused_and_nothing_else(kind):
    whole = photo_file(60, 40, kind, exif=camera_exif(orientation=6))
    dice = Random(20260302)  # noqa: S311  a lot and no secret
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        cut = bytes(content[: dice.randint(len(content) // 2, len(content))])
        found = picture_program.answer(cut, kind, 2048, 320, 64_000_000)
        assert found in {picture_program.UNREADABLE, picture_program.TOO_MANY_PIXELS} or (
            isinstance(found, bytes) and b"SecretMaker" not in found
        )

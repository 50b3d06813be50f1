"""How is a sent photo drawn anew, so that nothing of its file reaches anybody?"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from dispatch.adapters import picture_program
from dispatch.domain.attachments import (
    MOST_PIXELS,
    PICTURE_PIXELS,
    THUMBNAIL_PIXELS,
    check_file,
    damaged,
    too_many_pixels,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatch.domain.covering import Box

LONGEST_SECONDS = 30
_AT_ONCE = BoundedSemaphore(2)
"""Drawing takes a processor each; a burst of photos must not take them from the tickets."""


@dataclass(frozen=True)
class Picture:
    """A photo drawn anew, both sizes as JPEG files; `told` is what the camera had written."""

    picture: bytes
    thumbnail: bytes
    width: int
    height: int
    told: dict[str, object]


def draw(name: str, content: bytes, most_megabytes: int, boxes: Sequence[Box] = ()) -> Picture:
    """Draw a sent photo anew in a process of its own, with `boxes` covered.

    Raises:
        Invalid: naming the file and why it is refused.
    """
    arguments = (
        check_file(name, content, most_megabytes),
        *map(str, (PICTURE_PIXELS, THUMBNAIL_PIXELS, MOST_PIXELS)),
        json.dumps(list(boxes)),
    )
    program = str(Path(picture_program.__file__))
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603  our own program with our own arguments
                [sys.executable, "-I", program, *arguments],
                input=content,
                capture_output=True,
                timeout=LONGEST_SECONDS,
                check=False,
                env={},
            )
        except subprocess.TimeoutExpired:
            raise damaged(name) from None
    if done.returncode == picture_program.TOO_MANY_PIXELS:
        raise too_many_pixels(name)
    if done.returncode != 0:
        raise damaged(name)
    return _read(done.stdout)


def _read(answer: bytes) -> Picture:
    begin = 4 + int.from_bytes(answer[:4], "big")
    facts: dict[str, Any] = json.loads(answer[4:begin])
    middle = begin + facts["length"]
    return Picture(
        picture=answer[begin:middle],
        thumbnail=answer[middle:],
        width=facts["width"],
        height=facts["height"],
        told=facts["told"],
    )

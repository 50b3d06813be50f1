"""Which parts of a photo are covered, so that nobody is known by a face or a number plate?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BOXES = 50
SMALLEST = 0.005
"""A rectangle is at least so wide and high, as a share of the photo."""
_EDGE = 1.000001


class Box(NamedTuple):
    """A rectangle as shares of the width and the height of a photo, from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


def check_boxes(boxes: Sequence[Box]) -> None:
    """Refuse what covers nothing, reaches over the edge, or is more than anybody draws.

    Raises:
        Invalid: naming the rectangles.
    """
    if not 1 <= len(boxes) <= MOST_BOXES:
        fault = say("Draw 1 to %(most)s rectangles.", most=MOST_BOXES)
        raise Invalid(fault, fields={"boxes": fault})
    if not all(map(_is_inside, boxes)):
        fault = say("A rectangle lies outside the photo, or is too small to be seen.")
        raise Invalid(fault, fields={"boxes": fault})


def _is_inside(box: Box) -> bool:
    is_big = box.width >= SMALLEST and box.height >= SMALLEST
    ends = box.left + box.width <= _EDGE and box.top + box.height <= _EDGE
    return is_big and min(box.left, box.top) >= 0 and ends

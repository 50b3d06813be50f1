"""Which steps has a crew, in which words, and which links lead its map there?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from dispatch.actions.ticket_log import Told
from dispatch.domain.errors import Invalid
from dispatch.domain.place import Datum, Point, check_point, from_wgs84
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.visit_state import VisitState

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WORDS = 2000
LONGEST_ACCURACY_METRES = 100_000
LAST_STEPS = ("complete", "cannot-complete", "decline", "return", "refuse-hand-over")


@dataclass(frozen=True)
class NextStep:
    """The one big button of a state: which step it takes, its icon and its word."""

    step: str
    icon: str
    label: Sentence


@dataclass(frozen=True)
class WordedStep:
    """A step that asks for something first; `choices` saves typing in gloves.

    `words` names what is to be typed where it is more than a reason.
    """

    title: Sentence
    icon: str
    hint: Sentence
    button: Sentence
    choices: tuple[Sentence, ...] = ()
    is_grave: bool = False
    words: Sentence | None = None


NEXT_STEPS: dict[VisitState, NextStep] = {
    VisitState.DISPATCHED: NextStep("acknowledge", "check", say("I take it")),
    VisitState.ACKNOWLEDGED: NextStep("set-off", "truck", say("Set off")),
    VisitState.EN_ROUTE: NextStep("arrive", "map-pin", say("I am there")),
    VisitState.ARRIVED: NextStep("start", "tool", say("Start work")),
    VisitState.WORKING: NextStep("complete", "circle-check", say("Fixed")),
}

WORDED_STEPS: dict[str, WordedStep] = {
    "cannot-complete": WordedStep(
        say("Could not fix it"),
        "alert-triangle",
        say("The desk sends a second visit on the same ticket."),
        say("End this visit"),
        is_grave=True,
    ),
    "decline": WordedStep(
        say("Decline this ticket"),
        "ban",
        say("It is offered to the next crew at once."),
        say("Decline"),
        (
            say("Too far to be there in time"),
            say("Still busy at another place"),
            say("Vehicle or tools out of order"),
            say("Not our skill"),
        ),
        is_grave=True,
    ),
    "return": WordedStep(
        say("Not ours"),
        "arrow-back-up",
        say("It goes back to the desk. No clock stops, so say it early."),
        say("Return to the desk"),
        (
            say("Another team's area"),
            say("Not our pipe"),
            say("Pipe inside a private house"),
            say("Another department's work"),
        ),
        is_grave=True,
    ),
    "hand-over": WordedStep(
        say("Hand over to another crew"),
        "users",
        say("It stays yours until the other crew takes it. No clock starts anew."),
        say("Ask them to take it over"),
        words=say("What has been done so far"),
    ),
    "refuse-hand-over": WordedStep(
        say("Not taken over"),
        "ban",
        say("The crew that has the ticket keeps it."),
        say("Say no"),
        (
            say("Too far to be there in time"),
            say("Still busy at another place"),
            say("Not our skill"),
            say("Our shift ends"),
        ),
        is_grave=True,
    ),
    "note": WordedStep(
        say("Write a note"),
        "edit",
        say("Everybody who works on this ticket reads it; the resident does not."),
        say("Save the note"),
    ),
}

DONE: dict[str, Sentence] = {
    "acknowledge": say("You took the ticket at %(at)s."),
    "set-off": say("You set off at %(at)s."),
    "arrive": say("You arrived at %(at)s."),
    "start": say("Work began at %(at)s."),
    "restore": say("Water back at %(at)s."),
    "complete": say("Fixed at %(at)s. Well done."),
    "cannot-complete": say("The visit ended at %(at)s. The desk sends another one."),
    "decline": say("Declined at %(at)s."),
    "return": say("Returned to the desk at %(at)s."),
    "note": say("The note was saved at %(at)s."),
    "hand-over": say("Asked at %(at)s. The ticket stays yours until they take it."),
    "take-back": say("You keep the ticket, since %(at)s."),
    "take-over": say("You took the ticket over at %(at)s."),
    "refuse-hand-over": say("Said no at %(at)s."),
}


def sent_position(form: Mapping[str, str]) -> Told:
    """Read the position that a phone sent along; a missing or odd one never stops a tap."""
    try:
        point = check_point(float(form.get("lat", "")), float(form.get("lon", "")))
    except (ValueError, Invalid):
        return Told()
    return Told(
        position=point, datum=str(Datum.WGS84), accuracy_metres=_accuracy(form.get("accuracy", ""))
    )


def _accuracy(text: str) -> float | None:
    try:
        metres = float(text)
    except ValueError:
        return None
    usable = math.isfinite(metres) and 0 < metres <= LONGEST_ACCURACY_METRES
    return metres if usable else None


def map_links(point: Point, name: str) -> list[tuple[str, Sentence, str]]:
    """Return (key, name, address) of the maps that can lead there, each in its own datum.

    `geo:` is WGS-84 (RFC 5870). Apple, AMap and Google draw China in GCJ-02, Baidu in BD-09;
    outside China all of them are WGS-84 and the Chinese ones are left out.
    """
    gcj, bd09 = from_wgs84(point, Datum.GCJ02), from_wgs84(point, Datum.BD09)
    label = quote(name, safe="")
    here = f"{point.lat:.6f},{point.lon:.6f}"
    there = f"{gcj.lat:.6f},{gcj.lon:.6f}"
    links = [("geo", say("Navigate"), f"geo:{here}?q={here}({label})")]
    apple = ("apple", say("Apple Maps"), f"https://maps.apple.com/?daddr={there}&q={label}")
    if gcj == point:
        address = f"https://www.google.com/maps/dir/?api=1&destination={there}"
        return [*links, ("google", say("Google Maps"), address), apple]
    amap = (
        f"https://uri.amap.com/navigation?to={gcj.lon:.6f},{gcj.lat:.6f},{label}"
        "&mode=car&coordinate=gaode&callnative=1"
    )
    baidu = (
        f"https://api.map.baidu.com/direction?destination=latlng:{bd09.lat:.6f},{bd09.lon:.6f}"
        f"|name:{label}&mode=driving&coord_type=bd09ll&output=html&src=onevisit"
    )
    return [*links, ("amap", say("AMap"), amap), ("baidu", say("Baidu Maps"), baidu), apple]

"""What can a caller do before a crew comes, or instead of one?"""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.domain.sentences import Sentence, say


@dataclass(frozen=True)
class SelfHelp:
    """A card for one kind of fault: its title and the steps to read out, in order."""

    title: Sentence
    steps: tuple[Sentence, ...]


_SHUT_VALVE = SelfHelp(
    say("Shut the house valve"),
    (
        say("Find the valve beside the meter, often under the sink, in the hall or in the duct."),
        say("Turn it clockwise until it stops; a lever stands across the pipe."),
        say("Open the lowest tap, so that the pipe runs empty."),
    ),
)
_KEEP_AWAY = SelfHelp(
    say("Keep away until the crew is there"),
    (
        say("Stay away from the water and the edge; keep children back."),
        say("Warn those who pass, if that is safe."),
        say("Shut doors and windows that lie below the street."),
    ),
)
_WAIT_FOR_CLEAR = SelfHelp(
    say("Let the cold tap run"),
    (
        say("Open the cold tap nearest to the meter and let it run for five minutes."),
        say("Use no hot water meanwhile, and do no washing."),
        say("Milky water that clears in a glass from below holds only air."),
    ),
)
_CLEAN_SIEVE = SelfHelp(
    say("Clean the sieve of the tap"),
    (
        say("Unscrew the mouth of the tap and rinse its sieve."),
        say("Look whether the valve at the meter is fully open."),
        say("Compare with another tap in the home."),
    ),
)
_IS_IT_US = SelfHelp(
    say("Find out whose water is off"),
    (
        say("Try a second tap, and ask a neighbour."),
        say("Look whether the valve at the meter is open and the account is paid."),
        say("In a tall building ask the keeper whether the pumps run."),
    ),
)
_METER_TEST = SelfHelp(
    say("Test for a hidden leak"),
    (
        say("Shut every tap and note the meter."),
        say("Look again after fifteen minutes: if it moved, water is lost behind the meter."),
        say("Put a drop of colour into the cistern; if it shows in the bowl, the cistern leaks."),
    ),
)

CARDS: dict[str, SelfHelp] = {
    "burst": _KEEP_AWAY,
    "hydrant": _KEEP_AWAY,
    "road_flooding": _KEEP_AWAY,
    "cover_missing": _KEEP_AWAY,
    "catch_basin": _KEEP_AWAY,
    "leak": _SHUT_VALVE,
    "meter_leak": _SHUT_VALVE,
    "riser": _SHUT_VALVE,
    "plumbing": _SHUT_VALVE,
    "tank": _IS_IT_US,
    "no_water": _IS_IT_US,
    "low_pressure": _CLEAN_SIEVE,
    "noise": _CLEAN_SIEVE,
    "discoloured_water": _WAIT_FOR_CLEAR,
    "water_quality": _WAIT_FOR_CLEAR,
    "bill": _METER_TEST,
    "advice": _METER_TEST,
}


def card_for(category: str) -> SelfHelp | None:
    """Return the card of a kind of fault, None where nothing helps by telephone."""
    return CARDS.get(category)

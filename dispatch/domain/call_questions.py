"""What is asked about each kind of fault, and which answers are offered?"""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.domain.categories import category_rule
from dispatch.domain.life_safety import Danger
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import Level

UNKNOWN = "unknown"
LARGEST_NUMBER = 99_999


@dataclass(frozen=True)
class Answer:
    """One answer: its key and label, the sentence it becomes, and what it changes.

    `raises` is the level that it asks for at least; `danger` opens the diversion to rescue; a
    `hazard` is shown to the crew as a warning.
    """

    key: str
    label: Sentence
    told: Sentence
    raises: Level | None = None
    danger: Danger | None = None
    hazard: bool = False


@dataclass(frozen=True)
class Question:
    """One short question; without `answers` it asks for a number, worded by `counted`.

    From `many` on, a number asks for the level `raises`.
    """

    key: str
    text: Sentence
    answers: tuple[Answer, ...] = ()
    counted: str = ""
    many: int = LARGEST_NUMBER
    raises: Level | None = None


YES, NO = say("Yes"), say("No")


def _ask(
    key: str,
    text: Sentence,
    yes: Sentence,
    no: Sentence,
    *,
    raises: Level | None = None,
    danger: Danger | None = None,
    hazard: bool = False,
) -> Question:
    """Make a question whose yes is what matters."""
    is_hazard = hazard or danger is not None
    level = Level.EMERGENCY if danger else raises
    return Question(
        key, text, (Answer("yes", YES, yes, level, danger, is_hazard), Answer("no", NO, no))
    )


_ELECTRICITY = _ask(
    "electricity",
    say("Is water near sockets, wires or the fuse box?"),
    say("Water is near electricity."),
    say("No water near electricity."),
    danger=Danger.ELECTRICITY,
)
_TRAPPED = _ask(
    "trapped",
    say("Is anybody trapped?"),
    say("Somebody is trapped."),
    say("Nobody is trapped."),
    danger=Danger.TRAPPED,
)
_GAS = _ask(
    "gas",
    say("Does it smell of gas?"),
    say("It smells of gas."),
    say("No smell of gas."),
    danger=Danger.GAS,
)
_SINKHOLE = _ask(
    "sinkhole",
    say("Has the ground sunk, or a vehicle fallen in?"),
    say("The ground has sunk."),
    say("The ground is firm."),
    danger=Danger.SINKHOLE,
)
_ILL = _ask(
    "ill",
    say("Has anybody fallen ill after drinking it?"),
    say("Somebody fell ill after drinking the water."),
    say("Nobody has fallen ill."),
    danger=Danger.INJURED,
)
_FALLEN = _ask(
    "fallen",
    say("Has anybody fallen in or been hurt?"),
    say("Somebody has fallen in or is hurt."),
    say("Nobody is hurt."),
    danger=Danger.INJURED,
)
_ROAD = _ask(
    "road",
    say("Does it stop the traffic?"),
    say("It stops the traffic."),
    say("The traffic can pass."),
    raises=Level.URGENT,
    hazard=True,
)
_FLOW = Question(
    "flow",
    say("How strongly does it flow?"),
    (
        Answer("drips", say("It drips"), say("It drips.")),
        Answer("runs", say("It runs"), say("It runs steadily.")),
        Answer("gushes", say("It gushes"), say("It gushes."), Level.EMERGENCY),
    ),
)
_VALVE = _ask(
    "valve",
    say("Can you shut the house valve?"),
    say("The house valve can be shut."),
    say("The house valve cannot be shut."),
)
_INDOORS = _ask(
    "indoors",
    say("Does water run into a building?"),
    say("Water runs into a building."),
    say("No water runs into buildings."),
    raises=Level.URGENT,
)
_NEIGHBOURS = _ask(
    "neighbours",
    say("Do the neighbours have it too?"),
    say("The neighbours have it too."),
    say("The neighbours do not have it."),
)
_CARE = _ask(
    "care",
    say("Does anybody there need water for medical care?"),
    say("Somebody there needs water for medical care."),
    say("Nobody there needs water for medical care."),
    raises=Level.URGENT,
)
_HOUSEHOLDS = Question(
    "households",
    say("How many households are without water?"),
    counted=say("Households without water: %(count)s.").text,
    many=50,
    raises=Level.EMERGENCY,
)
_SINCE = Question(
    "since",
    say("Since when?"),
    (
        Answer("hour", say("Under an hour"), say("Since less than an hour.")),
        Answer("today", say("Today"), say("Since today.")),
        Answer("days", say("For days"), say("For days already.")),
    ),
)
_TAPS = Question(
    "taps",
    say("One tap or all of them?"),
    (
        Answer("one", say("One tap"), say("Only one tap has it.")),
        Answer("hot", say("Hot water only"), say("Only the hot water has it.")),
        Answer("all", say("All taps"), say("All taps have it.")),
    ),
)
_COLOUR = Question(
    "colour",
    say("What does the water look like?"),
    (
        Answer("brown", say("Yellow or brown"), say("The water is yellow or brown.")),
        Answer("white", say("Milky white"), say("The water is milky white.")),
        Answer("black", say("Black or oily"), say("The water is black or oily."), Level.URGENT),
        Answer("clear", say("Clear and colourless"), say("The water is clear.")),
    ),
)
_SMELL = _ask(
    "smell",
    say("Does it smell of chemicals or sewage?"),
    say("The water smells of chemicals or sewage."),
    say("The water does not smell."),
    raises=Level.URGENT,
    hazard=True,
)
_HIT = _ask(
    "hit",
    say("Did a vehicle hit it?"),
    say("A vehicle hit it."),
    say("No vehicle hit it."),
)
_DEPTH = Question(
    "depth",
    say("How deep is the water?"),
    (
        Answer("ankle", say("To the ankle"), say("The water stands to the ankle.")),
        Answer("knee", say("To the knee"), say("The water stands to the knee."), hazard=True),
        Answer("deeper", say("Deeper"), say("The water is deeper than the knee."), hazard=True),
    ),
)
_GUARDED = Question(
    "guarded",
    say("Is the hole marked or guarded?"),
    (
        Answer("yes", YES, say("The hole is marked or guarded.")),
        Answer("no", NO, say("The hole is open and not guarded."), Level.EMERGENCY, hazard=True),
    ),
)
_LIFT = _ask(
    "lift",
    say("Does water run into the lift?"),
    say("Water runs into the lift."),
    say("No water in the lift."),
    raises=Level.EMERGENCY,
    hazard=True,
)
_FLOOR = Question(
    "floor", say("On which floor is it?"), counted=say("It is on floor %(count)s.").text
)
_PUMPS = _ask(
    "pumps",
    say("Is the pump house under water?"),
    say("The pump house is under water."),
    say("The pump house is dry."),
    raises=Level.EMERGENCY,
    hazard=True,
)
_ALWAYS = _ask(
    "always",
    say("Is the noise there when every tap is shut?"),
    say("The noise is there when every tap is shut."),
    say("The noise comes only when a tap runs."),
)
_TURNS = _ask(
    "turns",
    say("Does the meter turn when every tap is shut?"),
    say("The meter turns when every tap is shut."),
    say("The meter stands still when every tap is shut."),
    raises=Level.STANDARD,
)
_HIGHER = _ask(
    "higher",
    say("Is the bill far higher than usual?"),
    say("The bill is far higher than usual."),
    say("The bill is about as usual."),
)
_RUNS = _ask(
    "runs",
    say("Does water run where it should not?"),
    say("Water runs where it should not."),
    say("Water runs nowhere that it should not."),
    raises=Level.STANDARD,
)
_RING_BACK = _ask(
    "ring_back",
    say("Shall we ring back?"),
    say("The caller asks to be rung back."),
    say("The caller needs no call back."),
)
_FOR_WHOM = Question(
    "for_whom",
    say("For a home or a firm?"),
    (
        Answer("home", say("A home"), say("It is for a home.")),
        Answer("firm", say("A firm"), say("It is for a firm.")),
    ),
)
_PIPE = _ask(
    "pipe",
    say("Does a water pipe reach the plot?"),
    say("A water pipe reaches the plot."),
    say("No water pipe reaches the plot."),
)

QUESTIONS: dict[str, tuple[Question, ...]] = {
    "burst": (_TRAPPED, _SINKHOLE, _ELECTRICITY, _ROAD, _INDOORS),
    "hydrant": (_HIT, _FALLEN, _ROAD, _INDOORS),
    "road_flooding": (_TRAPPED, _SINKHOLE, _DEPTH, _ROAD),
    "cover_missing": (_FALLEN, _GUARDED, _ROAD),
    "leak": (_FLOW, _ELECTRICITY, _SINKHOLE, _ROAD, _INDOORS),
    "meter_leak": (_FLOW, _ELECTRICITY, _VALVE),
    "riser": (_ELECTRICITY, _LIFT, _FLOW, _FLOOR),
    "tank": (_PUMPS, _ELECTRICITY, _HOUSEHOLDS),
    "no_water": (_NEIGHBOURS, _SINCE, _CARE, _HOUSEHOLDS),
    "low_pressure": (_NEIGHBOURS, _TAPS, _SINCE),
    "discoloured_water": (_COLOUR, _ILL, _SMELL, _NEIGHBOURS),
    "noise": (_ALWAYS, _NEIGHBOURS),
    "catch_basin": (_INDOORS, _DEPTH, _ROAD),
    "plumbing": (_ELECTRICITY, _VALVE, _FLOW),
    "water_quality": (_ILL, _SMELL, _COLOUR, _SINCE),
    "bill": (_HIGHER, _TURNS),
    "advice": (_RUNS, _RING_BACK),
    "installation": (_FOR_WHOM, _PIPE),
    "other": (_GAS, _RUNS, _TRAPPED),
}


def questions_for(category: str) -> tuple[Question, ...]:
    """Return what is asked about a kind of fault, in order; raises Invalid for no category."""
    return QUESTIONS[category_rule(category).key]

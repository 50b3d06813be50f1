"""Does a caller whose fault is known hear where the crew is, when it comes, and no wrong hope?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain.known_fault import KnownFault, words_for_caller
from dispatch.domain.ticket_state import TicketState

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PROMISED, EARLIER = NOW + timedelta(minutes=20), NOW - timedelta(minutes=1)
ETA, LATE = NOW + timedelta(minutes=12), NOW + timedelta(minutes=33)
CREW = {"crew": "W1", "promised_at": PROMISED}
ON_THE_WAY = CREW | {"is_moving": True, "state": TicketState.EN_ROUTE}


@pytest.mark.parametrize(
    ("known", "where"),
    [
        ({}, "A crew is being chosen."),
        ({"promised_at": PROMISED}, f"A crew is being chosen; we promise one by {PROMISED}."),
        (
            {"promised_at": EARLIER},
            f"No crew is there yet, though we promised one by {EARLIER}: say that we are sorry.",
        ),
        (CREW | {"expected_at": ETA}, f"Crew W1 has been chosen, expected at {ETA}."),
        (CREW, f"Crew W1 has been chosen; we promise it by {PROMISED}."),
        (ON_THE_WAY | {"expected_at": ETA}, f"Crew W1 is on its way, expected at {ETA}."),
        (
            ON_THE_WAY | {"expected_at": ETA, "metres": 640},
            f"Crew W1 is on its way, 640 m from there, expected at {ETA}.",
        ),
        (
            ON_THE_WAY | {"expected_at": LATE, "metres": 12_340},
            (
                f"Crew W1 is on its way, 12.3 km from there, expected at {LATE} "
                f"and not by {PROMISED} as we promised."
            ),
        ),
        (
            ON_THE_WAY | {"expected_at": EARLIER, "promised_at": None},
            "Crew W1 is on its way; the desk asks when it comes.",
        ),
        (
            ON_THE_WAY | {"promised_at": EARLIER},
            "Crew W1 is on its way; the desk asks when it comes.",
        ),
        (
            ON_THE_WAY | {"promised_at": None, "expected_at": ETA},
            f"Crew W1 is on its way, expected at {ETA}.",
        ),
        (CREW | {"arrived_at": EARLIER}, f"Crew W1 has been there since {EARLIER}."),
        (
            {"state": TicketState.ON_HOLD},
            "The work is paused; the desk goes on with it as soon as it can.",
        ),
        (
            {"state": TicketState.ON_HOLD, "until_at": PROMISED},
            f"The work is paused until {PROMISED}.",
        ),
        (
            {"state": TicketState.COMPLETED},
            "The crew says that it is fixed: ask whether it is so where the caller is.",
        ),
    ],
)
def test_what_the_caller_is_told(known, where):
    fault = KnownFault(
        **({"number": "W000001", "callers": 3, "state": TicketState.ACCEPTED} | known)
    )
    told = str(words_for_caller(fault, NOW))
    assert told == (f"Tell the caller: we know of it already, as W000001; 3 have called. {where}")

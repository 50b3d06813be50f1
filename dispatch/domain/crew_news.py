"""What is a crew's phone told of a ticket while no page is open?"""

from __future__ import annotations

from enum import StrEnum

from dispatch.domain.sentences import Sentence, say


class CrewStep(StrEnum):
    """What a push to a crew is about; the names are those of its texts."""

    SENT = "crew_sent"
    TAKEN_AWAY = "crew_taken_away"
    ASKED = "crew_asked"


CREW_NEWS_NAMES: dict[CrewStep, Sentence] = {
    CrewStep.SENT: say("push to a crew: new ticket"),
    CrewStep.TAKEN_AWAY: say("push to a crew: ticket taken away"),
    CrewStep.ASKED: say("push to a crew: asked to take over"),
}
CREW_NEWS_TITLES: dict[CrewStep, Sentence] = {
    CrewStep.SENT: say("New ticket %(number)s"),
    CrewStep.TAKEN_AWAY: say("%(number)s is not yours any more"),
    CrewStep.ASKED: say("Take over %(number)s?"),
}

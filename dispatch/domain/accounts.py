"""Which names, passwords and posts may an account have?"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dispatch.domain.permissions import Role
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_NAME = 64
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
FEWEST_CHARACTERS = 5
_SIGN_IN_NAME = re.compile(r"\w[\w.@-]*\w")


def tidy_sign_in_name(typed: str) -> str:
    """Return a sign-in name as it is stored, compared and counted, whatever was typed."""
    folded = unicodedata.normalize("NFKC", typed).strip().lower()
    return "".join(each for each in folded if each.isprintable())[:LONGEST_NAME]


def sign_in_name_fault(name: str) -> Sentence | None:
    """Say why a tidied sign-in name cannot be used; None when it can."""
    if _SIGN_IN_NAME.fullmatch(name):
        return None
    return say(
        "Use 2 to 64 letters, digits, dots, hyphens or underlines; begin and end with a letter "
        "or a digit."
    )


def name_fault(name: str) -> Sentence | None:
    """Say why the name of a person cannot be used; None when it can."""
    if not name:
        return say("Give the name that colleagues know.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        return say("Use at most %(most)s plain characters.", most=LONGEST_NAME)
    return None


def password_fault(password: str, sign_in_name: str) -> Sentence | None:
    """Say why a password is too weak; None when it is not."""
    if len(password) < SHORTEST_PASSWORD:
        return say("Use at least %(least)s characters.", least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        return say("Use at most %(most)s characters.", most=LONGEST_PASSWORD)
    if len(set(password)) < FEWEST_CHARACTERS or sign_in_name in password.lower():
        return say("This is easy to guess: do not repeat characters or use the sign-in name.")
    return None


def post_faults(role: str, team_id: int | None, crew_id: int | None) -> Mapping[str, Sentence]:
    """Name each field of a post that is wrong: a leader has a team, a water steward a crew."""
    if role not in set(Role):
        return {"role": say("There is no such role.")}
    if role == Role.TEAM_LEADER and team_id is None:
        return {"team_id": say("A team leader needs a team.")}
    if role == Role.CREW and crew_id is None:
        return {"crew_id": say("A water steward needs a crew.")}
    return {}

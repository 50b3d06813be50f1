"""Which names, passwords and posts may an account have?"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Role
from dispatch.domain.phone_numbers import checked_phone
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_NAME = 64
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
FEWEST_CHARACTERS = 5
LONGEST_EMAIL = 254
ALERT_CHANNELS = ("sms", "email", "wecom", "dingtalk", "feishu", "web_push")
"""By which ways, beside the console, an alert may reach a person."""

_EMAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")
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


def contact_faults(
    phone: str | None, email: str | None, channel: str | None
) -> Mapping[str, Sentence]:
    """Name each field that is wrong about how a person is reached."""
    faults: dict[str, Sentence] = {}
    if phone:
        try:
            checked_phone(phone)
        except Invalid as refusal:
            faults["phone"] = refusal.sentence
    if email and (len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        faults["email"] = say("This is no e-mail address. Give one such as li.na@water.example.")
    if channel and channel not in ALERT_CHANNELS:
        faults["alert_channel"] = say("There is no such channel.")
    if channel == "sms" and not phone:
        faults.setdefault("phone", say("Text messages need a telephone number."))
    if channel == "email" and not email:
        faults.setdefault("email", say("E-mail needs an address."))
    return faults

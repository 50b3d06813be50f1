"""How is it shown that the stored events are those that were written?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.endings import FAILED
from dispatch.cli.running import answer, application, bar, note
from dispatch.domain.errors import NotFound
from dispatch.domain.event_chain import anchor_key
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_id_of
from dispatch.queries.event_chain import (
    checked_anchors,
    checked_tickets,
    last_event_id,
    ticket_count,
)

if TYPE_CHECKING:
    from dispatch.domain.sentences import Sentence
    from dispatch.queries.event_chain import Checked, CheckedAnchor

MOST_NAMED = 20
"""Broken tickets and anchors that are named one by one."""


@command(
    "verify-events",
    sentence=say("Check that nobody changed, removed or added an event afterwards."),
)
@option("--ticket", "only", sentence=say("Check the events of one ticket."))
@option(
    "--expect",
    metavar="DIGEST",
    sentence=say("Digest of an anchor that was kept elsewhere, in a backup or a log."),
)
@json_option
def verify_events(*, only: str | None, expect: str | None, as_json: bool) -> int | None:
    """Check each ticket's chain, then the anchors over all events; 1 when anything is broken."""
    with application() as app:
        checked = _chains(only)
        key = anchor_key(str(app.config["SECRET_KEY"]))
        anchors = list(checked_anchors(key)) if only is None else []
        newest = last_event_id()
    return _tell(checked, anchors, newest, expect, as_json=as_json)


def _chains(only: str | None) -> list[Checked]:
    """Check every ticket, or the one that is named, with a bar."""
    ticket_id = None if only is None else ticket_id_of(only)
    found: list[Checked] = []
    if only is None or ticket_id is not None:
        with bar(say("Checking events"), ticket_count() if only is None else 1) as move:
            for each in checked_tickets(ticket_id):
                found.append(each)
                move(len(found))
    if only is not None and not found:
        raise NotFound(say("There is no ticket %(number)s.", number=only))
    return found


def _tell(
    checked: list[Checked],
    anchors: list[CheckedAnchor],
    newest: int,
    expect: str | None,
    *,
    as_json: bool,
) -> int | None:
    broken = [each for each in checked if each.broken_at is not None]
    bad_anchors = [each for each in anchors if not each.holds]
    is_missing = expect is not None and expect not in {each.digest for each in anchors}
    events = sum(each.events for each in checked)
    facts: dict[str, Any] = {
        "tickets": len(checked),
        "events": events,
        "broken": [{"ticket": each.number, "event": each.broken_at} for each in broken],
        "anchors": len(anchors),
        "last_event_id": newest,
        "anchored_event_id": anchors[-1].last_event_id if anchors else 0,
        "broken_anchors": [{"at": each.at, "digest": each.digest} for each in bad_anchors],
        "expected_found": None if expect is None else not is_missing,
        "ok": not (broken or bad_anchors or is_missing),
    }
    note(*_faults(broken, bad_anchors, expect if is_missing else None))
    whole = say(
        "%(events)s events of %(tickets)s tickets hold, and %(anchors)s anchors over them.",
        events=events,
        tickets=len(checked),
        anchors=len(anchors),
    )
    answer(as_json, facts, *([whole] if facts["ok"] else []))
    return None if facts["ok"] else FAILED


def _faults(
    broken: list[Checked], bad_anchors: list[CheckedAnchor], missing: str | None
) -> list[Sentence]:
    said = [
        say(
            "Ticket %(number)s: event %(event)s is not what was written, or something is missing.",
            number=each.number,
            event=each.broken_at,
        )
        for each in broken[:MOST_NAMED]
    ]
    said += [
        say(
            "The anchor of %(at)s does not hold: an event before it was changed, removed or added, "
            "or the installation has another secret key than it had.",
            at=each.at.isoformat(timespec="seconds"),
        )
        for each in bad_anchors[:MOST_NAMED]
    ]
    more = len(broken) + len(bad_anchors) - len(said)
    if more > 0:
        said.append(say("And %(n)s more.", n=more))
    if missing is not None:
        said.append(say("No anchor has the digest %(digest)s.", digest=missing))
    return said

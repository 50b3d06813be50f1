"""Is no tap lost and none taken twice, whatever happens between a phone and the server?"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from dispatch.actions.dispatching import Decision, dispatch_visit, withdraw_visit
from dispatch.actions.field_sync import Gap, Sent, take_command
from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.actions.phones import enrol_phone
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused
from dispatch.domain.field_commands import (
    RELIEVING,
    TRANSITIONS,
    FieldCommand,
    FieldOutcome,
    PhoneClock,
)
from dispatch.domain.permissions import Role
from dispatch.domain.ticket_state import ENDED, ticket_number
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.tickets import TicketEvent, Visit
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.visits import active_visits_of
from tests.factories import DESK, make_account, make_city, make_ticket
from tests.invariants import expect_whole

STEPS = (*sorted(TRANSITIONS), *["note"] * 6, *["parts"] * 2)
ARGS = {
    "parts": {"item": "clamps_150", "count": 1},
    "cannot-complete": {"cause": "no_access"},
    "decline": {"reason": "Too far"},
    "return": {"reason": "Not ours"},
}


@dataclass
class Phone:
    """A phone: what it stored, what it was told, and how far the server says it is."""

    name: str
    actor: object
    made: list[FieldCommand] = field(default_factory=list)
    right: set[str] = field(default_factory=set)
    waiting: list[FieldCommand] = field(default_factory=list)
    told: dict[str, tuple[str, object]] = field(default_factory=dict)

    def tap(self, chance, number, at):
        """Store a command before anything else."""
        kind = chance.choice(STEPS)
        named = str(uuid.UUID(int=chance.getrandbits(128)))
        args = {"note": named} if kind == "note" else ARGS.get(kind, {})
        wrong_by = chance.choice([0, 0, 300, -7200])
        if not wrong_by:
            self.right.add(named)
        command = FieldCommand(
            uuid=named,
            sequence=len(self.made) + 1,
            ticket=number,
            kind=kind,
            args=args,
            told_at=at + timedelta(seconds=wrong_by),
            offset_seconds=0.0,
        )
        self.made.append(command)
        self.waiting.append(command)

    def send(self, chance, at):
        """Send some of what waits, in any order, some of it twice; the reply may be lost."""
        batch = self.waiting[: chance.randint(1, 5)]
        if chance.random() < 0.2:
            chance.shuffle(batch)
        if self.made and chance.random() < 0.3:
            batch = [chance.choice(self.made), *batch]
        heard = []
        for command in batch:
            if chance.random() < 0.1:
                break
            try:
                heard.append(self._one(command, at))
            except Gap:
                break
        if chance.random() < 0.7:
            self.hear(heard)

    def _one(self, command, at):
        sent = Sent(self.name, self.actor, PhoneClock("s", None, 0.0), at)
        with transaction():
            entry = take_command(command, sent)
            return command.uuid, (entry.outcome, entry.reason)

    def hear(self, heard):
        """Take what was answered off the list; the same command is always told the same."""
        for named, outcome in heard:
            assert self.told.setdefault(named, outcome) == outcome
        self.waiting = [each for each in self.waiting if each.uuid not in self.told]

    def drain(self, at):
        """Send until nothing waits."""
        while self.waiting:
            self.hear([self._one(self.waiting[0], at)])


def enrolled(name, crew, now):
    """Enrol the phone of a crew; its name is its secret."""
    actor = make_account(Role.CREW, now, crew_id=crew.id, name=name)
    enrol_phone(name, actor=actor, now=now, secret_hash=name)
    return Phone(name, actor)


def meddle(chance, ticket_id, crews, at):
    """Let the desk do something meanwhile; what the table forbids is simply not done."""
    with transaction():
        try:
            ticket = ticket_for_change(ticket_number(ticket_id), DESK.scope)
            visits = active_visits_of(ticket.id)
            done = chance.choice(["send", "send", "withdraw", "hold", "release"])
            if done == "send" and not visits and ticket.state not in ENDED:
                crew = chance.choice(crews)
                dispatch_visit(ticket, crew, decision=Decision(), actor=DESK, now=at)
            elif done == "withdraw" and visits:
                withdraw_visit(ticket, visits[0], reason="Nearer", actor=DESK, now=at)
            elif done == "hold":
                hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=at)
            elif done == "release":
                release_hold(ticket, actor=DESK, now=at)
        except Refused:
            db.session.rollback()


def play(chance, phones, crews, at):
    """Let two phones and the desk go on about one ticket; return its id."""
    with transaction():
        ticket = make_ticket(at)[0]
        dispatch_visit(ticket, crews[0], decision=Decision(), actor=DESK, now=at)
    for _ in range(30):
        at += timedelta(seconds=chance.randint(1, 90))
        phone = chance.choice(phones)
        what = chance.choice(["tap", "tap", "send", "desk"])
        if what == "tap":
            phone.tap(chance, ticket_number(ticket.id), at)
        elif what == "send":
            phone.send(chance, at)
        else:
            meddle(chance, ticket.id, crews, at)
    for phone in phones:
        phone.drain(at)
    return ticket.id


def test_nothing_is_lost_or_done_twice_in_any_interleaving(session, now, soak, print_counts):
    with transaction():
        crews = make_city(now).crews[:2]
        phones = [enrolled(name, crew, now) for name, crew in zip("AB", crews, strict=True)]
    for seed in range(6_600 if soak else 40):
        chance = random.Random(seed)  # noqa: S311  a test's dice
        expect_whole(play(chance, phones, crews, now + timedelta(hours=seed)))
    entries = {entry.uuid: entry for entry in db.session.query(FieldEntry)}
    for phone in phones:
        mine = [entries.pop(command.uuid) for command in phone.made]
        assert [each.sequence for each in mine] == list(range(1, len(mine) + 1))
        assert {each.uuid: (each.outcome, each.reason) for each in mine} == phone.told
        expect_in_story(mine)
        expect_on_own_visit(phone)
    assert entries == {}
    told = Counter(outcome for phone in phones for outcome, _reason in phone.told.values())
    assert told["applied"] > 0 < told["superseded"]
    outcomes = ", ".join(f"{told[each]} {each}" for each in FieldOutcome)
    print_counts(f"G5: {told.total()} commands made, {outcomes}, 0 lost, 0 taken twice")


def expect_in_story(entries):
    """Each that was applied or superseded is one event of the story; a note is never refused."""
    events = Counter(named for (named,) in db.session.query(TicketEvent.uuid))
    for entry in entries:
        assert events[entry.uuid] == (entry.outcome in {"applied", "superseded"})
        if entry.kind == "note" and entry.ticket_id is not None:
            assert entry.outcome == "applied"


def expect_on_own_visit(phone):
    """Fail unless a tap at a right time is of the last visit of its crew by then."""
    visits = db.session.query(Visit).filter_by(crew_id=phone.actor.crew_id).order_by(Visit.id).all()
    events = {each.uuid: each for each in db.session.query(TicketEvent)}
    for command in phone.made:
        event = events.get(command.uuid)
        if event is None or event.visit_id is None or command.kind in RELIEVING:
            continue
        by_then = [
            each.id
            for each in visits
            if each.ticket_id == event.ticket_id and each.dispatched_at <= command.told_at
        ]
        if by_then and command.uuid in phone.right:
            assert event.visit_id == by_then[-1], command

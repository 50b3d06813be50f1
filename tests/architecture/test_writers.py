"""Does each power have one place: the commit, the state, the event, the clock?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.architecture.sources import Module, expect_none, faults, modules, names_of, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMITS = "dispatch/actions/unit_of_work.py"
MOVES = "dispatch/actions/ticket_log.py"
# Timers, messages and the phone's commands have a state of their own, which is no ticket's.
OTHER_STATES = ("timer", "message", "outbox", "command", "row", "self")
STATEFUL = {"Ticket", "Visit"}
CLOCKLESS = ("domain", "actions", "queries", "models", "schemas", "rehearsal")
CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns",
    "time.localtime", "time.gmtime", "func.now", "func.current_timestamp", "func.clock_timestamp",
}  # fmt: skip


def commits(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and names_of(node.func).endswith(".commit"):
            yield f"{node.lineno}: {names_of(node.func)}() belongs in {COMMITS}"


def moves(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            owner = names_of(node.value).rpartition(".")[2]
            if node.attr == "state" and not owner.endswith(OTHER_STATES):
                yield f"{node.lineno}: {owner}.state is set; call move_ticket or move_visit"
        if isinstance(node, ast.Call) and (_updates_state(node) or _sets_by_name(node)):
            yield f"{node.lineno}: this may set a state; call move_ticket or move_visit"


def _sets_by_name(call: ast.Call) -> bool:
    if names_of(call.func) != "setattr" or len(call.args) < 2:
        return False
    name = call.args[1]
    return isinstance(name, ast.Constant) and name.value == "state"


def _updates_state(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "values":
        return False
    if not any(keyword.arg == "state" for keyword in call.keywords):
        return False
    return any(
        isinstance(node, ast.Call)
        and names_of(node.func).rpartition(".")[2] == "update"
        and any(names_of(argument) in STATEFUL for argument in node.args)
        for node in ast.walk(call.func)
    )


def events(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        name = names_of(node.func).rpartition(".")[2]
        named = [names_of(argument).rpartition(".")[2] for argument in node.args]
        if name == "TicketEvent" or (name == "insert" and "TicketEvent" in named):
            yield f"{node.lineno}: a TicketEvent is made; call record_event of {MOVES}"


def clocks(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            name = ".".join(names_of(node).split(".")[-2:])
            if name.removeprefix("dt.") in CLOCKS or name.replace("dt.", "datetime.") in CLOCKS:
                yield f"{node.lineno}: {name} reads the clock; take `now` as an argument"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for each in node.names:
                if f"time.{each.name}" in CLOCKS:
                    yield f"{node.lineno}: time.{each.name} reads the clock"


def test_only_the_unit_of_work_commits():
    checked = tuple(module for module in modules("dispatch") if module.path != COMMITS)
    expect_none(faults(commits, checked))


def test_only_the_ticket_log_sets_a_state():
    checked = tuple(module for module in modules("dispatch") if module.path != MOVES)
    expect_none(faults(moves, checked))


def test_only_the_ticket_log_makes_events():
    checked = tuple(module for module in modules("dispatch") if module.path != MOVES)
    expect_none(faults(events, checked))


def test_only_entry_points_read_the_clock():
    checked = modules(*(f"dispatch/{layer}" for layer in CLOCKLESS))
    expect_none(faults(clocks, checked))


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (commits, "db.session.commit()", "commit_to(plan)"),
        (moves, "ticket.state = 'closed'", "timer.state = 'fired'"),
        (moves, "visit.ticket.state = 'closed'", "ticket.level = 1"),
        (moves, "a, ticket.state = 1, 2", "seen[ticket.state] = 2"),
        (moves, "setattr(ticket, 'state', 1)", "setattr(ticket, due, 1)"),
        (
            moves,
            "update(Ticket).where(Ticket.id == 1).values(state='closed')",
            "update(Timer).where(Timer.id == 1).values(state='fired')",
        ),
        (events, "TicketEvent(kind='x')", "TicketEventView(kind='x')"),
        (events, "session.execute(insert(models.TicketEvent), rows)", "insert(Ticket)"),
        (clocks, "datetime.now(UTC)", "datetime(2026, 1, 1)"),
        (clocks, "column(default=dt.datetime.utcnow)", "column(default=dt.UTC)"),
        (clocks, "from time import time", "from time import perf_counter"),
        (clocks, "column(server_default=func.now())", "func.count()"),
    ],
)
def test_the_rules_can_fail(rule: Callable[[Module], Iterator[str]], bad: str, good: str):
    assert list(rule(parse(bad)))
    assert not list(rule(parse(good)))

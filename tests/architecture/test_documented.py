"""Is every setting, job, state, event kind and command described where one looks it up?"""

from __future__ import annotations

import re
from dataclasses import fields

import click

from dispatch.config import PREFIX, Settings
from dispatch.domain.permissions import Role
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.domain.visit_state import VisitState
from tests.architecture.sources import expect_none, files, ours, text
from tools.figure_page import page as figure_page

OPERATIONS = "docs/operations.md"
TICKETS = "docs/tickets.md"
# Read by the tests alone.
NOT_SETTINGS = {"ONEVISIT_SHARED_DATA", "ONEVISIT_CHROMIUM"}


def coded(page: str) -> set[str]:
    """Return the words that a page shows as code, outside its code blocks and inside."""
    return set(re.findall(r"[\w./:-]+", " ".join(re.findall(r"`+([^`]+)`+", page))))


def missing(wanted: set[str], page: str) -> list[str]:
    return [f"`{word}` is not described" for word in sorted(wanted - coded(page))]


def settings() -> set[str]:
    return {PREFIX + each.name.upper() for each in fields(Settings)}


def test_every_setting_is_described():
    expect_none(missing(settings(), text(OPERATIONS)))


def test_no_described_setting_is_gone():
    described = set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", text(OPERATIONS)))
    secrets = {f"{PREFIX}{e.name.upper()}_FILE" for e in fields(Settings) if e.metadata["secret"]}
    expect_none(sorted(described - settings() - secrets - NOT_SETTINGS))


def test_every_setting_the_code_reads_is_declared():
    read = set()
    for name in ours(".py", ".html", ".sh", "Makefile"):
        if not name.startswith("tests/"):
            read |= set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", text(name)))
    secrets = {f"{name}_FILE" for name in settings()}
    expect_none(sorted(read - settings() - secrets - NOT_SETTINGS))


def test_every_job_is_described():
    jobs = {
        name.removeprefix("dispatch/jobs/").removesuffix(".py")
        for name in files()
        if re.fullmatch(r"dispatch/jobs/[a-z]\w*\.py", name)
    }
    assert jobs
    expect_none(missing(jobs, text(OPERATIONS)))


def test_every_state_event_kind_and_role_is_described():
    wanted = {str(each) for kind in (TicketState, VisitState, EventKind) for each in kind}
    expect_none(missing(wanted, text(TICKETS)))
    expect_none(missing({str(role) for role in Role}, text(OPERATIONS)))


def test_every_command_is_described():
    from dispatch.cli.main import main  # noqa: PLC0415  the other pages are checked without it

    page = text(OPERATIONS)
    expect_none([f"`onevisit {c}` is not described" for c in commands(main) if c not in page])


def test_the_page_of_the_figures_is_what_their_functions_say():
    assert text("docs/figures.md") == figure_page(), "run: python -m tools.figure_page"


def commands(command: click.Command, before: str = "") -> list[str]:
    """Name the commands below one, `import grids` for example; their modules are read late."""
    if not isinstance(command, click.Group):
        return [before.strip()]
    context = click.Context(command)
    return [
        found
        for name in command.list_commands(context)
        if (child := command.get_command(context, name))
        for found in commands(child, f"{before} {name}")
    ]


def test_the_rules_can_fail():
    assert missing({"planner"}, "the planner runs") == ["`planner` is not described"]
    assert missing({"planner"}, "| `planner` | runs |") == []
    nested = click.Group(commands={"import": click.Group(commands={"grids": click.Command("g")})})
    assert commands(nested) == ["import grids"]

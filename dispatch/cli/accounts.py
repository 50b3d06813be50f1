"""How does an installation begin, and how do its people get in, from the command line?"""

from __future__ import annotations

import secrets
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from dispatch.access import current_time
from dispatch.actions.accounts import (
    Account,
    account_of,
    add_user,
    change_user,
    end_sessions,
    give_link,
    give_token,
    set_password,
)
from dispatch.actions.administration import FIRST_ADMINISTRATOR, seed_first
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.checkup import doctor
from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.declaring import group as group_of
from dispatch.cli.running import answer, application, command_actor
from dispatch.cli.settings_table import config
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import ROLE_NAMES, Role
from dispatch.domain.sentences import Sentence, say
from dispatch.queries.administration import (
    crew_choices,
    people,
    person_named,
    team_choices,
)
from dispatch.queries.sessions import open_sessions_for

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["config", "doctor", "init", "user"]

GENERATED_BYTES = 15
user = group_of("user", say("Add accounts and reset their sign-ins."))


@command("init", say("Create the tables, the default policy and the first administrator."))
@option(
    "--admin",
    "administrator",
    default=FIRST_ADMINISTRATOR,
    show_default=True,
    metavar="NAME",
    sentence=say("Sign-in name of the first administrator."),
)
@json_option
def init(*, administrator: str, as_json: bool) -> None:
    """Migrate, then add what is missing; a second time adds nothing."""
    from flask_migrate import upgrade  # noqa: PLC0415  the other commands need no migrations

    with application() as app:
        upgrade(directory=app.extensions["migrate"].directory)
        now = current_time()
        with transaction():
            zone = app.config["SETTINGS"].zone
            seeded = seed_first(zone, administrator, actor=command_actor(), now=now)
        link = seeded.link_secret and _link(app, seeded.link_secret)
    facts = {
        "added": seeded.added_anything,
        "policy_version": seeded.policy_version,
        "skills": seeded.skills,
        "administrator": seeded.administrator,
        "sign_in_link": link,
    }
    lines = [say("The tables are up to date.")]
    if seeded.policy_version:
        lines.append(say("The default promises are in force; change them under /admin/policy."))
    if link:
        lines += _link_lines(seeded.administrator or "", link)
    else:
        lines.append(
            say(
                "There is an administrator already, so none was added. "
                "“onevisit user link NAME” gives a new sign-in link."
            )
        )
    answer(as_json, facts, *lines)


@user.command("add", sentence=say("Add an account."))
@click.argument("sign_in_name", metavar="NAME")
@option(
    "--role",
    required=True,
    type=click.Choice([str(role) for role in Role]),
    sentence=say("What the person does here."),
)
@option("--name", sentence=say("Name that colleagues know; the sign-in name if not given."))
@option("--team", sentence=say("Name of the team; a team leader needs one."))
@option("--crew", sentence=say("Name of the crew; a water steward needs one."))
@option("--language", type=click.Choice(["en", "zh-CN"]), sentence=say("Language of the pages."))
@option("--password-stdin", is_flag=True, sentence=say("Read the password from standard input."))
@option("--link", "wants_link", is_flag=True, sentence=say("Print a one-time sign-in link."))
@option("--token", "wants_token", is_flag=True, sentence=say("Print a token for a program."))
@json_option
def add(*, sign_in_name: str, as_json: bool, **given: Any) -> None:
    """Add the account and its first way in: a link for a person, a token for a program."""
    ways = given["password_stdin"] + given["wants_link"] + given["wants_token"]
    if ways > 1:
        raise Invalid(say("Choose one of --password-stdin, --link and --token."))
    wants_token = given["wants_token"] or (not ways and given["role"] == Role.API_CLIENT)
    password = _typed_password() if given["password_stdin"] else None
    actor = command_actor()
    with application() as app:
        now = current_time()
        with transaction():
            account = Account(
                sign_in_name,
                given["name"] or sign_in_name,
                given["role"],
                team_id=_id_of(given["team"], [each[:2] for each in team_choices()], "--team"),
                crew_id=_id_of(given["crew"], crew_choices(), "--crew"),
                language=given["language"],
            )
            added = add_user(account, password, actor=actor, now=now)
            token = give_token(added, actor=actor, now=now) if wants_token else None
            gets_link = password is None and token is None
            link = _link(app, give_link(added, actor=actor, now=now)) if gets_link else None
        name = added.sign_in_name
    facts = {"sign_in_name": name, "role": given["role"], "token": token, "sign_in_link": link}
    lines = [say("Added “%(name)s”.", name=name)]
    lines += _link_lines(name, link) if link else []
    lines += _token_lines(token) if token else []
    answer(as_json, facts, *lines)


@user.command("list", sentence=say("List the accounts."))
@json_option
def list_users(*, as_json: bool) -> None:
    """Print each account with its role, post and open sessions."""
    with application():
        rows = people(current_time())
    facts = {
        "users": [
            {
                "sign_in_name": row.sign_in_name,
                "name": row.name,
                "role": row.role,
                "team": row.team,
                "crew": row.crew,
                "active": row.active,
                "open_sessions": row.open_sessions,
            }
            for row in rows
        ]
    }
    lines = [
        say(
            "%(sign_in)s: %(name)s, %(role)s%(post)s, %(standing)s",
            sign_in=row.sign_in_name,
            name=row.name,
            role=ROLE_NAMES[Role(row.role)],
            post=f" ({row.team or row.crew})" if row.team or row.crew else "",
            standing=_standing(row.active, row.open_sessions),
        )
        for row in rows
    ]
    answer(as_json, facts, *(lines or [say("There is no account: “onevisit init” adds one.")]))


def _standing(active: bool, sessions: int) -> Sentence:  # noqa: FBT001  a fact of a row
    return say("%(n)s sessions open", n=sessions) if active else say("paused")


@user.command("disable", sentence=say("Pause an account and end its sessions."))
@click.argument("sign_in_name", metavar="NAME")
@json_option
def disable(*, sign_in_name: str, as_json: bool) -> None:
    """Keep the account for the story, but let nobody in by it."""
    _set_active(sign_in_name, active=False)
    paused = say("“%(name)s” is paused and signed out.", name=sign_in_name)
    answer(as_json, {"sign_in_name": sign_in_name, "active": False}, paused)


@user.command("enable", sentence=say("Let a paused account in again."))
@click.argument("sign_in_name", metavar="NAME")
@json_option
def enable(*, sign_in_name: str, as_json: bool) -> None:
    """Let the account sign in again; its old sessions stay ended."""
    _set_active(sign_in_name, active=True)
    let_in = say("“%(name)s” may sign in again.", name=sign_in_name)
    answer(as_json, {"sign_in_name": sign_in_name, "active": True}, let_in)


@user.command("password", sentence=say("Give an account a new password and sign it out."))
@click.argument("sign_in_name", metavar="NAME")
@option("--password-stdin", is_flag=True, sentence=say("Read the password from standard input."))
@json_option
def password(*, sign_in_name: str, password_stdin: bool, as_json: bool) -> None:
    """Take the password from standard input, or make one and print it."""
    made = None if password_stdin else secrets.token_urlsafe(GENERATED_BYTES)
    chosen = _typed_password() if made is None else made
    with application(), transaction():
        person = person_named(sign_in_name)
        set_password(person, chosen, actor=command_actor(), now=current_time())
    lines = [say("“%(name)s” has a new password and is signed out.", name=sign_in_name)]
    if made:
        lines.append(say("Password (shown once): %(password)s", password=made))
    answer(as_json, {"sign_in_name": sign_in_name, "password": made}, *lines)


@user.command("link", sentence=say("Print a one-time sign-in link; the old password ends."))
@click.argument("sign_in_name", metavar="NAME")
@json_option
def link(*, sign_in_name: str, as_json: bool) -> None:
    """Sign the account out and print the address that lets it in once."""
    with application() as app:
        with transaction():
            person = person_named(sign_in_name)
            secret = give_link(person, actor=command_actor(), now=current_time())
        address = _link(app, secret)
    facts = {"sign_in_name": sign_in_name, "sign_in_link": address}
    answer(as_json, facts, *_link_lines(sign_in_name, address))


@user.command("token", sentence=say("Print a token with which a program signs in."))
@click.argument("sign_in_name", metavar="NAME")
@option(
    "--days",
    default=365,
    show_default=True,
    type=click.IntRange(1, 3650),
    sentence=say("Days until it ends."),
)
@json_option
def token(*, sign_in_name: str, days: int, as_json: bool) -> None:
    """Add a token to the account; those it has stay."""
    with application(), transaction():
        person = person_named(sign_in_name)
        lifetime = timedelta(days=days)
        secret = give_token(person, actor=command_actor(), now=current_time(), lifetime=lifetime)
    answer(as_json, {"sign_in_name": sign_in_name, "token": secret}, *_token_lines(secret))


@user.command("sessions", sentence=say("List the open sessions of an account."))
@click.argument("sign_in_name", metavar="NAME")
@json_option
def sessions(*, sign_in_name: str, as_json: bool) -> None:
    """Print what each session is, since when and until when."""
    with application():
        now = current_time()
        rows = list(open_sessions_for(person_named(sign_in_name).id, now))
    facts = [
        {
            "id": row.id,
            "kind": row.kind,
            "created_at": row.created_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
            "address": row.address,
            "agent": row.agent,
        }
        for row in rows
    ]
    lines = [
        say(
            "%(kind)s since %(since)s until %(until)s from %(address)s",
            kind=row.kind,
            since=row.created_at,
            until=row.expires_at,
            address=row.address or "–",
        )
        for row in rows
    ]
    answer(as_json, {"sessions": facts}, *(lines or [say("No session is open.")]))


@user.command("revoke", sentence=say("End every session, link and token of an account."))
@click.argument("sign_in_name", metavar="NAME")
@json_option
def revoke(*, sign_in_name: str, as_json: bool) -> None:
    """Sign the account out everywhere."""
    with application(), transaction():
        person = person_named(sign_in_name)
        ended = end_sessions(person, actor=command_actor(), now=current_time())
    answer(as_json, {"ended": ended}, say("%(n)s sessions ended.", n=ended))


def _set_active(sign_in_name: str, *, active: bool) -> None:
    with application(), transaction():
        person = person_named(sign_in_name)
        wanted = Account(**(vars(account_of(person)) | {"active": active}))
        change_user(person, wanted, actor=command_actor(), now=current_time())


def _typed_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _id_of(name: str | None, choices: list[tuple[int, str]], field: str) -> int | None:
    if name is None:
        return None
    for row_id, found in choices:
        if found == name:
            return row_id
    names = ", ".join(found for _row_id, found in choices)
    raise Invalid(
        say("%(field)s: there is no “%(name)s”. Found: %(names)s.", field=field, name=name,
            names=names or "–")
    )  # fmt: skip


def _link(app: Flask, secret: str) -> str:
    return f"{app.config['SETTINGS'].base_url.rstrip('/')}/sign-in/{secret}"


def _link_lines(name: str, link: str) -> list[Sentence]:
    return [
        say("“%(name)s” signs in once, within 24 hours, with this link:", name=name),
        say("%(link)s", link=link),
    ]


def _token_lines(token: str) -> list[Sentence]:
    return [
        say("A program sends this as “Authorization: Bearer …”; it is shown once:"),
        say("%(token)s", token=token),
    ]

"""How does a command that did not succeed end: with which sentence and which code?"""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

import click
from click.exceptions import NoSuchCommand

from dispatch.cli.wording import word
from dispatch.domain.errors import Refused
from dispatch.domain.file_faults import FileFault, shown
from dispatch.domain.sentences import Sentence, say

DONE, FAILED, REFUSED = 0, 1, 2
_NO_TABLES = ("no such table", "undefinedtable")


def end(fault: Exception, *, as_json: bool = False) -> int:
    """Say what went wrong on standard error and return the exit code.

    With `as_json` the same stands as one object on standard output, unless the refusal brings an
    object of its own (`facts["answer"]`), as an import does.
    """
    code, lines = _judge(fault)
    for line in lines:
        click.echo(line, err=True)
    if as_json:
        answer = fault.facts.get("answer") if isinstance(fault, Refused) else None
        click.echo(
            json.dumps(answer or {"error": {"message": "\n".join(lines)}}, ensure_ascii=False)
        )
    return code


def _judge(fault: Exception) -> tuple[int, list[str]]:
    if type(fault).__module__.startswith("sqlalchemy"):
        return _judge_database(fault)
    match fault:
        case Refused():
            found = REFUSED, _lines_of(fault)
        case click.UsageError():
            found = REFUSED, [_usage(fault)]
        case click.ClickException():
            found = FAILED, [fault.format_message()]
        case click.Abort():
            found = FAILED, [word(say("Stopped. What was not finished was not kept."))]
        case OSError():
            found = FAILED, [word(_broken_file(fault))]
        case _:
            found = _judge_other(fault)
    return found


def _judge_other(fault: Exception) -> tuple[int, list[str]]:
    """Tell wrong settings, which bring their own sentences, from a fault of ours."""
    if faults := getattr(fault, "faults", None):
        return REFUSED, [word(each) for each in faults]
    traceback.print_exception(fault, file=sys.stderr)
    return FAILED, [word(say("Something broke on our side, described above. Nothing was changed."))]


def _lines_of(refusal: Refused) -> list[str]:
    """Word a refusal; that of a file has a line for each fault."""
    file, places = refusal.facts.get("file"), refusal.facts.get("refused")
    if not isinstance(file, str) or not isinstance(places, list):
        return [word(refusal.sentence)]
    faults = zip(places, refusal.fields.values(), strict=True)
    lines = [word(FileFault(reason, **place).in_file(file)) for place, reason in faults]
    return [*lines, word(say("Nothing was changed."))]


def _usage(fault: click.UsageError) -> str:
    path = fault.ctx.command_path if fault.ctx else "onevisit"
    return word(say("%(fault)s See: %(command)s --help", fault=word(_why(fault)), command=path))


def _why(fault: click.UsageError) -> Sentence:
    if isinstance(fault, click.MissingParameter) and fault.param is not None:
        name = fault.param.make_metavar(fault.ctx or click.Context(click.Command("onevisit")))
        name = fault.param.opts[0] if isinstance(fault.param, click.Option) else name
        return say("%(name)s is missing.", name=name)
    match fault:
        case click.NoSuchOption():
            return say("There is no option %(name)s.", name=fault.option_name)
        case NoSuchCommand():
            return say("There is no command %(name)s.", name=shown(fault.command_name))
        case click.BadOptionUsage():
            return say("After %(name)s a value must stand.", name=fault.option_name)
        case click.BadParameter() if isinstance(fault.param, click.Option):
            return _wanted(fault.param.opts[0], fault.param.type)
    return Sentence("%(reason)s", {"reason": fault.format_message()})


def _wanted(name: str, kind: click.ParamType[Any]) -> Sentence:
    match kind:
        case click.Choice():
            choices = ", ".join(str(each) for each in kind.choices)
            return say("%(name)s must be one of: %(choices)s.", name=name, choices=choices)
        case click.DateTime():
            return say("%(name)s must be a day such as %(day)s.", name=name, day="2015-01-31")
        case click.Path():
            return say("%(name)s must be a file or folder of the right kind.", name=name)
    return _wanted_number(name, kind)


def _wanted_number(name: str, kind: click.ParamType[Any]) -> Sentence:
    match kind:
        case click.IntRange(max=int()) | click.FloatRange(max=float() | int()):
            return say(
                "%(name)s must be a number from %(least)s to %(most)s.",
                name=name,
                least=kind.min,
                most=kind.max,
            )
        case click.FloatRange(min_open=True):
            return say("%(name)s must be a number above %(least)s.", name=name, least=kind.min)
        case click.IntRange():
            return say(
                "%(name)s must be a whole number, %(least)s or more.", name=name, least=kind.min
            )
    return say("%(name)s must be a number.", name=name)


def _judge_database(fault: Exception) -> tuple[int, list[str]]:
    cause = getattr(fault, "orig", None) or fault
    reason = str(cause).strip().partition("\n")[0]
    if any(sign in f"{type(cause).__name__} {reason}".lower() for sign in _NO_TABLES):
        sentence = say(
            "The database has no tables yet, or old ones (%(reason)s): run “onevisit init” or "
            "“onevisit db upgrade” first. Nothing was changed.",
            reason=reason,
        )
        return REFUSED, [word(sentence)]
    sentence = say(
        "The database could not do this (%(reason)s). Check ONEVISIT_DATABASE_URL and that the "
        "database is running. Nothing was changed.",
        reason=reason,
    )
    return FAILED, [word(sentence)]


def _broken_file(fault: OSError) -> Sentence:
    return say(
        "%(file)s: %(reason)s.",
        file=fault.filename or "onevisit",
        reason=fault.strerror or str(fault),
    )

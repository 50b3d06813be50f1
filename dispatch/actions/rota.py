"""How are the rota and the ladder written down, whole or not at all?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.settings_log import check_setting_seen, record_setting
from dispatch.domain.accounts import tidy_sign_in_name
from dispatch.domain.errors import Forbidden, Invalid, NotFound
from dispatch.domain.file_faults import FileFaults, shown
from dispatch.domain.permissions import Role
from dispatch.domain.rota import MOST_ENTRIES, MOST_STEPS, check_ladder, weekdays_text
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.strict_json import clock_time, wrong, wrong_fields
from dispatch.models.alerts import LadderStep, RotaEntry
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.queries.rota import ladder, named_duties, teams_by_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.rota import LadderRule, RotaRule
    from dispatch.domain.rota_rows import RotaDraft


@dataclass
class _Known:
    """The people and teams that a rota may name."""

    people: dict[str, tuple[int, bool, str]]
    teams: dict[str, int]

    @classmethod
    def read(cls) -> _Known:
        """Read the accounts and the teams."""
        rows = db.session.execute(select(User.sign_in_name, User.id, User.active, User.role))
        return cls(
            {name: (row_id, active, role) for name, row_id, active, role in rows}, teams_by_name()
        )

    def settle(self, draft: RotaDraft) -> tuple[RotaRule, dict[str, Sentence]]:
        """Return the rule with its person and team, and the faults of the names."""
        faults: dict[str, Sentence] = {}
        person_id, is_active, role = self.people.get(
            tidy_sign_in_name(draft.person), (0, False, "")
        )
        if not person_id:
            faults["person"] = say(
                "There is no account “%(name)s”. Add the person first.", name=shown(draft.person)
            )
        elif not is_active:
            faults["person"] = say(
                "The account “%(name)s” is paused: nobody would be told.", name=shown(draft.person)
            )
        elif role == Role.API_CLIENT:
            faults["person"] = say(
                "“%(name)s” is a program and no person.", name=shown(draft.person)
            )
        team_id = self.teams.get(draft.team) if draft.team else None
        if draft.team and team_id is None:
            faults["team"] = say("There is no team “%(name)s”.", name=shown(draft.team))
        return replace(draft.rule, person=person_id, team_id=team_id), faults


def import_rota(
    drafts: Sequence[RotaDraft],
    file: str,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> list[RotaRule]:
    """Put the entries of a file in the place of the whole rota.

    Raises:
        Invalid: naming the line and field of every unknown or paused person and unknown team.
        Stale: when somebody changed it since it was seen.
    """
    check_setting_seen("rota", seen_version)
    known, faults = _Known.read(), FileFaults(file)
    rules = []
    for draft in drafts:
        rule, found = known.settle(draft)
        rules.append(rule)
        for field, reason in found.items():
            faults.add(reason, line=draft.line, field=field)
    faults.check()
    return _replace(rules, actor=actor, now=now)


def replace_rota(
    drafts: Sequence[RotaDraft], *, actor: Actor, now: datetime, seen_version: int | None = None
) -> list[RotaRule]:
    """Put these entries in the place of the whole rota.

    Raises:
        Invalid: naming every wrong field, such as ``entries.3.person``.
        Stale: when somebody changed it since it was seen.
    """
    check_setting_seen("rota", seen_version)
    if not drafts:
        raise wrong("entries", say("A rota without people tells nobody. Write somebody in."))
    if len(drafts) > MOST_ENTRIES:
        raise wrong("entries", say("A rota holds at most %(most)s entries.", most=MOST_ENTRIES))
    known = _Known.read()
    settled = [known.settle(draft) for draft in drafts]
    faults = {
        f"entries.{number}.{field}": reason
        for number, (_rule, found) in enumerate(settled)
        for field, reason in found.items()
    }
    if faults:
        raise wrong_fields(faults)
    return _replace([rule for rule, _found in settled], actor=actor, now=now)


def add_entry(
    draft: RotaDraft, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> None:
    """Write one more entry into the rota.

    Raises:
        Invalid: naming every wrong field.
        Stale: when somebody changed it since it was seen.
    """
    check_setting_seen("rota", seen_version)
    rule, faults = _Known.read().settle(draft)
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)
    if db.session.scalar(select(exists(RotaEntry.id).where(*_same(rule)))):
        raise wrong("person", say("The rota has this entry already."))
    insert_rows(RotaEntry, [_columns(rule)])
    record_setting("rota", str(rule.duty), None, _facts(draft), actor=actor, now=now)


def remove_entry(
    entry_id: int, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> None:
    """Take one entry out of the rota.

    Raises:
        NotFound: when it is gone already.
        Forbidden: when it is the last one.
        Stale: when somebody changed it since it was seen.
    """
    check_setting_seen("rota", seen_version)
    entry = db.session.get(RotaEntry, entry_id)
    if entry is None:
        raise NotFound(say("This entry is gone already."))
    if not db.session.scalar(select(exists(RotaEntry.id).where(RotaEntry.id != entry_id))):
        raise Forbidden(say("A rota without people tells nobody. Write somebody in."))
    user = db.session.get_one(User, entry.user_id)
    was = {
        "person": user.sign_in_name,
        "weekdays": weekdays_text(entry.weekdays),
        "start": clock_time(entry.start_minute),
        "end": clock_time(entry.end_minute),
    }
    db.session.delete(entry)
    record_setting("rota", entry.duty, was, None, actor=actor, now=now)


def set_ladder(
    steps: Sequence[LadderRule], *, actor: Actor, now: datetime, seen_version: int | None = None
) -> None:
    """Put these steps in the place of the whole ladder; alerts from now on follow them.

    Raises:
        Invalid: naming every wrong field, such as ``steps.1.pass_on_minutes``.
        Stale: when somebody changed it since it was seen.
    """
    check_setting_seen("ladder", seen_version)
    if len(steps) > MOST_STEPS:
        raise wrong("steps", say("A ladder has at most %(most)s steps.", most=MOST_STEPS))
    check_ladder(steps, named_duties())
    was = _ladder_facts(ladder())
    db.session.execute(delete(LadderStep))
    insert_rows(
        LadderStep,
        [
            {
                "fraction": each.fraction,
                "duty": str(each.duty),
                "pass_on_minutes": each.pass_on_minutes,
            }
            for each in steps
        ],
    )
    now_is = _ladder_facts(steps)
    if now_is != was:
        record_setting("ladder", "ladder", was, now_is, actor=actor, now=now)


def _replace(rules: list[RotaRule], *, actor: Actor, now: datetime) -> list[RotaRule]:
    before = Counter(db.session.scalars(select(RotaEntry.duty)))
    db.session.execute(delete(RotaEntry))
    insert_rows(RotaEntry, [_columns(rule) for rule in rules])
    after = Counter(str(rule.duty) for rule in rules)
    record_setting(
        "rota",
        "import",
        dict(sorted(before.items())),
        dict(sorted(after.items())),
        actor=actor,
        now=now,
    )
    return rules


def _columns(rule: RotaRule) -> dict[str, Any]:
    return {
        "duty": str(rule.duty),
        "team_id": rule.team_id,
        "user_id": rule.person,
        "weekdays": rule.weekdays,
        "start_minute": rule.start_minute,
        "end_minute": rule.end_minute,
        "from_date": rule.from_date,
        "to_date": rule.to_date,
    }


def _same(rule: RotaRule) -> list[Any]:
    return [getattr(RotaEntry, name) == value for name, value in _columns(rule).items()]


def _facts(draft: RotaDraft) -> dict[str, Any]:
    rule = draft.rule
    return {
        "person": draft.person,
        "team": draft.team or None,
        "weekdays": weekdays_text(rule.weekdays),
        "start": clock_time(rule.start_minute),
        "end": clock_time(rule.end_minute),
        "from": rule.from_date.isoformat() if rule.from_date else None,
        "to": rule.to_date.isoformat() if rule.to_date else None,
    }


def _ladder_facts(steps: Sequence[LadderRule]) -> dict[str, Any]:
    return {
        f"{round(step.fraction * 100)} %": f"{step.duty}, {step.pass_on_minutes or '-'} min"
        for step in steps
    }

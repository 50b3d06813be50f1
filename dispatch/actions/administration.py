"""How does a new installation begin, and how are its promises changed?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.accounts import Account, add_user, give_link
from dispatch.actions.settings_log import record_setting
from dispatch.domain.categories import SKILLS
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.holiday_rows import with_year
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.models.base import db
from dispatch.models.people import ServicePolicyVersion, Skill, User
from dispatch.queries.policies import policy_in_force

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.holiday_rows import YearDays
    from dispatch.domain.permissions import Actor
    from dispatch.domain.service_policy import ServicePolicy

FIRST_ADMINISTRATOR = "admin"
LONGEST_REASON = 500


@dataclass(frozen=True)
class Seeded:
    """What the first start added; `link_secret` belongs to a new administrator's one-time link."""

    policy_version: int | None = None
    skills: int = 0
    administrator: str | None = None
    link_secret: str | None = None

    @property
    def added_anything(self) -> bool:
        """Tell whether there was anything to do."""
        return bool(self.policy_version or self.skills or self.administrator)


def seed_first(
    zone: ZoneInfo, administrator: str = FIRST_ADMINISTRATOR, *, actor: Actor, now: datetime
) -> Seeded:
    """Add what an empty installation needs; where it is there already, add nothing.

    That is the default policy in the utility's zone, the skills, and an administrator with a
    one-time sign-in link.

    Raises:
        Invalid: when the administrator's sign-in name cannot be used.
    """
    version = None
    if policy_in_force().id is None:
        calendar = replace(DEFAULT_POLICY.calendar, zone=zone)
        policy = replace(DEFAULT_POLICY, calendar=calendar)
        version = _add_version(policy, "the default", actor=actor, now=now).version
    known = set(db.session.scalars(select(Skill.key)))
    missing = [key for key in SKILLS if key not in known]
    db.session.add_all(Skill(key=key) for key in missing)
    name, secret = None, None
    if not _has_administrator():
        account = Account(administrator, administrator.strip(), Role.ADMINISTRATOR)
        user = add_user(account, None, actor=actor, now=now)
        name, secret = user.sign_in_name, give_link(user, actor=actor, now=now)
    return Seeded(version, len(missing), name, secret)


def store_policy(
    policy: ServicePolicy,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> ServicePolicyVersion:
    """Put a new version of the promises in force; older tickets keep the one they were given.

    Raises:
        Invalid: without a reason, or when nothing is different.
        Stale: when somebody stored another version since the promises were seen.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        fault = say("Say why the promises change, in at most %(most)s characters.", most=500)
        raise Invalid(fault, fields={"reason": fault})
    in_force = policy_in_force()
    if seen_version not in {None, in_force.version}:
        raise Stale(
            say(
                "Somebody stored version %(version)s of the promises since you opened them. "
                "Look at it before you store yours.",
                version=in_force.version,
            ),
            facts={"version": in_force.version, "seen_version": seen_version},
        )
    if in_force.id is not None and policy.as_json() == in_force.policy.as_json():
        fault = say("Nothing is different from the promises in force.")
        raise Invalid(fault, fields={"policy": fault})
    return _add_version(policy, reason, actor=actor, now=now)


def store_holidays(
    days: YearDays,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> ServicePolicyVersion:
    """Put the days off of one year into the calendar, as a new version of the promises.

    Raises:
        Invalid: when a day is both, without a reason, or when nothing is different.
        Stale: when somebody stored another version since the promises were seen.
    """
    policy = policy_in_force().policy
    changed = replace(policy, calendar=with_year(policy.calendar, days))
    return store_policy(changed, reason, actor=actor, now=now, seen_version=seen_version)


def differences(was: ServicePolicy | None, now_is: ServicePolicy) -> tuple[dict[str, Any], ...]:
    """Return what two policies say differently, each as dotted name and value."""
    before = dict(_flat("", was.as_json())) if was else {}
    after = dict(_flat("", now_is.as_json()))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return tuple({name: side.get(name) for name in names} for side in (before, after))


def _add_version(
    policy: ServicePolicy, reason: str, *, actor: Actor, now: datetime
) -> ServicePolicyVersion:
    in_force = policy_in_force()
    row = ServicePolicyVersion(
        version=in_force.version + 1,
        valid_from=now,
        policy=policy.as_json(),
        created_by=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    was, now_is = differences(in_force.policy if in_force.id else None, policy)
    record_setting(
        "service_policy",
        str(row.version),
        was if in_force.id else None,
        {**now_is, "reason": reason},
        actor=actor,
        now=now,
    )
    return row


def _flat(path: str, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(path, value)]
    return [
        pair
        for name, each in value.items()
        for pair in _flat(f"{path}.{name}" if path else name, each)
    ]


def _has_administrator() -> bool:
    found = select(User.id).where(User.role == Role.ADMINISTRATOR, User.active).limit(1)
    return db.session.scalar(found) is not None

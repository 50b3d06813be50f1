"""Which promises are made today, and which were made to an older ticket?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select

from dispatch.domain.service_policy import DEFAULT_POLICY, ServicePolicy
from dispatch.models.base import db
from dispatch.models.people import ServicePolicyVersion


@dataclass(frozen=True)
class PolicyInForce:
    """A policy with the row it is stored in; None where only the built-in default exists."""

    id: int | None
    version: int
    policy: ServicePolicy


def policy_in_force() -> PolicyInForce:
    """Return the newest policy, or the built-in default before one was stored."""
    row = db.session.execute(
        select(ServicePolicyVersion).order_by(ServicePolicyVersion.version.desc()).limit(1)
    ).scalar_one_or_none()
    return _in_force(row)


def policy_of(policy_id: int | None) -> PolicyInForce:
    """Return the policy that a ticket was promised under."""
    return _in_force(db.session.get(ServicePolicyVersion, policy_id) if policy_id else None)


def _in_force(row: ServicePolicyVersion | None) -> PolicyInForce:
    if row is None:
        return PolicyInForce(None, 0, DEFAULT_POLICY)
    return PolicyInForce(row.id, row.version, _read(json.dumps(row.policy, sort_keys=True)))


@lru_cache(maxsize=32)
def _read(stored: str) -> ServicePolicy:
    return ServicePolicy.from_json(json.loads(stored))

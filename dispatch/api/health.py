"""Is this process well, ready, and are the promises watched?"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify, request
from flask_migrate import Config
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from dispatch.access import check_permission, current_time, requires
from dispatch.domain.deadline_watch import WatchLevel
from dispatch.domain.permissions import Permission, Scope
from dispatch.queries.facts import facts_waiting
from dispatch.queries.housekeeping import job_standings
from dispatch.queries.messages import message_counts, oldest_waiting
from dispatch.queries.schema_version import schema_version
from dispatch.queries.tickets import open_ticket_counts
from dispatch.queries.timers import clockwork

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask

blueprint = Blueprint("health", __name__)

_FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


@blueprint.get("/healthz")
@requires(Permission.PUBLIC)
def alive() -> Response:
    """Tell that this process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@requires(Permission.PUBLIC)
def ready() -> tuple[Response, int]:
    """Tell whether requests can be served: the database answers and its tables fit."""
    try:
        found = schema_version()
    except SQLAlchemyError:
        return jsonify({"status": "not_ready", "reason": "database"}), 503
    if found != _head(current_app):
        return jsonify({"status": "not_ready", "reason": "migrations"}), 503
    return jsonify({"status": "ok"}), 200


def _head(app: Flask) -> str | None:
    """Return the newest migration that this program ships; it is read once."""
    if "schema_head" not in app.extensions:
        config = Config()
        config.set_main_option("script_location", app.extensions["migrate"].directory)
        app.extensions["schema_head"] = ScriptDirectory.from_config(config).get_current_head()
    head: str | None = app.extensions["schema_head"]
    return head


@blueprint.get("/healthz/deadlines")
@requires(Permission.PUBLIC)
def deadlines() -> tuple[Response, int]:
    """Tell whether every promise is watched; 503 once a warning is more than 30 s late."""
    try:
        watch = clockwork(current_time())
    except SQLAlchemyError:
        return jsonify({"level": str(WatchLevel.RED), "reason": "database"}), 503
    return jsonify(watch), 503 if watch["level"] == WatchLevel.RED else 200


@blueprint.get("/metrics")
@requires(Permission.PUBLIC)
def metrics() -> Response:
    """Return figures for Prometheus: to this machine itself, else to an administrator's token."""
    if not _is_this_machine():
        check_permission(Permission.ADMINISTER)
    watch = clockwork(current_time())
    registry = CollectorRegistry()
    _gauge(registry, "onevisit_open_tickets", "Open tickets by state", _counts())
    _message_gauges(registry)
    silent = float("nan")
    values: dict[str, Any] = {
        "onevisit_oldest_overdue_timer_seconds": watch["overdue_seconds"] or 0.0,
        "onevisit_heartbeat_age_seconds": watch["heartbeat_age_seconds"] or silent,
        "onevisit_fact_due": facts_waiting(),
        "onevisit_clockwork_level": list(WatchLevel).index(WatchLevel(watch["level"])),
    }
    for name, value in values.items():
        Gauge(name, name.removeprefix("onevisit_").replace("_", " "), registry=registry).set(value)
    _job_gauges(registry, current_time())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _message_gauges(registry: CollectorRegistry) -> None:
    gauge = Gauge(
        "onevisit_messages",
        "Messages by channel and state",
        ["channel", "state"],
        registry=registry,
    )
    for (channel, state), count in message_counts().items():
        gauge.labels(channel, state).set(count)
    now = current_time()
    oldest = oldest_waiting(now)
    name = "onevisit_oldest_waiting_message_seconds"
    age = (now - oldest).total_seconds() if oldest else 0.0
    Gauge(name, "How long the oldest message that is due waits", registry=registry).set(age)


def _job_gauges(registry: CollectorRegistry, now: datetime) -> None:
    overdue, took, age, failures = (
        Gauge(f"onevisit_job_{name}", text, ["job"], registry=registry)
        for name, text in (
            ("overdue_seconds", "Seconds that a job of the housekeeping is late, 0 when in time"),
            ("took_seconds", "Length of the last run"),
            ("age_seconds", "Seconds since the last run ended"),
            ("failures", "Failed runs since the last good one"),
        )
    )
    for job, _running, late in job_standings(now):
        overdue.labels(job.name).set(late or 0.0)
        failures.labels(job.name).set(job.failures)
        if job.finished_at is not None and job.took_ms is not None:
            took.labels(job.name).set(job.took_ms / 1000)
            age.labels(job.name).set((now - job.finished_at).total_seconds())


def _counts() -> dict[str, int]:
    return open_ticket_counts(Scope(everything=True))


def _gauge(registry: CollectorRegistry, name: str, text: str, values: dict[str, int]) -> None:
    gauge = Gauge(name, text, ["state"], registry=registry)
    for state, count in values.items():
        gauge.labels(state).set(count)


def _is_this_machine() -> bool:
    # Behind a proxy on the same machine everybody seems to be it.
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False

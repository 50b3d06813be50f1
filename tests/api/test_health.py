"""Do the health addresses tell the truth, and to whom?"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from tests.factories import make_ticket


def test_a_fresh_installation_is_well(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert client.get("/healthz/deadlines").json["level"] == "ok"


def test_old_tables_are_not_ready(app, client):
    with app.app_context(), transaction():
        kept = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json["reason"]) == (503, "migrations")
    finally:
        with app.app_context(), transaction():
            db.session.execute(
                text("UPDATE alembic_version SET version_num = :kept"), {"kept": kept}
            )


@pytest.mark.usefixtures("clock")
def test_warnings_that_nobody_watches_are_an_alarm(app, client, now):
    with app.app_context(), transaction():
        make_ticket(now)
    answer = client.get("/healthz/deadlines")
    assert (answer.status_code, answer.json["level"]) == (503, "red")


def test_figures_are_for_this_machine_and_administrators(client, sign_in, app, now):
    with app.app_context(), transaction():
        make_ticket(now)
    here = client.get("/metrics")
    assert here.status_code == 200
    assert 'onevisit_open_tickets{state="accepted"} 1.0' in here.text
    away = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.5"}}
    assert client.get("/metrics", **away).status_code in {302, 401}
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code != 200
    assert sign_in("dispatcher").get("/metrics", **away).status_code == 403
    assert sign_in("administrator").get("/metrics", **away).status_code == 200
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "unix"}).status_code != 200

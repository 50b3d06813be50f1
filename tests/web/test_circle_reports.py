"""Does a manager set a report up, send one at once and put it away again?"""

from __future__ import annotations

from sqlalchemy import select

from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from tests.circle_history import DAYS

REPORTS = "/circle/reports"


def test_a_report_is_set_up_sent_at_once_paused_and_deleted(app, sign_in):
    manager = sign_in("manager", email="boss@water.example")
    assert "No report is set up yet" in manager.get(REPORTS).text
    manager.post(f"/circle/views?{DAYS}", data={"name": "Week"})
    wanted = {"view": "1", "every": "week", "recipients": [str(manager.user_id)]}
    assert manager.post(REPORTS, data=wanted).status_code == 303
    page = manager.get(REPORTS).text
    assert "every week, on Monday" in page
    assert "No mail server is set up here" in page
    assert manager.post(f"{REPORTS}/1/now").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Outbox.recipient)).all() == ["boss@water.example"]
    assert manager.post(f"{REPORTS}/1/now").status_code == 409
    manager.post(f"{REPORTS}/1/pause", data={"version": "1"})
    assert "Go on" in manager.get(REPORTS).text
    manager.post(f"{REPORTS}/1/resume", data={"version": "2"})
    manager.post(f"{REPORTS}/1/leave")
    assert "Nobody is left who gets it." in manager.get(REPORTS).text
    assert manager.post(f"{REPORTS}/1/delete", data={"version": "4"}).status_code == 303
    assert "No report is set up yet" in manager.get(REPORTS).text


def test_what_is_refused_is_said_beside_its_field(sign_in):
    manager = sign_in("manager")
    manager.post(f"/circle/views?{DAYS}", data={"name": "Week"})
    answer = manager.post(REPORTS, data={"view": "1", "every": "week"})
    assert answer.status_code == 422
    assert "recipients-error" in answer.text
    assert sign_in("team_leader").post(REPORTS, data={}).status_code == 403
    assert sign_in("crew").get(REPORTS).status_code == 403

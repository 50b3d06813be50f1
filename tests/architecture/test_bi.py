"""Do the views for other programs, and the board, hold what `docs/bi.md` says of them?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given

from dispatch.domain.attainment import Promise, attainment
from dispatch.domain.exclusions import left_out_of_times
from dispatch.domain.stages import ENDS, STAGE_NAMES
from tests.architecture.sources import text
from tests.queries.histories import NOW, make_places, on_one_database, pasts, store, story_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.queries.histories import Past

PAGE = "docs/bi.md"
VIEWS = ("bi_ticket", "bi_stage", "bi_hour")
PERSONAL = re.compile(r"phone|address|lat\b|lon\b|description|reporter|household|account|_by\b")


def described(view: str) -> list[str]:
    part = text(PAGE).split(f"## `{view}`")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)


@pytest.fixture
def connection(session: Any) -> sa.Connection:
    make_places()
    return session.connection()


@pytest.mark.parametrize("view", VIEWS)
def test_each_column_is_described_in_its_order(session: Any, view: str):
    found = [column["name"] for column in sa.inspect(session.connection()).get_columns(view)]
    assert found == described(view)
    assert not [name for name in found if PERSONAL.search(name)]


def rows(session: Any, statement: str) -> list[Any]:
    return list(session.execute(sa.text(statement)))


@on_one_database
@given(found=pasts())
def test_views_count_what_the_figures_count(connection: Any, session: Any, found: list[Past]):
    store(found)
    stories = [story_of(past, found) for past in found]
    timed = {one.number for one in stories if left_out_of_times(one) is None}
    shown = rows(session, "SELECT number, timed FROM bi_ticket")
    assert {number for number, is_timed in shown if is_timed} == timed
    assert len(shown) == len(found)
    [(tickets, kept)] = rows(session, "SELECT sum(tickets), sum(kept) FROM bi_hour")
    assert (tickets or 0, kept or 0) == (len(found), attainment(stories, Promise.ARRIVE, NOW).met)
    stages = rows(session, "SELECT ticket_id, stage, minutes FROM bi_stage")
    assert {(ticket, stage): float(minutes) for ticket, stage, minutes in stages} == {
        (past.ticket["id"], str(stage)): pytest.approx((ends - begins).total_seconds() / 60)
        for past in found
        for stage, (begin, end) in ENDS.items()
        if stage != "answer" and (begins := past.ticket[begin]) and (ends := past.ticket[end])
    }


def test_the_stages_are_named():
    named = set(re.findall(r"`(\w+)`", text(PAGE).split("| `stage` |")[1].split("|")[0]))
    assert named == {str(stage) for stage in STAGE_NAMES} - {"answer"}


def test_the_board_and_the_page_name_metrics_that_there_are(client: FlaskClient):
    board = json.loads(text("deploy/grafana/onevisit.json"))
    asked = " ".join(each["expr"] for panel in board["panels"] for each in panel["targets"])
    exported = set(re.findall(r"^# TYPE (\w+) ", client.get("/metrics").text, re.MULTILINE))
    wanted = set(re.findall(r"onevisit_\w+", asked))
    assert wanted == exported
    assert set(re.findall(r"^\| `(onevisit_\w+)` \|", text(PAGE), re.MULTILINE)) == exported
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])

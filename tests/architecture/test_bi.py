"""Do the views for other programs, and the board, hold what `docs/bi.md` says of them?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attainment import Promise, attainment
from dispatch.domain.exclusions import left_out_of_times
from dispatch.domain.stages import ENDS, STAGE_NAMES
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.housekeeping import Job
from tests.architecture.sources import text
from tests.factories import make_ticket
from tests.queries.histories import NOW, make_places, on_one_database, pasts, store, story_of

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from flask.testing import FlaskClient

    from tests.queries.histories import Past

PAGE = "docs/bi.md"
BOARD = "deploy/grafana/onevisit.json"
SCHEMA, COLUMNS = 39, 24
EXPRESSION = re.compile(r"max(?: by \(([\w, ]+)\) )?\((\w+)\)")
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
    board = json.loads(text(BOARD))
    asked = " ".join(each["expr"] for panel in board["panels"] for each in panel["targets"])
    exported = set(re.findall(r"^# TYPE (\w+) ", client.get("/metrics").text, re.MULTILINE))
    wanted = set(re.findall(r"onevisit_\w+", asked))
    assert wanted == exported
    assert set(re.findall(r"^\| `(onevisit_\w+)` \|", text(PAGE), re.MULTILINE)) == exported


UNITS = {"short", "s"}
"""Those of Grafana's units that the board uses: a plain count and seconds."""


def places(panel: dict[str, Any]) -> set[tuple[int, int]]:
    """Return the cells of Grafana's grid of 24 columns that a panel covers."""
    at = panel["gridPos"]
    wide, high = range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])
    return {(x, y) for x in wide for y in high}


def test_the_board_can_be_laid_out():
    board = json.loads(text(BOARD))
    panels = board["panels"]
    assert board["schemaVersion"] == SCHEMA
    assert len({panel["id"] for panel in panels}) == len(panels)
    covered = [cell for panel in panels for cell in places(panel)]
    assert len(set(covered)) == len(covered)
    assert max(x for x, _y in covered) < COLUMNS
    [source] = [one for one in board["templating"]["list"] if one["type"] == "datasource"]
    chosen = {"type": source["query"], "uid": f"${{{source['name']}}}"}
    for panel in panels:
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert [panel["datasource"], *(each["datasource"] for each in panel["targets"])] == [
            chosen
        ] * (1 + len(panel["targets"]))
        references = [each["refId"] for each in panel["targets"]]
        assert len(set(references)) == len(references)


def words_of(panel: dict[str, Any]) -> dict[str, set[str]]:
    """Return the words of a panel that Grafana takes from a closed list, by its own names."""
    options, custom = panel["options"], panel["fieldConfig"]["defaults"].get("custom", {})
    found = {
        "type": {panel["type"]},
        "colorMode": {options.get("colorMode", "none")},
        "displayMode": {options.get("legend", {}).get("displayMode", "list")},
        "placement": {options.get("legend", {}).get("placement", "bottom")},
        "tooltip": {options.get("tooltip", {}).get("mode", "single")},
        "stacking": {custom.get("stacking", {}).get("mode", "none")},
        "thresholds": {panel["fieldConfig"]["defaults"]["thresholds"]["mode"]},
        "mappings": {each["type"] for each in panel["fieldConfig"]["defaults"]["mappings"]},
    }
    calcs = options.get("reduceOptions", options.get("legend", {})).get("calcs", ())
    return found | {"calcs": set(calcs)}


GRAFANA_TAKES = {
    "type": {"stat", "timeseries"},
    "colorMode": {"none", "value", "background"},
    "displayMode": {"list", "table"},
    "placement": {"bottom", "right"},
    "tooltip": {"single", "multi", "none"},
    "stacking": {"none", "normal", "percent"},
    "thresholds": {"absolute", "percentage"},
    "mappings": {"value", "range", "regex", "special"},
    "calcs": {"lastNotNull", "max", "min", "mean", "sum"},
}
"""Words of Grafana's classic dashboard schema (its kind `dashboard`, 0.0), those of use here."""
BOARD_KEYS = {
    "uid", "title", "tags", "timezone", "editable", "time", "refresh", "schemaVersion", "version",
    "panels", "templating", "annotations",
}  # fmt: skip
PANEL_KEYS = {
    "id", "title", "description", "type", "gridPos", "datasource", "targets", "fieldConfig",
    "options",
}  # fmt: skip


def test_the_board_keeps_to_the_schema_of_grafana():
    board = json.loads(text(BOARD))
    assert set(board) == BOARD_KEYS
    for panel in board["panels"]:
        assert set(panel) == PANEL_KEYS
        assert all(words <= GRAFANA_TAKES[name] for name, words in words_of(panel).items())
        assert {key for each in panel["targets"] for key in each} == {
            "refId", "expr", "legendFormat", "datasource",
        }  # fmt: skip
        first, *others = [
            step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        ]
        assert first is None
        assert others == sorted(others)
        if panel["type"] == "timeseries":
            assert panel["options"]["legend"]["showLegend"] is True


def test_the_board_asks_for_labels_that_are_printed(app: Flask, client: FlaskClient, now: datetime):
    with app.app_context(), transaction():
        make_ticket(now)
        message = {"channel": "sms", "recipient": "1", "template": "arrived", "effect_key": "k"}
        db.session.add(Outbox(**message, created_at=now, next_try_at=now))
        db.session.add(
            Job(name="facts", every_seconds=5, due_at=now, finished_at=now, took_ms=5, failures=0)
        )
    printed = {
        name: set(re.findall(r"(\w+)=", labels or ""))
        for name, labels in re.findall(
            r"^(onevisit_\w+)(?:\{([^}]*)\})? ", client.get("/metrics").text, re.MULTILINE
        )
    }
    for panel in json.loads(text(BOARD))["panels"]:
        for target in panel["targets"]:
            by, name = EXPRESSION.fullmatch(target["expr"]).groups()
            asked = set(re.split(r", ", by)) if by else set()
            assert asked == printed[name], target["expr"]
            named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert named <= asked, target["legendFormat"]

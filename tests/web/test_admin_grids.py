"""Does an administrator draw, split and merge grids by form, see the effect first, and undo it?"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import shapely

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from tests.factories import IN_WEST, make_city, make_ticket

HERE = "/admin/grids/draw"
#: West of the ticket, so that the larger part keeps its name and the ticket.
CUT = "LINESTRING (112.93 28.0, 112.93 28.3)"
NORTH = shapely.to_wkt(shapely.box(112.90, 28.20, 113.00, 28.25))


@pytest.fixture
def admin(app, sign_in, now, clock):
    visitor = sign_in("administrator")
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now, place=IN_WEST)
    return visitor


def in_force(app):
    with app.app_context():
        rows = db.session.query(Grid).filter(Grid.valid_to.is_(None)).order_by(Grid.name)
        return [(row.name, row.version) for row in rows]


def form(kind: str, **rest: object) -> dict[str, object]:
    return {"kind": kind, "zone": "town", "in_circle": "yes", "team_id": "", **rest}


def test_a_grid_is_seen_before_it_is_in_force(app, admin):
    wanted = form("draw", name="North", name_zh="北片", team_id="2", outline=NORTH, step="preview")
    page = admin.post(HERE, data=wanted)
    assert page.status_code == 200
    assert "“North” is new." in page.text
    assert "No open ticket changes its grid or team." in page.text
    assert in_force(app) == [("East", 1), ("West", 1)]
    assert admin.post(HERE, data=wanted | {"step": "apply"}).status_code == 303
    assert in_force(app) == [("East", 1), ("North", 1), ("West", 1)]
    assert "In force: North." in admin.get(HERE).text


def test_a_ticket_that_would_move_is_named_and_undo_takes_it_back(app, admin):
    split = form(
        "split", grid="1", name="West B", team_id="2", outline=CUT.replace("112.93", "112.97")
    )
    page = admin.post(HERE, data=split).text
    assert "“West” gets version 2." in page
    over = form(
        "draw",
        name="Core",
        team_id="2",
        outline=shapely.to_wkt(shapely.box(112.94, 28.14, 112.96, 28.16)),
    )
    page = admin.post(HERE, data=over).text
    assert "W000001" in page
    assert "Core · East Team" in page
    assert "a point there goes to the smaller" in page
    admin.post(HERE, data=over | {"step": "apply"})
    with app.app_context():
        assert db.session.get(Ticket, 1).team_id == 2
    shown = admin.get(HERE).text
    assert "Open tickets that moved: 1." in shown
    event = shown.partition("/undo")[0].rpartition("/")[2]
    assert admin.post(f"{HERE}/{event}/undo").status_code == 303
    assert in_force(app) == [("East", 1), ("West", 1)]
    with app.app_context():
        assert db.session.get(Ticket, 1).team_id == 1
    admin.post(f"{HERE}/{event}/undo")
    assert "This was changed since you opened it." in admin.get(HERE).text
    admin.post(f"{HERE}/99999/undo")
    assert "There is no such change of grids." in admin.get(HERE).text


def test_two_grids_are_merged_and_the_old_page_is_refused(app, admin):
    merge = form("merge", grid="1", other="2", name="West", step="apply")
    assert admin.post(HERE, data=merge).status_code == 303
    assert in_force(app) == [("West", 2)]
    assert "Ended: East." in admin.get(HERE).text
    refused = admin.post(HERE, data=merge)
    assert refused.status_code == 409
    assert "after you opened it" in refused.text


def test_a_later_day_is_in_the_time_of_the_utility(app, admin, now):
    zone = app.config["SETTINGS"].zone
    begins = (now + timedelta(days=2)).astimezone(zone).replace(microsecond=0)
    text = begins.replace(tzinfo=None).isoformat()
    wanted = form("split", grid="1", name="West B", outline=CUT, begins=text)
    assert "only new tickets follow the new grids" in admin.post(HERE, data=wanted).text
    admin.post(HERE, data=wanted | {"step": "apply"})
    with app.app_context():
        grid = db.session.query(Grid).filter_by(name="West B").one()
        assert grid.valid_from == begins


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ({"outline": "scribble"}, "neither GeoJSON nor WKT"),
        ({"outline": NORTH, "datum": "mars"}, "Choose one of the datums."),
        ({"outline": NORTH, "begins": "soon"}, "This is no date with a time of day."),
        ({"outline": NORTH, "team_id": "99999999999999999999999"}, "There is no such team."),
        ({"outline": NORTH, "team_id": "two", "name": ""}, "Write a text of 1 to"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(admin, rest, words):
    refused = admin.post(HERE, data=form("draw", name="North") | rest)
    assert refused.status_code == 422
    assert words in refused.text
    assert str(rest["outline"]) in refused.text


def test_the_form_begins_with_what_the_grid_is(admin):
    page = admin.get(f"{HERE}?kind=edit&grid=1").text
    assert 'value="West"' in page
    assert json.dumps([112.9, 28.1])[1:-1] in page
    assert 'id="drawn"' not in admin.get(f"{HERE}?kind=merge&grid=1").text
    assert 'id="drawn"' in admin.get(f"{HERE}?kind=nonsense&grid=x").text
    assert 'id="drawn"' not in admin.get(f"{HERE}?kind=edit&grid=77").text


def test_only_administrators_draw(client, sign_in):
    assert sign_in("dispatcher").get(HERE).status_code == 403

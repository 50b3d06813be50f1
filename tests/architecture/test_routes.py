"""Does every route say who may use it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.views import MethodView
from werkzeug.exceptions import HTTPException

from dispatch.access import check_routes, requires
from dispatch.domain.permissions import GRANTS, Permission, Role
from dispatch.domain.strict_json import LARGEST_ROW_ID
from tests.architecture.sources import expect_none

if TYPE_CHECKING:
    from collections.abc import Iterator

GREETING = "hello"


def views(app: Flask) -> Iterator[tuple[str, Any]]:
    """Yield each rule and method with the function that answers it."""
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answering = getattr(getattr(view, "view_class", None), method.lower(), view)
            yield f"{method} {rule.rule}", answering


def open_routes(app: Flask) -> list[str]:
    return [
        route
        for route, view in views(app)
        if not isinstance(getattr(view, "required_permission", None), Permission)
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_route_names_a_permission(app: Flask):
    assert len(list(views(app))) > 10
    expect_none(open_routes(app))


def routes_of_number(app: Flask, number: int) -> list[str]:
    """Return the routes with a number in their address that lead somewhere with this one."""
    found = []
    address = app.url_map.bind("here.example")
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?!int:)[^>]+>", "x", re.sub(r"<int:\w+>", str(number), rule.rule))
        method = max(rule.methods or {"GET"})
        try:
            endpoint, values = address.match(path, method)
        except HTTPException:
            continue
        if endpoint == rule.endpoint and number in values.values():
            found.append(rule.rule)
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_number_that_no_row_can_have_leads_nowhere(app: Flask):
    assert len(routes_of_number(app, LARGEST_ROW_ID)) > 10
    expect_none(routes_of_number(app, LARGEST_ROW_ID + 1))


def test_every_permission_is_granted_to_somebody():
    granted = set().union(*GRANTS.values())
    assert set(GRANTS) == set(Role)
    assert set(Permission) - granted == {Permission.PUBLIC, Permission.SIGNED_IN}


class Half(MethodView):
    """A view whose second method forgot its permission."""

    @requires(Permission.PUBLIC)
    def get(self) -> str:
        return GREETING

    def post(self) -> str:
        return GREETING


def test_the_rule_can_fail():
    app = Flask("made_up", static_folder=None)
    app.add_url_rule("/good", view_func=requires(Permission.PUBLIC)(lambda: GREETING))
    assert open_routes(app) == []
    check_routes(app)
    app.add_url_rule("/half", view_func=Half.as_view("half"))
    assert open_routes(app) == ["POST /half"]
    with pytest.raises(RuntimeError, match="/half"):
        check_routes(app)

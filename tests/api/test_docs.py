"""Does the description agree with what is committed and with what is served?"""

from __future__ import annotations

import re

import pytest

from dispatch.api.spec import openapi, openapi_json

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_committed_description_is_the_one_served(app, client, root):
    committed = (root / "docs/openapi.json").read_text(encoding="utf-8")
    assert openapi_json(app) == committed, "write it again: onevisit openapi > docs/openapi.json"
    assert client.get("/api/openapi.json").text == committed


def test_every_address_is_described(app):
    described = openapi(app)["paths"]
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/v1/", "/api/live"))
    }
    assert served == set(described)
    for path, operations in described.items():
        for method, operation in operations.items():
            assert method == "parameters" or operation["summary"], path


def test_the_page_may_style_itself_and_nothing_else(client):
    page = client.get("/api/docs")
    policy = page.headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy
    assert 'load-fonts="false"' in page.text
    assert "unsafe-inline" not in client.get("/healthz").headers["Content-Security-Policy"]

"""Does every browser test wait for what it expects, in place of reading it once?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.architecture.sources import Module, expect_none, faults, modules, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_AT_ONCE = {
    "all_inner_texts", "all_text_contents", "get_attribute", "inner_html", "inner_text",
    "input_value", "is_checked", "is_disabled", "is_editable", "is_enabled", "is_hidden",
    "is_visible", "text_content",
}  # fmt: skip


def read_once(module: Module) -> Iterator[str]:
    """Name each assertion on what a page shows at that moment alone."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Assert):
            continue
        for call in ast.walk(node.test):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                name, whose = call.func.attr, ast.unparse(call.func.value)
                counts = name == "count" and (".locator(" in whose or ".get_by_" in whose)
                if counts or name in READ_AT_ONCE:
                    yield f"{node.lineno}: {name}() is read once: wait with expect(...)"


def test_what_a_page_shows_is_waited_for():
    expect_none(faults(read_once, modules("tests/browser")))


@pytest.mark.parametrize(
    "bad",
    [
        "assert page.locator('.row').count() == 3",
        "assert page.get_by_role('row').count() < 3",
        "assert page.locator('h1').inner_text() == 'Desk'",
        "assert 'x' not in page.locator('#name').input_value()",
    ],
)
def test_the_rule_can_fail(bad: str):
    assert list(read_once(parse(bad)))


@pytest.mark.parametrize(
    "good",
    [
        "expect(page.locator('.row')).to_have_count(3)",
        "assert db.session.query(Report).count() == 4",
        "assert page.evaluate('window.asked') == 0",
    ],
)
def test_the_rule_lets_others_pass(good: str):
    assert list(read_once(parse(good))) == []

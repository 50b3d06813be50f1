"""Is every file and every function short enough to be read in one go?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.architecture.sources import CODE, Module, expect_none, faults, modules, ours, parse, text

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def too_long(source: str) -> bool:
    return source.count("\n") > LONGEST_FILE


def long_functions(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.lineno}: {node.name} has {lines} lines, at most {LONGEST_FUNCTION}"


def is_migration(path: str) -> bool:
    # It lists tables and is never changed again; splitting it up would not make it clearer.
    return path.startswith("migrations/versions/")


def test_a_file_has_at_most_400_lines():
    kinds = (".py", ".js", ".css", ".html", ".mjs")
    checked = [name for name in ours(*kinds) if not is_migration(name)]
    expect_none([name for name in checked if too_long(text(name))])


def test_a_function_has_at_most_40_lines():
    checked = tuple(module for module in modules(*CODE) if not is_migration(module.path))
    expect_none(faults(long_functions, checked))


def test_the_rules_can_fail():
    assert too_long("\n" * 401)
    assert not too_long("\n" * 400)
    assert list(long_functions(parse("def f():\n" + "    a = 1\n" * 40)))
    assert not list(long_functions(parse("def f():\n" + "    a = 1\n" * 39)))

"""Does every name say what the thing is, and every module which question it answers?"""

from __future__ import annotations

import ast
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

import pytest

from tests.architecture.sources import CODE, Module, expect_none, faults, modules, ours, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REFUSED_FILES = {
    "manager", "managers", "helper", "helpers", "util", "utils", "handler", "handlers", "process",
    "data", "info", "misc", "common", "service", "services",
}  # fmt: skip
REFUSED_WORDS = {"Manager", "Helper", "Helpers", "Util", "Utils", "Handler"}
REFUSED_NAMES = {"process", "data", "info", "helper", "handle", "handler", "service"}


def refused_definitions(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            words = set(re.findall(r"[A-Z][a-z0-9]*", node.name))
            if words & REFUSED_WORDS or node.name.lower() in REFUSED_NAMES:
                yield f"{node.lineno}: class {node.name}: say what it is"
        if isinstance(node, ast.FunctionDef) and node.name.strip("_") in REFUSED_NAMES:
            yield f"{node.lineno}: {node.name}(): say what it does"


def no_opening(module: Module) -> Iterator[str]:
    opening = (ast.get_docstring(module.tree) or "").split("\n\n")[0].strip()
    if not opening.endswith((".", "?", "!")):
        yield "1: open with one sentence that says what question the module answers"


def refused_file(path: str) -> bool:
    return PurePath(path).stem in REFUSED_FILES


def test_no_file_has_a_name_that_says_nothing():
    checked = ours(".py", ".js", ".css", ".html")
    expect_none([name for name in checked if refused_file(name)])


def test_no_class_or_function_has_a_name_that_says_nothing():
    expect_none(faults(refused_definitions, modules("dispatch")))


def test_every_module_opens_with_a_sentence():
    # Alembic writes the opening of a migration's file.
    checked = tuple(module for module in modules(*CODE) if "migrations/" not in module.path)
    expect_none(faults(no_opening, checked))


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (refused_definitions, "class CrewManager: ...", "class Manageress: ..."),
        (refused_definitions, "class Service: ...", "class ServicePolicy: ..."),
        (refused_definitions, "def process(): ...", "def process_line(): ..."),
        (no_opening, "import os", '"""Which crew comes?"""'),
        (no_opening, '"""notes"""', '"""Which crew comes?\n\nThe nearest.\n"""'),
    ],
)
def test_the_rules_can_fail(rule: Callable[[Module], Iterator[str]], bad: str, good: str):
    assert list(rule(parse(bad)))
    assert not list(rule(parse(good)))


def test_a_refused_file_name_is_seen():
    assert refused_file("dispatch/domain/utils.py")
    assert not refused_file("dispatch/domain/service_policy.py")

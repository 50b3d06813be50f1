"""Does every module of the domain, the actions and the queries have its test where one looks?"""

from __future__ import annotations

from pathlib import PurePath

from tests.architecture.sources import expect_none, files

MIRRORED = ("dispatch/domain/", "dispatch/actions/", "dispatch/queries/")


def untested(paths: tuple[str, ...]) -> list[str]:
    wanted = [
        PurePath(path)
        for path in paths
        if path.startswith(MIRRORED) and path.endswith(".py") and not path.endswith("__init__.py")
    ]
    tests = {
        path: str(PurePath("tests", *path.parts[1:-1], f"test_{path.name}")) for path in wanted
    }
    return [f"{path}: write {test}" for path, test in tests.items() if test not in paths]


def test_each_module_has_its_test():
    expect_none(untested(files()))


def test_the_rule_can_fail():
    module, test = "dispatch/domain/clocks.py", "tests/domain/test_clocks.py"
    assert untested((module,)) == [f"{module}: write {test}"]
    assert untested((module, test)) == []

"""Which files are ours, and what do they say, for the tests of the house rules?"""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
CODE = ("dispatch", "tests", "bench", "tools", "migrations", "wsgi.py")


@dataclass(frozen=True)
class Module:
    """One Python file: its path inside the repository and its syntax tree."""

    path: str
    tree: ast.Module


@cache
def files() -> tuple[str, ...]:
    """Return the path of every file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    return tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))


def ours(*endings: str) -> list[str]:
    """Return our own files with these endings, third-party code left out."""
    return [
        name
        for name in files()
        if name.endswith(endings) and not name.startswith(("static/vendor/", "static/vendor-src/"))
    ]


def text(path: str) -> str:
    """Return what a file of the repository says."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def modules(*tops: str) -> tuple[Module, ...]:
    """Return the parsed Python files below some folders or with exactly these paths."""
    inside = tuple(f"{top}/" for top in tops)
    return tuple(
        parse(text(name), name)
        for name in files()
        if name.endswith(".py") and (name.startswith(inside) or name in tops)
    )


def parse(source: str, path: str = "dispatch/made_up.py") -> Module:
    """Parse a source; a made-up one shows that a rule can fail."""
    return Module(path, ast.parse(source))


def faults(rule: Callable[[Module], Iterator[str]], checked: tuple[Module, ...]) -> list[str]:
    """Apply a rule to modules and name each place where it is broken."""
    assert checked, "there is nothing to check: have the folders moved?"
    return [f"{module.path}:{fault}" for module in checked for fault in rule(module)]


def expect_none(found: list[str]) -> None:
    """Fail with one line for each fault."""
    assert not found, "\n" + "\n".join(found)


def names_of(node: ast.AST) -> str:
    """Return a dotted expression as text, `a.b` for example; an empty text for others."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{names_of(node.value)}.{node.attr}"
    return ""

"""Is every message there in both languages, with the same placeholders?"""

from __future__ import annotations

import ast
import io
import re
from functools import cache
from typing import TYPE_CHECKING

from babel.messages.pofile import read_po

from tests.architecture.sources import Module, expect_none, faults, modules, names_of, parse
from tools.catalogue import (
    KEYWORDS,
    PO,
    compile_catalogue,
    extract,
    extract_js,
    read,
    untranslated,
    update,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages import Catalog

# These word what was said elsewhere, so they are handed a variable.
WORDING = (
    "dispatch/domain/sentences.py",
    "dispatch/web/",
    "dispatch/app.py",
    "dispatch/refusals.py",
)


@cache
def said() -> Catalog:
    return extract()


def texts(message: object) -> list[str]:
    return [str(part) for part in message] if isinstance(message, tuple | list) else [str(message)]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]?", text))


def different_placeholders(catalog: Catalog) -> list[str]:
    return [
        f"{texts(message.id)[0]!r} ≠ {chinese!r}"
        for message in catalog
        for chinese in texts(message.string)
        if chinese and placeholders(chinese) != placeholders(texts(message.id)[-1])
    ]


def not_literal(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and node.args and names_of(node.func) in KEYWORDS:
            first = node.args[0]
            if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                yield f"{node.lineno}: {names_of(node.func)}(…) needs its text as one literal"


def test_every_message_is_in_chinese():
    catalog = update(said(), read(), {})
    assert len(catalog) > 50
    expect_none(untranslated(catalog))


def test_no_translation_is_left_over():
    known = {texts(message.id)[0] for message in read() if message.id}
    expect_none(sorted(known - {texts(message.id)[0] for message in said() if message.id}))


def test_the_placeholders_are_the_same_in_both_languages():
    expect_none(different_placeholders(read()))


def test_the_compiled_catalogue_is_fresh():
    assert PO.with_suffix(".mo").read_bytes() == compile_catalogue(read()), "run: make messages"


def test_every_text_is_a_literal_that_the_extractor_can_see():
    checked = tuple(m for m in modules("dispatch") if not m.path.startswith(WORDING))
    expect_none(faults(not_literal, checked))


def test_browser_messages_are_found_inside_nested_templates():
    source = """html`<p>${rows.map((r) => html`<b title=${t("A " +
        'b', {})}>${n("one", "%(n)s", 3)} ${at("no")} ${t(name)}</b>`)}</p>`"""
    found = list(extract_js(io.BytesIO(source.encode()), KEYWORDS, (), {}))
    assert [(name, message) for _, name, message, _ in found] == [
        ("t", "A b"),
        ("n", ("one", "%(n)s")),
    ]


def test_the_rules_can_fail():
    made_up = 'msgid "%(a)s of %(b)s"\nmsgstr "%(a)s"\n\nmsgid "c"\nmsgstr ""\n'
    catalog = read_po(io.BytesIO(made_up.encode()), locale="zh_CN")
    assert different_placeholders(catalog) == ["'%(a)s of %(b)s' ≠ '%(a)s'"]
    assert untranslated(catalog) == ["c"]
    assert list(not_literal(parse("say(f'{a}')")))
    assert not list(not_literal(parse("say('a', b=c)")))

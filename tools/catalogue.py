"""Which messages does the program say, and is each of them there in Chinese?

`python -m tools.catalogue [FRAGMENT.json …]` brings the catalogue up to date, takes in
translations from `{"English": "中文"}` files, compiles, and names what is still missing.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from dispatch.domain.definitions import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

ROOT = Path(__file__).parents[1]
TRANSLATIONS = ROOT / "dispatch" / "translations"
PO = TRANSLATIONS / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
# A date that changes with each run would make every change to the catalogue collide.
DATED = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "say": None,
    "t": None,
    "n": (1, 2),
}
_STRING = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
_TEXT = rf"({_STRING}(?:\s*\+\s*{_STRING})*)"
_JS_CALL = re.compile(rf"(?<![\w$])(t|n)\(\s*{_TEXT}(?:\s*,\s*{_TEXT})?")


def extract_js(
    file: BinaryIO,
    _keywords: Any,
    _comment_tags: Any,
    options: Any,  # noqa: ARG001  Babel hands it over by name
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield Babel's tuples for each `t("…")` and `n("…", "…", count)` in a browser module.

    Babel's own JavaScript lexer loses its way in nested template strings, which htm is made of.
    """
    source = file.read().decode()
    for call in _JS_CALL.finditer(source):
        texts = [_join(text) for text in call.groups()[1:] if text]
        line = source.count("\n", 0, call.start()) + 1
        yield line, call[1], tuple(texts) if call[1] == "n" else texts[0], []


def _join(literals: str) -> str:
    found = re.findall(_STRING, literals)
    return "".join(str(ast.literal_eval(literal)) for literal in found)


def extract(root: Path = ROOT) -> Catalog:
    """Collect every message that the program can say."""
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    catalog = _new()
    for top in ("dispatch", "static"):
        for name, line, message, comments, _ in extract_from_dir(
            root / top,
            [(pattern.removeprefix(f"{top}/"), method) for pattern, method in methods],
            {pattern.removeprefix(f"{top}/"): value for pattern, value in options.items()},
            keywords=KEYWORDS,
            directory_filter=lambda folder: Path(folder).name not in {"vendor", "vendor-src"},
        ):
            catalog.add(message, None, [(f"{top}/{name}", line)], auto_comments=comments)
    for figure in DEFINITIONS.values():
        file = figure.place.rpartition(".")[0].replace(".", "/")
        catalog.add(figure.words.text, None, [(f"{file}.py", 0)])
    return catalog


def _new() -> Catalog:
    return Catalog(
        locale="zh_CN", project="OneVisit", version="1", copyright_holder="OneVisit",
        msgid_bugs_address="-",
        header_comment="# The Chinese of OneVisit.", creation_date=DATED, revision_date=DATED,
        last_translator="OneVisit", language_team="OneVisit", fuzzy=False,
    )  # fmt: skip


def read(path: Path = PO) -> Catalog:
    """Read the committed translations; an absent file holds none."""
    if not path.exists():
        return _new()
    with path.open("rb") as file:
        return read_po(file, locale="zh_CN")


def update(catalog: Catalog, known: Catalog, fragments: Mapping[str, str]) -> Catalog:
    """Give each extracted message its translation, from the fragments first."""
    for message in catalog:
        if not message.id:
            continue
        singular = message.id[0] if isinstance(message.id, tuple) else message.id
        text = fragments.get(singular)
        if text is not None:
            message.string = (text,) if isinstance(message.id, tuple) else text
        elif (old := known.get(message.id)) is not None:
            message.string = old.string
    return catalog


def compile_catalogue(catalog: Catalog) -> bytes:
    """Return the binary form that gettext reads."""
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """Name the messages that have no Chinese yet."""
    found = []
    for message in catalog:
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and not all(texts):
            found.append(message.id[0] if isinstance(message.id, tuple) else message.id)
    return found


def main(fragment_names: list[str]) -> int:
    """Bring the catalogue up to date and report what is missing."""
    fragments: dict[str, str] = {}
    for name in fragment_names:
        fragments |= json.loads(Path(name).read_text(encoding="utf-8"))
    catalog = update(extract(), read(), fragments)
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, include_lineno=False)
    PO.with_suffix(".mo").write_bytes(compile_catalogue(read()))
    missing = untranslated(catalog)
    sys.stdout.write(f"{len(catalog)} messages, {len(missing)} without Chinese\n")
    sys.stdout.writelines(f"  {text}\n" for text in missing)
    unused = sorted(
        set(fragments) - {m.id[0] if isinstance(m.id, tuple) else m.id for m in catalog}
    )
    sys.stdout.writelines(f"  in a fragment, never said: {text}\n" for text in unused)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

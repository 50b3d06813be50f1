"""Would the repository mean the same on any machine, and do its pages lead somewhere?"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from tests.architecture.sources import ROOT, expect_none, files, text

# One letter of each stands in brackets, so that this file does not name what it looks for.
FOREIGN = re.compile(
    r"[p]ypi\.org|[p]ythonhosted\.org|[r]egistry\.(?:npmjs|yarnpkg)|[n]pmmirror\.com"
    r"|[d]eb\.debian\.org|(?<![\w.])/(?:[w]ork|[r]oot|[h]ome)/\w|/[o]pt/(?:pypi|wheels)"
    r"|[f]ile:///[a-z]"
)
LINK = re.compile(r"""\]\(\s*<?([^)\s>]+)|(?:src|href)="([^"]+)\"""")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def addresses(name: str, source: str) -> list[str]:
    return [
        f"{name}:{number}: {found[0]}"
        for number, line in enumerate(source.splitlines(), 1)
        for found in FOREIGN.finditer(line)
    ]


def readable(path: str) -> str | None:
    content = (ROOT / path).read_bytes()
    return None if b"\0" in content else content.decode(errors="replace")


def anchors(page: str) -> set[str]:
    without_code = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    titles = [re.sub(r"[`*_]|\[|\]\([^)]*\)", "", title) for title in HEADING.findall(without_code)]
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    return slugs | set(re.findall(r'(?:id|name)="([^"]+)"', page))


def dead_links(name: str, page: str, root: Path = ROOT) -> list[str]:
    found = []
    without_code = re.sub(r"```.*?```|`[^`\n]*`", "", page, flags=re.DOTALL)
    for groups in LINK.findall(without_code):
        link = unquote(groups[0] or groups[1])
        if re.match(r"[a-z]+:|//", link):
            continue
        path, _, anchor = link.partition("#")
        target = root / PurePosixPath(name).parent / path if path else root / name
        if not target.exists():
            found.append(f"{name}: {link} leads nowhere")
        elif anchor and target.suffix == ".md":
            content = target.read_text(encoding="utf-8") if path else page
            if anchor not in anchors(content):
                found.append(f"{name}: {link} names no heading")
    return found


def test_no_file_names_a_registry_or_a_folder_of_one_machine():
    found = []
    for name in files():
        source = readable(name)
        if source is not None:
            found += addresses(name, source)
    expect_none(found)


def test_every_link_between_pages_leads_somewhere():
    pages = [name for name in files() if name.endswith(".md")]
    assert pages
    expect_none([fault for name in pages for fault in dead_links(name, text(name))])


def test_every_locked_dependency_has_its_hash():
    for name in ("requirements.lock", "requirements-dev.lock"):
        entries = re.split(r"\n(?=\S)", text(name).strip())
        pinned = [entry for entry in entries if not entry.startswith("#")]
        assert len(pinned) > 10
        expect_none([e for e in pinned if "==" not in e or "--hash=sha256:" not in e])


def test_the_rules_can_fail(tmp_path: Path):
    assert addresses("a", "see https://" + "pypi" + ".org/x") == ["a:1: pypi" + ".org"]
    assert addresses("a", "cd /wo" + "rk/main")
    assert not addresses("a", "the network/work day")
    (tmp_path / "there.md").write_text("# A heading, `with` code\n", encoding="utf-8")
    good = "[x](there.md) [y](there.md#a-heading-with-code) [z](https://example.org/none)"
    assert dead_links("page.md", good, tmp_path) == []
    bad = "[x](gone.md) [y](there.md#other)"
    assert len(dead_links("page.md", bad, tmp_path)) == 2

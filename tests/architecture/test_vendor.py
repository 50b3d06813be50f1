"""Is the committed browser code of others exactly what the build script wrote?"""

import hashlib
import json
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
VENDOR = STATIC / "vendor"
SOURCE = STATIC / "vendor-src"


def recorded_hashes() -> dict[str, str]:
    hashes: dict[str, str] = json.loads((VENDOR / "HASHES.json").read_text(encoding="utf-8"))
    return hashes


def test_every_vendored_file_has_its_recorded_hash():
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "HASHES.json"
    }
    assert found == recorded_hashes()


def test_every_entry_was_built_and_nothing_else():
    entries = {path.name for path in (SOURCE / "entries").iterdir()}
    built = {name for name in recorded_hashes() if not name.endswith(".txt")}
    assert built == entries


def test_the_lock_file_holds_hashes_and_no_addresses():
    text = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert "://" not in text
    assert all(entry.get("integrity") for name, entry in packages.items() if name)


def test_every_locked_version_is_the_one_asked_for():
    asked = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    lock = json.loads((SOURCE / "package-lock.json").read_text(encoding="utf-8"))
    locked = {name: lock["packages"][f"node_modules/{name}"]["version"] for name in asked}
    assert locked == asked


def test_the_licence_of_every_bundled_library_is_kept():
    licences = (VENDOR / "LICENCES.txt").read_text(encoding="utf-8")
    named = set(re.findall(r"^(\S+) \d\S* \(\S+\)$", licences, flags=re.MULTILINE))
    assert {"preact", "htm", "ol", "gcoord", "echarts", "zrender", "idb", "rapidoc"} <= named


def test_vendored_modules_evaluate_no_strings():
    """`script-src 'self'` refuses eval; RapiDoc's one call sits in a guarded fallback."""
    calls = re.compile(r"\bnew Function\(|(?<![\w.])eval\(")
    counts = {
        path.name: len(calls.findall(path.read_text("utf-8"))) for path in VENDOR.glob("*.js")
    }
    assert {name for name, count in counts.items() if count} <= {"rapidoc.js"}

"""Do the shared colours keep their contrast, and do all screens draw a state the same way?"""

import itertools
import re
from pathlib import Path

import pytest

from dispatch.domain.ticket_state import TicketState

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / "static" / "shared"
TEMPLATES = ROOT / "dispatch" / "templates"
TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TONES = ("good", "warn", "danger", "info", "hold", "accent")
READABLE, VISIBLE = 4.5, 3.0


def luminance(colour: str) -> float:
    """Return WCAG 2.2 relative luminance of #rrggbb, 0 to 1."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def tokens(theme: str) -> dict[str, str]:
    found = TOKEN.findall((SHARED / "tokens.css").read_text(encoding="utf-8"))
    return {name: light if theme == "light" else dark for name, light, dark in found}


GROUNDS = ("ground", "surface", "sunken", "raised", "hover", "accent-soft")
PAIRS = [
    *((text, ground, READABLE) for text in ("text", "text-muted") for ground in GROUNDS),
    *((tone, ground, READABLE) for tone in TONES for ground in (f"{tone}-soft", *GROUNDS)),
    *(("text", f"{tone}-soft", READABLE) for tone in TONES),
    ("text-on-accent", "accent", READABLE),
    ("text-on-accent", "accent-strong", READABLE),
    ("text-on-accent", "danger-fill", READABLE),
    ("accent-strong", "accent-soft", READABLE),
    *(("line-strong", ground, VISIBLE) for ground in ("ground", "surface", "raised")),
    *((f"stage-{stage}", "ground", VISIBLE) for stage in ("dispatch", "acknowledge", "turnout")),
    *((f"stage-{stage}", "ground", VISIBLE) for stage in ("travel", "locate", "repair")),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_pair_in_use_keeps_its_contrast(theme):
    colours = tokens(theme)
    short = {
        f"{front} on {back}": round(contrast(colours[front], colours[back]), 2)
        for front, back, least in PAIRS
        if contrast(colours[front], colours[back]) < least
    }
    assert short == {}


def test_no_type_is_smaller_than_13_pixels_on_the_console_and_17_on_the_phone():
    css = (SHARED / "tokens.css").read_text(encoding="utf-8")
    sizes = [float(size) * 16 for size in re.findall(r"--text-s: ([\d.]+)rem", css)]
    console, phone, resident = sizes
    assert (console, phone, resident) == (13, 17, 16)


def looks_in(path: Path, opening: str) -> dict[str, list[str]]:
    body = path.read_text(encoding="utf-8").split(opening, 1)[1].split("}", 1)[0]
    rows = re.findall(r'"?(\w+)"?: [(\[]"([\w-]+)", "([\w-]+)"', body)
    return {state: [tone, icon] for state, tone, icon in rows}


def test_pages_and_islands_draw_every_ticket_state_alike():
    in_pages = looks_in(TEMPLATES / "macros.html", "STATE_LOOKS = {")
    assert in_pages == looks_in(SHARED / "icon.js", "STATE_LOOKS = {")
    assert set(in_pages) == set(TicketState)


def test_no_two_ticket_states_are_told_apart_by_colour_alone():
    icons = [icon for _, icon in looks_in(SHARED / "icon.js", "STATE_LOOKS = {").values()]
    assert len(set(icons)) == len(icons)


def test_every_icon_asked_for_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (SHARED / "icons.svg").read_text("utf-8")))
    own = (path for path in (ROOT / "static").rglob("*.js") if "vendor" not in str(path))
    asked = {
        name
        for path in itertools.chain(TEMPLATES.rglob("*.html"), own)
        for name in re.findall(r'\bicon\("([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    looks = {icon for _, icon in looks_in(SHARED / "icon.js", "STATE_LOOKS = {").values()}
    assert (asked | looks) - sprite == set()


def test_pages_hold_no_inline_script_style_or_event_attribute():
    inline = re.compile(
        r"<style\b|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)(?![^>]*json)", re.IGNORECASE
    )
    found = {
        path.name: inline.findall(path.read_text(encoding="utf-8"))
        for path in TEMPLATES.rglob("*.html")
    }
    assert {name: hits for name, hits in found.items() if hits} == {}

"""How are the pictures in docs/screens taken? From a running demo, by the system's Chromium."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parent.parent / "docs" / "screens"
WIDE, ROOMY, TALL, NARROW = (1440, 900), (1440, 1050), (1440, 1400), (390, 844)
SMALL = (360, 740)
"""The narrowest phone that crews have."""
COLOURS = 256
SETTLE_MS = 2_000
WAIT_SECONDS = 120
PAUSE_SECONDS = 1
FROST, FEW_CREWS = "3.5", "5"
STANDARD = 3
"""The level from which on a ticket is no emergency."""
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}
BROWSER: dict[str, Any] = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}


@dataclass(frozen=True)
class Screen:
    """One surface: who looks at which address, on what size of screen."""

    name: str
    role: str | None
    path: str
    size: tuple[int, int] = WIDE
    prepare: Callable[[Page], None] | None = None


EXPORTS = "/circle/exports?file=rows.xlsx&from=2015-01-01&to=2015-12-31"
HEXAGONS = "/circle/map?from=2015-01-01&to=2015-12-31&shape=hex1000&figure=demand"
KIND = "no_water"
"""A kind of fault for which every crew has the skill."""

FAULT = {
    "category": KIND,
    "description": "No water since this morning",
    "address": "1100 block of Centre St, Jamaica Plain",
    "place": {"lat": 42.302, "lon": -71.128, "datum": "wgs84"},
}
NEIGHBOUR = {"phone": "6175550172", "address": "1100 block of Centre"}
"""Who calls about the same fault a moment later."""


@contextlib.contextmanager
def running_demo() -> Iterator[dict[str, Any]]:
    """Start the demo on a free port and yield what it printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "dispatch", "demo", "--city", "boston", "--port", str(port)]
    words += ["--speed", "6", "--json"]
    demo = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        line = demo.stdout.readline() if demo.stdout else ""
        if not line:
            demo.wait(timeout=30)
            raise RuntimeError(f"The demo ended before its city was up, with {demo.returncode}.")
        yield json.loads(line)
    finally:
        demo.terminate()
        demo.wait(timeout=30)


def signed_in(browser: Browser, demo: dict[str, Any], screen: Screen, **options: Any) -> Page:
    """Open a page of a new browser, signed in as the role of a screen."""
    width, height = screen.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=demo["url"], **options
    )
    page = context.new_page()
    if screen.role is not None:
        account = next(each for each in demo["sign_ins"] if each["role"] == screen.role)
        page.goto("/sign-in")
        page.fill("input[name=name]", account["name"])
        page.fill("input[name=password]", account["password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def wait_for(what: str, find: Callable[[], Any], seen: Callable[[], str] = str) -> Any:
    """Ask again until something is found.

    Raises:
        TimeoutError: says what was waited for, and what was seen instead at the end.
    """
    end = time.monotonic() + WAIT_SECONDS
    while not (found := find()):
        if time.monotonic() >= end:
            raise TimeoutError(f"Waited {WAIT_SECONDS} s in vain for {what}. {seen()}".strip())
        time.sleep(PAUSE_SECONDS)
    return found


def links_to_show(browser: Browser, demo: dict[str, Any]) -> dict[str, str]:
    """Report a fault as a resident, set off as a crew; return what the pictures then show."""
    resident = signed_in(browser, demo, Screen("", None, ""))
    answer = resident.request.post("/api/v1/reports", data=FAULT)
    if not answer.ok:
        raise RuntimeError(f"The demo refused our report of a fault: {answer.text()}")
    reported = answer.json()
    ours = reported["ticket"]["number"]
    desk = signed_in(browser, demo, Screen("", "dispatcher", ""))
    crew = signed_in(browser, demo, Screen("", "crew", "/crew"))

    def crews_first() -> str | None:
        crew.goto("/crew")
        first = crew.locator(".day-ticket").first
        return first.get_attribute("data-number") if first.count() else None

    number = wait_for("a ticket on the page of the crew that signs in", crews_first)
    crew.goto(f"/crew/{number}")
    for _ in range(2):
        crew.locator(".next-step form button").click()
        crew.wait_for_load_state()
    driven_to = wait_for(
        f"a crew to drive to {ours}",
        lambda: on_the_road(desk, ours, but=number),
        lambda: f"It is in the state “{state_of(desk, ours)}”.",
    )
    return {"ticket": driven_to, "crew_ticket": number, "track": reported["report"]["track_url"]}


def on_the_road(desk: Page, number: str, *, but: str) -> str | None:
    """Return the ticket, `but` for one, to which a crew drives longest, once one drives to ours."""
    found = desk.request.get("/api/v1/tickets?open=1&state=en_route&limit=100").json()["tickets"]
    found = [ticket for ticket in found if ticket["number"] != but]
    if all(ticket["number"] != number for ticket in found):
        return None
    longest = max(found, key=lambda ticket: (ticket["level"] < STANDARD, eta_of(ticket)))
    return str(longest["number"])


def state_of(desk: Page, number: str) -> str:
    """Return the state of a ticket as the desk reads it."""
    return str(desk.request.get(f"/api/v1/tickets/{number}").json()["state"])


def eta_of(ticket: dict[str, Any]) -> str:
    """Return when the crew of a ticket is expected, as it is written."""
    return max((visit["eta_at"] or "" for visit in ticket["visits"]), default="")


def type_a_call(page: Page) -> None:
    """Fill the form of a call as far as a call-taker has after half a minute."""
    page.fill("#call-phone", NEIGHBOUR["phone"])
    page.fill("#call-address", NEIGHBOUR["address"])
    page.locator("#call-places [role=option]").first.wait_for()
    page.press("#call-address", "Enter")
    page.locator(f"label.kind:has(input[value={KIND}])").click()
    page.fill("#call-description", "Not a drop on our floor either")
    page.locator(".grid-eta").first.wait_for()
    page.locator(".likely > li").first.wait_for()


def rehearse_friday(page: Page) -> None:
    """Ask what two more crews on a frosty Friday evening would change for few; await the answer."""
    page.locator(".ideas a").first.click()
    page.wait_for_url(lambda url: "extra_crews" in url)
    page.select_option("[name=frost]", FROST)
    page.select_option("[name=staffing]", "around_the_clock")
    page.fill("[name=crews]", FEW_CREWS)
    page.fill("[name=frost_day]", page.input_value("[name=extra_day]"))
    page.fill("[name=frost_hour]", "12")
    page.fill("[name=frost_hours]", "12")
    page.locator("#rehearsal-form button.primary").click()
    page.locator(".answer").wait_for(timeout=WAIT_SECONDS * 1_000)


def make_file(page: Page) -> None:
    """Ask for the file that is offered, await it, and ask for another one."""
    offer = page.url
    page.locator(".export-offer button.primary").click()
    page.locator(".export-list a.primary").wait_for(timeout=WAIT_SECONDS * 1_000)
    page.goto(offer.replace("rows.xlsx", "rows.csv"))
    page.locator("html[data-ready=exports]").wait_for(state="attached")


def mend_details(page: Page) -> None:
    """Open the form in which the desk mends what a ticket says."""
    page.locator(".ticket-title").wait_for()
    page.keyboard.press("d")
    page.locator("dialog[open] select[name=category]").wait_for()


def pick_three(page: Page) -> None:
    """Pick three tickets of the list by keys."""
    page.locator(".queue-row").nth(3).wait_for()
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    page.locator(".pick-bar").wait_for()


def search_everything(page: Page) -> None:
    """Look for a place in the palette."""
    page.locator(".queue-row").first.wait_for()
    page.keyboard.press("Control+k")
    page.keyboard.type("Centre")
    page.locator("dialog[open] [role=option]").nth(2).wait_for()


def show_keys(page: Page) -> None:
    """Open the sheet of shortcuts."""
    page.locator(".queue-row").first.wait_for()
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()


def wait_for_map(page: Page) -> None:
    """Wait until the map of the circle is drawn."""
    page.locator("html[data-map=ready]").wait_for()


def choose_grid(page: Page) -> None:
    """Show which households of a grid nobody visited for longest."""
    page.select_option("[name=grid]", index=1)
    page.locator("form.filters button").click()
    page.locator(".offers input").first.wait_for()


def work_offline(page: Page) -> None:
    """Cut a crew's phone off, end a stop of its round, take its ticket; show what waits."""
    number = page.locator(".day-ticket").last.get_attribute("data-number")
    page.locator("html[data-today=kept]").wait_for(state="attached")
    page.context.set_offline(True)
    page.goto("/crew/round")
    page.locator(".next-step button").click()
    page.locator("#round [data-queued] .badge").first.wait_for()
    page.goto(f"/crew/{number}")
    page.locator("html[data-laid]").wait_for(state="attached")
    page.locator(".next-step button").click()
    page.locator("#queued").wait_for()
    page.goto("/crew/unsent")
    page.locator("[data-waiting] li").first.wait_for()


def sign(page: Page) -> None:
    """Open the box for a resident's signature and sign in it."""
    page.locator("[data-sign-open]").click()
    place = page.locator(".sign-paper").bounding_box()
    if place is None:
        raise RuntimeError("The box for the signature is not to be seen.")
    left, top, width, height = (place[name] for name in ("x", "y", "width", "height"))
    strokes = ((0.2, 0.6), (0.3, 0.3), (0.38, 0.65), (0.5, 0.4), (0.58, 0.6), (0.8, 0.5))
    page.mouse.move(left + strokes[0][0] * width, top + strokes[0][1] * height)
    page.mouse.down()
    for x, y in strokes[1:]:
        page.mouse.move(left + x * width, top + y * height, steps=8)
    page.mouse.up()
    page.locator("[data-sign-keep]:enabled").wait_for()


def switch_storm_on(page: Page) -> None:
    """Switch storm mode on for the whole city, unless it is on, and wait for its places."""
    if not page.locator(".storm-on").count():
        page.select_option("[name=kind]", "burst_main")
        page.fill("[name=reason]", "Main of 600 mm burst at Jackson Square")
        page.locator(".storm-switch button.primary").click()
    page.locator("#storm-places .storm-skeleton").wait_for(state="detached")


SCREENS = (
    Screen("desk", "dispatcher", "/desk?ticket={ticket}"),
    Screen("track", None, "{track}", NARROW),
    Screen("desk-details", "dispatcher", "/desk?ticket={ticket}", prepare=mend_details),
    Screen("desk-phone", "dispatcher", "/desk", NARROW),
    Screen("call", "call_taker", "/desk/call", ROOMY, prepare=type_a_call),
    *(
        Screen(f"{name}{ending}", "crew", path, size, prepare=prepare)
        for ending, size in (("", NARROW), ("-360", SMALL))
        for name, path, prepare in (
            ("crew", "/crew", None),
            ("crew-ticket", "/crew/{crew_ticket}", None),
            ("crew-round", "/crew/round", None),
            ("crew-unsent", "/crew", work_offline),
            ("crew-signature", "/crew/{crew_ticket}", sign),
        )
    ),
    Screen("phones", "dispatcher", "/desk/phones"),
    Screen("phones-phone", "dispatcher", "/desk/phones", NARROW),
    Screen("rounds", "dispatcher", "/desk/rounds", ROOMY, prepare=choose_grid),
    Screen("board", "dispatcher", "/desk/board"),
    Screen("board-phone", "dispatcher", "/desk/board", NARROW),
    Screen("wall", "dispatcher", "/desk?wall=1"),
    Screen("bulk", "dispatcher", "/desk", prepare=pick_three),
    Screen("palette", "dispatcher", "/desk", prepare=search_everything),
    Screen("keys", "dispatcher", "/desk", prepare=show_keys),
    Screen("coverage", "dispatcher", "/desk?coverage=1"),
    Screen("replay", "dispatcher", "/desk?replay=1"),
    Screen("work-order", "dispatcher", "/desk/tickets/{ticket}/work-order", ROOMY),
    Screen("follow-ups", "dispatcher", "/desk/follow-ups"),
    Screen("handover", "dispatcher", "/desk/handover"),
    Screen("notices", "dispatcher", "/desk/notices/new", TALL),
    Screen("alerts", "dispatcher", "/alerts"),
    Screen("rectification", "manager", "/circle/rectification"),
    Screen("findings", "manager", "/circle/findings", ROOMY),
    Screen("report", None, "/report", NARROW),
    Screen("circle", "manager", "/circle", TALL),
    Screen("circle-phone", "manager", "/circle", NARROW),
    Screen("circle-map", "manager", "/circle/map?last=30", prepare=wait_for_map),
    Screen("circle-map-wall", "manager", "/circle/map?wall=1&last=30", prepare=wait_for_map),
    Screen("circle-hexagons", "manager", HEXAGONS, prepare=wait_for_map),
    *(
        Screen(f"circle-{name}", "manager", f"/circle/{name}?last=30", TALL)
        for name in ("returns", "problems", "responsibility", "ranking")
    ),
    Screen("exports", "manager", EXPORTS, ROOMY, prepare=make_file),
    Screen("rehearsal-ask", "manager", "/circle/rehearsals", TALL),
    Screen("rehearsal", "manager", "/circle/rehearsals", TALL, prepare=rehearse_friday),
    Screen("rehearsal-phone", "manager", "/circle/rehearsals", NARROW, prepare=rehearse_friday),
    Screen("admin", "administrator", "/admin"),
    Screen("grids", "administrator", "/admin/grids/draw?kind=split&grid=1", ROOMY),
    Screen("policy", "administrator", "/admin/policy"),
    Screen("sign-in", None, "/sign-in"),
    Screen("storm", "manager", "/desk/storm", TALL, prepare=switch_storm_on),
    Screen("storm-phone", "manager", "/desk/storm", NARROW),
)
"""In this order: storm mode, once on, shows on every page."""


def take(browser: Browser, demo: dict[str, Any], links: dict[str, str], screen: Screen) -> None:
    """Take one surface in both languages, light and dark."""
    for language, locale in LANGUAGES.items():
        for theme in ("light", "dark"):
            page = signed_in(browser, demo, screen, locale=locale, color_scheme=theme)
            page.goto(screen.path.format(**links))
            if screen.prepare is not None:
                screen.prepare(page)
            if screen.role == "crew":
                page.locator("[data-queue]:not([hidden])").wait_for()
            page.wait_for_timeout(SETTLE_MS)
            ending = "" if theme == "light" else "-dark"
            save(page.screenshot(), FOLDER / f"{screen.name}-{language}{ending}.png")
            page.context.close()


def save(picture: bytes, path: Path) -> None:
    """Keep a picture in few colours: a third of its bytes, and a page looks the same."""
    drawn = Image.open(io.BytesIO(picture)).convert("RGB")
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Take every picture; a name on the command line narrows it to that surface."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = set(sys.argv[1:])
    with running_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(headless=True, **BROWSER)
        links = links_to_show(browser, demo)
        for screen in SCREENS:
            if not wanted or screen.name in wanted:
                take(browser, demo, links, screen)
        browser.close()


if __name__ == "__main__":
    main()

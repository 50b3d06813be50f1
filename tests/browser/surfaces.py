"""Which pages are there to look at, who sees them, and what must be on them first?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.models.base import db
from dispatch.models.tickets import Report
from tests.browser.call_scenes import show_caller, show_danger, show_suggestions
from tests.browser.conftest import PHONE, WIDE
from tests.browser.crew_scenes import open_signature, show_unsent
from tests.browser.export_scenes import ask_for_file
from tests.browser.phone_scenes import show_code, show_people, show_revoked

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


@dataclass(frozen=True)
class Surface:
    """A page: its name, who looks, where, on what screen, and what shows that it is ready."""

    name: str
    role: str | None
    path: str
    ready: str = "main"
    viewport: tuple[tuple[str, int], ...] = tuple(WIDE.items())
    then: Callable[[Page], None] | None = None


def _turn_to_board(page: Page) -> None:
    """Turn the wall on to its board and hold it there."""
    page.locator(".wall-head button[aria-pressed]").click()
    for _ in range(2):
        page.locator(".wall-head .push + button").click()
    page.locator("html[data-board=ready]").wait_for(state="attached")


def open_kit(page: Page) -> None:
    """Open every part of the lists and forms of a ticket."""
    page.locator("details.kit-part").evaluate_all(
        "(parts) => parts.forEach((part) => part.open = true)"
    )


HAND = tuple(PHONE.items())
OFFER = "/circle/exports?file=rows.xlsx&last=30"
SURFACES = (
    Surface("desk", "dispatcher", "/desk?ticket=W000002", "html[data-map=ready] .story"),
    Surface("desk, wall", "dispatcher", "/desk?wall=1", ".wall-figure"),
    Surface("desk, wall in the hand", "dispatcher", "/desk?wall=1", ".wall-figure", HAND),
    Surface("desk, filtered", "dispatcher", "/desk?level=1,2&phone=1", ".token"),
    Surface("desk, request", "dispatcher", "/desk?ticket=W000007", "html[data-map=ready] .tasks"),
    Surface(
        "desk, wall's board", "dispatcher", "/desk?wall=1", ".wall-figure", then=_turn_to_board
    ),
    Surface("desk, replay", "dispatcher", "/desk?replay=1", ".replay-time"),
    Surface("board, a past day", "dispatcher", "/desk/board?day=2026-01-05", ".board-other-day"),
    Surface("board", "dispatcher", "/desk/board?ticket=W000002", "html[data-board=ready] .bar"),
    Surface("coverage", "dispatcher", "/desk?coverage", "html[data-map=ready] .coverage-row"),
    Surface("work order", "dispatcher", "/desk/tickets/W000002/work-order", ".qr svg"),
    Surface("call", "call_taker", "/desk/call", "html[data-ready]"),
    Surface("call, caller", "call_taker", "/desk/call", "html[data-ready]", then=show_caller),
    Surface("call, danger", "call_taker", "/desk/call", "html[data-ready]", then=show_danger),
    Surface("call, places", "call_taker", "/desk/call", "html[data-ready]", then=show_suggestions),
    Surface("follow-ups", "call_taker", "/desk/follow-ups", "html[data-ready]"),
    Surface("follow-up call", "call_taker", "/desk/follow-ups?call=1", ".call-card"),
    Surface("storm", "dispatcher", "/desk/storm", "html[data-storm=ready]"),
    Surface("storm, switch", "manager", "/desk/storm", "html[data-storm=ready]"),
    Surface("handovers", "dispatcher", "/desk/handover", "#before-head"),
    Surface("handover", "dispatcher", "/desk/handover/1", "html[data-ready]"),
    Surface("audit calls", "manager", "/circle/audit-calls", "html[data-ready]"),
    Surface("rectification", "manager", "/circle/rectification", "table"),
    Surface("rectification of one", "manager", "/circle/rectification/1", ".timeline"),
    Surface("findings", "manager", "/circle/findings", "table"),
    Surface("disputes", "manager", "/circle/disputes", "table"),
    Surface("dispute", "manager", "/circle/disputes/1", "#decide-head"),
    Surface(
        "desk, held", "dispatcher", "/desk?ticket=W000004", "html[data-map=ready] .pinned-note"
    ),
    Surface("circle", "manager", "/circle", "#promise"),
    Surface("circle, by weekday", "manager", "/circle?storm=0&by=day", "#broken"),
    Surface("circle, wall", "manager", "/circle?wall=1&last=7", "#promise"),
    Surface("circle, tickets", "manager", "/circle/tickets?promise=all", "main"),
    Surface("ranking", "manager", "/circle/ranking", "#crews"),
    Surface("circle, map", "manager", "/circle/map?over=days", "html[data-map=ready]"),
    Surface("circle, hexagons", "manager", "/circle/map?shape=hex500", "html[data-map=ready]"),
    Surface("circle, cell", "manager", "/circle/map/tickets?cell=West", "main"),
    Surface("circle, nothing", "manager", "/circle?from=2020-01-01&to=2020-01-07"),
    Surface("responsibility", "manager", "/circle/responsibility?last=365"),
    Surface(
        "responsibility, tickets", "manager", "/circle/responsibility/crews/1?last=365", "main"
    ),
    Surface("returns", "manager", "/circle/returns?last=365"),
    Surface("returns, tickets", "manager", "/circle/returns/why/reopened?last=365"),
    Surface("reports by mail", "manager", "/circle/reports", ".empty"),
    Surface("exports", "manager", "/circle/exports", "#exports"),
    Surface(
        "export, asked for", "manager", OFFER, "html[data-ready] .export-offer", then=ask_for_file
    ),
    Surface("problems", "manager", "/circle/problems?last=365"),
    Surface("rehearsals", "manager", "/circle/rehearsals", "html[data-ready]"),
    Surface("rehearsal", "manager", "/circle/rehearsals/done", ".answer"),
    Surface("rehearsal, waiting", "manager", "/circle/rehearsals/waiting", "#going"),
    Surface("crew", "crew", "/crew", "#day", HAND),
    Surface("crew's ticket", "crew", "/crew/W000002", "#ticket", HAND),
    Surface("crew's kit", "crew", "/crew/W000002", "#kit", HAND, then=open_kit),
    Surface(
        "crew's needs", "crew", "/crew/W000002/cannot-complete", ".kit-part", HAND, then=open_kit
    ),
    Surface("crew's new ticket", "crew", "/crew/W000006", "#ticket", HAND),
    Surface("crew's decline", "crew", "/crew/W000006/decline", "form.worded", HAND),
    Surface("crew's cause", "crew", "/crew/W000002/cannot-complete", "form.worded", HAND),
    Surface("crew's hand-over", "crew", "/crew/W000002/hand-over", "form.worded", HAND),
    Surface("crew's note", "crew", "/crew/W000002/note", "form.worded", HAND),
    Surface("crew's unsent work", "crew", "/crew/unsent", "[data-nothing]:not([hidden])", HAND),
    Surface("crew's late work", "crew", "/crew/unsent", "[data-nothing]", HAND, then=show_unsent),
    Surface("crew's signature", "crew", "/crew/W000002", "#sign", HAND, then=open_signature),
    Surface("crew's missing page", "crew", "/crew/offline", "#offline", HAND),
    Surface("phones", "dispatcher", "/desk/phones", ".held"),
    Surface("phones, in the hand", "dispatcher", "/desk/phones", ".two-values", HAND),
    Surface("phone's code", "dispatcher", "/desk/phones", ".held", then=show_code),
    Surface("phone, join", None, "/crew/join", "#join", HAND),
    Surface("phone, no crew's", None, "/crew/sign-in", "#shift", HAND),
    Surface("phone, people", None, "/crew/sign-in", "#shift", HAND, show_people),
    Surface("phone, revoked", None, "/crew/sign-in", "#shift", HAND, show_revoked),
    Surface("rounds", "dispatcher", "/desk/rounds?grid=1", ".stops"),
    Surface("crew's round", "crew", "/crew/round", "#round .place", HAND),
    Surface("crew's find", "crew", "/crew/round/2/fault", "form.worded", HAND),
    Surface("notices", "dispatcher", "/desk/notices", ".table"),
    Surface("notice", "dispatcher", "/desk/notices/1", "#notice-map[data-ready=true]"),
    Surface("new notice", "dispatcher", "/desk/notices/new", "#notice-map[data-ready=true]"),
    Surface("notices, public", None, "/notices", "#notices", HAND),
    Surface("notices, subscribe", None, "/notices/subscribe", "#subscribe", HAND),
    Surface("notices, asked", None, "/notices/subscribe/asked", "#asked", HAND),
    Surface("notices, to confirm", None, "/notices/s/asked", "#subscription", HAND),
    Surface("notices, subscribed", None, "/notices/s/told", "#subscription", HAND),
    Surface("public page", None, "/public", "#public", HAND),
    Surface("public page, form", "administrator", "/admin/public"),
    Surface("report", None, "/report", "#report", HAND),
    Surface("track", None, "/t/{2}", "#track", HAND),
    Surface("track, request", None, "/t/{7}", "#track", HAND),
    Surface("track, waiting", None, "/t/{3}", "#track", HAND),
    Surface("track, sent", None, "/t/{6}", "#track", HAND),
    Surface("track, fixed", None, "/t/{1}", "#track", HAND),
    Surface("track, unknown", None, "/t/unknown", viewport=HAND),
    Surface("sign-in", None, "/sign-in"),
    Surface("not found", "dispatcher", "/nowhere"),
    Surface("refused", "dispatcher", "/admin"),
    Surface("account", "dispatcher", "/account"),
    Surface("account, in the hand", "crew", "/account", viewport=HAND),
    Surface("administration", "administrator", "/admin"),
    Surface("holidays", "administrator", "/admin/policy/holidays?country=CN&year=2026"),
    Surface("people", "administrator", "/admin/people"),
    Surface("person", "administrator", "/admin/people/1"),
    Surface("new person", "administrator", "/admin/people/new"),
    Surface("teams", "administrator", "/admin/teams"),
    Surface("grids", "administrator", "/admin/grids"),
    Surface(
        "grids, drawn", "administrator", "/admin/grids/draw?kind=edit&grid=1", "[data-ready=true]"
    ),
    Surface("past tickets", "administrator", "/admin/tickets"),
    Surface("policy", "administrator", "/admin/policy"),
    Surface("policy form", "administrator", "/admin/policy/edit"),
    Surface("checklists", "administrator", "/admin/checklists"),
    Surface("checklist", "administrator", "/admin/checklists/burst"),
    Surface("rota", "administrator", "/admin/rota", "#alert-centre details"),
    Surface("alerts", "dispatcher", "/alerts", "#alert-centre details"),
    Surface("alerts, in the hand", "crew", "/alerts", "#alert-centre details", HAND),
    Surface("messages", "administrator", "/admin/messages"),
    Surface("texts", "administrator", "/admin/messages/texts"),
    Surface("text", "administrator", "/admin/messages/texts/arrived/zh-CN"),
    Surface("webhooks", "administrator", "/admin/webhooks"),
    Surface("webhook", "administrator", "/admin/webhooks/new"),
    Surface("messages to me", None, "/t/{2}/messages", "#messages", HAND),
    Surface("changes", "auditor", "/admin/changes"),
    Surface("jobs", "administrator", "/admin/jobs"),
    Surface("api", None, "/api/docs", "rapi-doc"),
)


def visit(surface: Surface, served: Served, page_as: Callable[..., Page], locale: str) -> Page:
    """Open a page as the one who sees it and wait until it is there."""
    account = {"name": "李娜"} | ({"crew_id": 1} if surface.role == "crew" else {})
    options = {"viewport": dict(surface.viewport), "reduced_motion": "reduce"}
    page = page_as(surface.role, account=account, locale=locale, **options)
    with served.app.app_context():
        tokens = [report.token for report in db.session.query(Report).order_by(Report.id)]
    page.goto(surface.path.format("", *tokens))
    page.locator(surface.ready).first.wait_for(state="attached")
    if surface.then is not None:
        surface.then(page)
    return page

"""How does a resident ask to hear of interruptions at a place, confirm it, and end it?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from dispatch.access import current_time, requires
from dispatch.actions.idempotency import fingerprint, once
from dispatch.actions.notice_subscriptions import (
    SubscriptionWish,
    ask_to_be_told,
    begin_request,
    confirm_subscription,
    end_subscription,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.messages.channels import channels_for
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, TooMany
from dispatch.domain.messages import Channel
from dispatch.domain.permissions import Permission
from dispatch.domain.place import Point, check_point, metres_between
from dispatch.domain.sentences import say
from dispatch.domain.typed_address import read_address
from dispatch.queries.address_book import find_places
from dispatch.queries.grids import valid_grids
from dispatch.queries.messages import masked_recipient
from dispatch.queries.notice_subscriptions import (
    ends_at,
    public_notices_at,
    subscription_behind,
)
from dispatch.refusals import STATUS, worded
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.form_keys import form_key
from dispatch.web.language import current_language, local_name

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.models.notices import NoticeSubscription

blueprint = Blueprint("notice_subscriptions", __name__, url_prefix="/notices")

TYPED = ("address", "grid", "recipient", "lat", "lon", "accuracy", "source")
LONGEST = {"address": 120, "recipient": 254}
COARSE_METRES = 500
"""A position that is less exact than this tells nothing of the street."""
REFUSALS = (Invalid, NotFound, TooMany)


def offered_channels() -> tuple[str, ...]:
    """Return the ways by which a resident can be told here; a demo shows both and sends nothing."""
    settings = current_app.config["SETTINGS"]
    ready = channels_for(settings)
    ways = (Channel.SMS, Channel.EMAIL)
    return tuple(str(each) for each in ways if settings.demo or each in ready)


@blueprint.get("/subscribe")
@requires(Permission.PUBLIC)
def form() -> str:
    """Show the form: which place, and where to write to."""
    return _form(dict.fromkeys(TYPED, ""), None)


@blueprint.post("/subscribe")
@requires(Permission.PUBLIC)
def ask() -> Response | tuple[str, int]:
    """Send a message that asks for a confirmation; what was known before is not given away."""
    typed = {name: request.form.get(name, "").strip() for name in TYPED}
    now, token = current_time(), ""
    try:
        with transaction():
            begin_request(request.remote_addr or "", now)
        wish = _wish(typed)
        with transaction():
            # Sent again as it was it does nothing; corrected and sent again it is another wish.
            key = form_key() and f"{form_key()}/{fingerprint(typed)}"
            token = once("subscribe", key, typed, now=now, do=lambda: _asked(wish)).reply["token"]
    except REFUSALS as refusal:
        return _form(typed, refusal), STATUS[type(refusal)][0]
    return redirect(url_for(".asked", **({"demo": token} if _is_demo() else {})), 303)


def _asked(wish: SubscriptionWish) -> tuple[int, dict[str, Any]]:
    row = ask_to_be_told(wish, channels=offered_channels(), now=current_time())
    # Only a demo, which sends nothing, shows the link to who asked.
    return 303, {"token": row.token if _is_demo() else ""}


def _is_demo() -> bool:
    return bool(current_app.config["SETTINGS"].demo)


@blueprint.get("/subscribe/asked")
@requires(Permission.PUBLIC)
def asked() -> str:
    """Say that the message is on its way and what to do with it."""
    token = request.args.get("demo", "") if _is_demo() else ""
    return render_template("notice_subscription_asked.html", token=token)


@blueprint.get("/s/<token>")
@requires(Permission.PUBLIC)
def one(token: str) -> Response:
    """Show a subscription to who holds its link; opening it changes nothing."""
    return _page(token)


@blueprint.post("/s/<token>/confirm")
@requires(Permission.PUBLIC)
def confirm(token: str) -> Response:
    """Tell the holder of the link from now on."""
    now = current_time()
    try:
        subscription_behind(token, now)
        with transaction():
            confirm_subscription(token, now=now)
    except (Forbidden, NotFound) as refusal:
        return _page(token, refusal)
    flash(worded(say("You will be told. Keep the link to end it when you like.")), "success")
    return redirect(url_for(".one", token=token), 303)


@blueprint.post("/s/<token>/end")
@requires(Permission.PUBLIC)
def end(token: str) -> Response:
    """Forget the subscription."""
    now = current_time()
    try:
        subscription_behind(token, now)
        with transaction():
            end_subscription(token, now=now)
    except NotFound as refusal:
        return _page(token, refusal)
    flash(worded(say("It is ended, and where we wrote to is forgotten.")), "success")
    return redirect("/notices", 303)


def _page(token: str, refusal: Refused | None = None) -> Response:
    now, status = current_time(), 200
    try:
        row: NoticeSubscription | None = subscription_behind(token, now)
    except NotFound:
        row, status = None, 404
    answer = make_response(
        render_template(
            "notice_subscription.html",
            row=row,
            place=dict(_areas()).get(row.grid or "", row.place) if row else None,
            whom=masked_recipient(row.channel, row.recipient) if row else None,
            ends_at=ends_at(row) if row else None,
            notices=public_notices_at(row, now) if row else [],
            problem=worded(refusal.sentence) if refusal and row else None,
        ),
        STATUS[type(refusal)][0] if refusal and row else status,
    )
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _wish(typed: dict[str, str]) -> SubscriptionWish:
    for name, most in LONGEST.items():
        fault = None
        if len(typed[name]) > most:
            fault = say("Write at most %(most)s characters.", most=most)
        elif not typed[name].isprintable():
            fault = say("The text holds a character that cannot be kept. Type it again.")
        if fault is not None:
            raise Invalid(fault, fields={name: fault})
    point, address = _point(typed), typed["address"]
    grid = None if point or address else typed["grid"] or None
    known = _known_places(address) if address else []
    if point is None and address:
        point = _only_spot(known)
    place = worded(say("the place on the map"))
    if grid is not None:
        place = next((name for key, name in _areas() if key == grid), grid)
    elif point is not None and any(_is_named(address, each, point) for each in known):
        place = address
    return SubscriptionWish(
        recipient=typed["recipient"],
        place=place,
        point=point,
        grid=grid,
        language=current_language(),
    )


def _point(typed: dict[str, str]) -> Point | None:
    if not typed["lat"] and not typed["lon"]:
        return None
    fault = say("Your position could not be read. Type the address instead.")
    try:
        point = check_point(float(typed["lat"]), float(typed["lon"]))
        is_exact = float(typed["accuracy"] or 0) <= COARSE_METRES
    except (ValueError, Invalid):
        raise Invalid(fault, fields={"place": fault}) from None
    return point if is_exact else None


def _known_places(address: str) -> list[dict[str, Any]]:
    """Return the places with a position that fit a typed address best."""
    found = find_places(address, now=current_time())
    return [each for each in found if each["place"] and each["as_good"]]


def _only_spot(known: list[dict[str, Any]]) -> Point:
    """Return where a typed address is; nothing else of whoever lives there is given away."""
    spots = {_spot(each) for each in known}
    if len(spots) == 1:
        return spots.pop()
    fault = say("We do not know this address. Use your position, the map, or choose an area.")
    if spots:
        fault = say("Several places fit. Add the house number, or use the map.")
    raise Invalid(fault, fields={"address": fault})


def _spot(known: dict[str, Any]) -> Point:
    return Point(known["place"]["lat"], known["place"]["lon"])


def _is_named(typed: str, known: dict[str, Any], point: Point) -> bool:
    """Tell whether typed words name a known place about there and say nothing more.

    They stand on a page of the utility that is read by whoever owns the number, not by who typed.
    """
    asked, kept = read_address(typed), read_address(known["address"])
    says_no_more = asked.compact in kept.compact and set(asked.numbers) <= set(kept.numbers)
    is_there = metres_between(_spot(known), point) <= COARSE_METRES
    return is_there and (says_no_more or typed == known["account"])


def _areas() -> list[tuple[str, str]]:
    return [
        (each.name, local_name(each.name, each.name_zh)) for each in valid_grids(current_time())
    ]


def _form(typed: dict[str, str], refusal: Refused | None) -> str:
    return render_template(
        "notice_subscribe.html",
        typed=typed,
        problem=worded(refusal.sentence) if refusal else None,
        faults={name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
        key=str(uuid.uuid4()),
        longest=LONGEST,
        areas=_areas(),
        offered=offered_channels(),
        map_center=current_app.config["SETTINGS"].map_center,
        catalogue=browser_catalogue(),
    )

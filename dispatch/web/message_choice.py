"""How does a resident switch the messages off, and on again?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for

from dispatch.access import current_time, requires
from dispatch.actions.opting_out import set_wanted
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.masking import masked_phone
from dispatch.domain.permissions import Permission
from dispatch.queries.messages import is_unwanted, phone_behind

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("message_choice", __name__)


@blueprint.get("/t/<token>/messages")
@requires(Permission.PUBLIC)
def choice(token: str) -> str:
    """Show whether the number behind a link gets messages; opening it changes nothing."""
    phone = phone_behind(token, current_time())
    return render_template(
        "message_choice.html",
        token=token,
        phone=masked_phone(phone),
        is_wanted=phone is not None and not is_unwanted(phone),
    )


@blueprint.post("/t/<token>/messages/<wish>")
@requires(Permission.PUBLIC)
def choose(token: str, wish: str) -> Response:
    """Switch the messages to the number behind a link on or off."""
    now = current_time()
    phone = phone_behind(token, now)
    if phone is not None:
        with transaction():
            set_wanted(phone, wanted=wish == "on", now=now)
    return redirect(url_for("message_choice.choice", token=token))

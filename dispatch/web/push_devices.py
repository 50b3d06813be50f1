"""How does a person try and remove the devices that are told by push?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, url_for

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.push_devices import remove_device, try_device
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.messages.channels import push_key
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.refusals import worded
from dispatch.web.form_keys import form_key
from dispatch.web.language import current_language

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("push_devices", __name__, url_prefix="/account/devices")


@blueprint.post("/<int:device_id>/remove")
@requires(Permission.SIGNED_IN)
def remove(device_id: int) -> Response:
    """Tell a device of the asker nothing more."""
    with transaction():
        remove_device(current_actor().user_id or 0, device_id)
    flash(worded(say("This device is told nothing more.")), "success")
    return _back()


@blueprint.post("/<int:device_id>/test")
@requires(Permission.SIGNED_IN)
def test(device_id: int) -> Response:
    """Send one push to a device of the asker; the same form sent twice sends one."""
    actor, now = current_actor(), current_time()

    def queue() -> tuple[int, dict[str, int]]:
        try_device(device_id, actor=actor, language=current_language(), now=now)
        return 303, {"device": device_id}

    with transaction():
        once(f"push/{actor.user_id}", form_key(), {"device": device_id}, now=now, do=queue)
    settings = current_app.config["SETTINGS"]
    if settings.demo:
        flash(worded(say("Kept here: this is a demo, which sends nothing outside.")), "warning")
    elif push_key(settings) is None:
        flash(worded(say("Kept here: this channel is not set up.")), "warning")
    else:
        flash(worded(say("The test is on its way. It appears on the device in a few seconds.")))
    return _back()


def _back() -> Response:
    return redirect(url_for("account.page", _anchor="devices"), 303)

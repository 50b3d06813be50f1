"""Where are events delivered, and what did each endpoint answer?"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request
from flask import url_for as flask_url_for

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.outbox import queue_test_event
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.webhook_endpoints import (
    Wanted,
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    endpoint_for_change,
    renew_secret,
    wanted_of,
)
from dispatch.adapters.messages.endpoints import check_address, secret_of
from dispatch.domain.errors import Invalid, Reused, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EVENT_NAMES
from dispatch.queries.messages import endpoints, message_page, tries_of
from dispatch.queries.stories import end_reading
from dispatch.refusals import STATUS, worded
from dispatch.web.admin_messages import words
from dispatch.web.form_keys import form_key

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused

blueprint = Blueprint("admin_webhooks", __name__)

NEW = Wanted("", "", ())


@blueprint.get("/admin/webhooks")
@requires(Permission.ADMINISTER)
def listing() -> str:
    """List the endpoints."""
    return render_template("admin_webhooks.html", endpoints=endpoints(), **words())


@blueprint.get("/admin/webhooks/new")
@requires(Permission.ADMINISTER)
def new() -> str:
    """Show the empty form of an endpoint."""
    return _form(NEW)


@blueprint.post("/admin/webhooks/new")
@requires(Permission.ADMINISTER)
def add() -> Response:
    """Add an endpoint and show its secret, this once."""
    wanted = _typed(active=True)
    actor, now = current_actor(), current_time()

    def write() -> tuple[int, dict[str, Any]]:
        return 201, {"id": add_endpoint(wanted, actor=actor, now=now).id}

    try:
        _check_address(wanted.url)
        with transaction():
            done = once(f"webhook/{actor.user_id}", form_key(), asdict(wanted), now=now, do=write)
            endpoint_id = done.reply["id"]
            salt = endpoint_for_change(endpoint_id).salt
    except (Invalid, Reused) as refusal:
        return _refused(_form(wanted, refusal=refusal), refusal)
    return make_response(_endpoint_page(endpoint_id, secret=_secret(salt)))


@blueprint.get("/admin/webhooks/<int:endpoint_id>")
@requires(Permission.ADMINISTER)
def endpoint(endpoint_id: int) -> str:
    """Show one endpoint with its deliveries."""
    return _endpoint_page(endpoint_id)


@blueprint.post("/admin/webhooks/<int:endpoint_id>")
@requires(Permission.ADMINISTER)
def change(endpoint_id: int) -> Response:
    """Change an endpoint."""
    wanted = _typed(active="active" in request.form)
    try:
        _check_address(wanted.url)
        with transaction():
            change_endpoint(endpoint_id, wanted, **_by())
    except (Invalid, Stale) as refusal:
        return _refused(_endpoint_page(endpoint_id, wanted=wanted, refusal=refusal), refusal)
    flash(worded(say("Saved.")), "success")
    return redirect(flask_url_for("admin_webhooks.endpoint", endpoint_id=endpoint_id))


@blueprint.post("/admin/webhooks/<int:endpoint_id>/secret")
@requires(Permission.ADMINISTER)
def secret(endpoint_id: int) -> Response:
    """Give an endpoint a new secret and show it, this once."""
    try:
        with transaction():
            salt = renew_secret(endpoint_id, **_by()).salt
    except Stale as refusal:
        return _refused(_endpoint_page(endpoint_id, refusal=refusal), refusal)
    return make_response(_endpoint_page(endpoint_id, secret=_secret(salt)))


@blueprint.post("/admin/webhooks/<int:endpoint_id>/test")
@requires(Permission.ADMINISTER)
def test(endpoint_id: int) -> Response:
    """Queue a test event."""
    with transaction():
        queue_test_event(endpoint_for_change(endpoint_id), now=current_time())
    flash(worded(say("The test waits to be sent; see what became of it here.")), "success")
    return redirect(flask_url_for("admin_webhooks.endpoint", endpoint_id=endpoint_id))


@blueprint.post("/admin/webhooks/<int:endpoint_id>/delete")
@requires(Permission.ADMINISTER)
def delete(endpoint_id: int) -> Response:
    """Stop an endpoint for good."""
    try:
        with transaction():
            delete_endpoint(endpoint_id, **_by())
    except Stale as refusal:
        return _refused(_endpoint_page(endpoint_id, refusal=refusal), refusal)
    flash(worded(say("The endpoint is deleted.")), "success")
    return redirect(flask_url_for("admin_webhooks.listing"))


def _check_address(url: str) -> None:
    end_reading()
    check_address(current_app.config, url)


def _secret(salt: str) -> str:
    return secret_of(current_app.config, salt)


def _by() -> dict[str, Any]:
    """Return who changes what they saw, and when."""
    seen = request.form.get("version", type=int)
    return {"actor": current_actor(), "now": current_time(), "seen_version": seen}


def _typed(*, active: bool) -> Wanted:
    form = request.form
    return Wanted(
        form.get("name", ""),
        form.get("url", "").strip(),
        tuple(form.getlist("kinds")),
        active,
        "sees_personal" in form,
    )


def _refused(page: str, refusal: Refused) -> Response:
    answer = make_response(page)
    answer.status_code = STATUS[type(refusal)][0]
    return answer


def _form(wanted: Wanted, *, refusal: Refused | None = None) -> str:
    return render_template(
        "admin_webhook.html", endpoint=None, wanted=wanted, key=uuid.uuid4(), **_form_words(refusal)
    )


def _endpoint_page(
    endpoint_id: int,
    *,
    wanted: Wanted | None = None,
    refusal: Refused | None = None,
    secret: str | None = None,
) -> str:
    row = endpoint_for_change(endpoint_id)
    found = message_page(request.args.get("page", 1, type=int), endpoint_id=endpoint_id)

    def url_of(page: int) -> str:
        return flask_url_for("admin_webhooks.endpoint", endpoint_id=endpoint_id, page=page)

    return render_template(
        "admin_webhook.html",
        endpoint=row,
        wanted=wanted or wanted_of(row),
        secret=secret,
        page=found,
        tries=tries_of([each.id for each in found.rows]),
        url_of=url_of,
        **_form_words(refusal),
    )


def _form_words(refusal: Refused | None) -> dict[str, object]:
    fields = refusal.fields if refusal else {}
    return words() | {
        "kinds": [(str(kind), worded(name)) for kind, name in EVENT_NAMES.items()],
        "problem": worded(refusal.sentence) if refusal else None,
        "errors": {name: worded(each) for name, each in fields.items()},
    }

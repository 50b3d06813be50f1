"""How does an administrator let people in, change what they are, and show them out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.accounts import (
    Account,
    account_of,
    add_user,
    change_user,
    end_session,
    end_sessions,
    give_link,
    give_token,
    set_password,
)
from dispatch.actions.pins import set_pin
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.accounts import ALERT_CHANNELS
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.permissions import ROLE_NAMES, Permission, Role
from dispatch.domain.sentences import say
from dispatch.queries.administration import (
    crew_choices,
    people,
    person_for_change,
    team_choices,
)
from dispatch.queries.sessions import open_sessions_for
from dispatch.refusals import STATUS, worded
from dispatch.web.browsers import browser_name
from dispatch.web.language import local_name
from dispatch.web.row_ids import row_id

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused
    from dispatch.domain.sentences import Sentence
    from dispatch.models.people import User

blueprint = Blueprint("admin_people", __name__)

CHANNEL_NAMES: dict[str, Sentence] = {
    "sms": say("Text message"),
    "email": say("E-mail"),
    "wecom": say("WeCom"),
    "dingtalk": say("DingTalk"),
    "feishu": say("Feishu"),
    "web_push": say("Push to the browser"),
}


@blueprint.get("/admin/people")
@requires(Permission.ADMINISTER)
def listing() -> str:
    """List every account."""
    return render_template(
        "admin_people.html", people=people(current_time()), role_names=_role_names()
    )


@blueprint.get("/admin/people/new")
@requires(Permission.ADMINISTER)
def new() -> str:
    """Show the empty form of an account."""
    return _new_form(Account("", "", str(Role.DISPATCHER)))


@blueprint.post("/admin/people/new")
@requires(Permission.ADMINISTER)
def add() -> Response:
    """Add an account; without a password it gets a one-time sign-in link."""
    account = _typed_account(request.form.get("sign_in_name", ""))
    password = request.form.get("password", "")
    try:
        with transaction():
            actor, now = current_actor(), current_time()
            user = add_user(account, password or None, actor=actor, now=now)
            user_id = user.id
            secret = None if password else give_link(user, actor=actor, now=now)
    except Invalid as refusal:
        answer = make_response(_new_form(account, refusal))
        answer.status_code = STATUS[Invalid][0]
        return answer
    if secret:
        return make_response(_person_page(user_id, link=_link(secret)))
    flash(worded(say("Added “%(name)s”.", name=account.name)), "success")
    return redirect(url_for("admin_people.person", user_id=user_id))


@blueprint.get("/admin/people/<int:user_id>")
@requires(Permission.ADMINISTER)
def person(user_id: int) -> str:
    """Show one account with its open sessions."""
    return _person_page(user_id)


@blueprint.post("/admin/people/<int:user_id>")
@requires(Permission.ADMINISTER)
def change(user_id: int) -> Response:
    """Change name, role, post, language, or whether the account may sign in."""
    wanted = _typed_account("", active="active" in request.form)
    try:
        with transaction():
            change_user(
                person_for_change(user_id),
                wanted,
                actor=current_actor(),
                now=current_time(),
                seen_version=request.form.get("version", type=int),
            )
    except (Invalid, Stale) as refusal:
        answer = make_response(_person_page(user_id, typed=wanted, refusal=refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    flash(worded(say("Saved.")), "success")
    return redirect(url_for("admin_people.person", user_id=user_id))


@blueprint.post("/admin/people/<int:user_id>/link")
@requires(Permission.ADMINISTER)
def link(user_id: int) -> Response:
    """Sign the person out and show a one-time sign-in link, this once."""
    return _secret_answer(user_id, "link")


@blueprint.post("/admin/people/<int:user_id>/token")
@requires(Permission.ADMINISTER)
def token(user_id: int) -> Response:
    """Show a new token for a program, this once."""
    return _secret_answer(user_id, "token")


@blueprint.post("/admin/people/<int:user_id>/password")
@requires(Permission.ADMINISTER)
def password(user_id: int) -> Response:
    """Set a password and sign the person out."""
    try:
        with transaction():
            set_password(
                person_for_change(user_id),
                request.form.get("password", ""),
                actor=current_actor(),
                now=current_time(),
            )
    except Invalid as refusal:
        answer = make_response(_person_page(user_id, refusal=refusal))
        answer.status_code = STATUS[Invalid][0]
        return answer
    flash(worded(say("The password is set and the person is signed out.")), "success")
    return redirect(url_for("admin_people.person", user_id=user_id))


@blueprint.post("/admin/people/<int:user_id>/pin")
@requires(Permission.ADMINISTER)
def pin(user_id: int) -> Response:
    """Set the PIN with which a water steward signs in on a phone of the crew."""
    try:
        with transaction():
            user, typed = person_for_change(user_id), request.form.get("pin", "")
            set_pin(user, typed, actor=current_actor(), now=current_time())
    except Invalid as refusal:
        answer = make_response(_person_page(user_id, refusal=refusal))
        answer.status_code = STATUS[Invalid][0]
        return answer
    flash(worded(say("The PIN is set.")), "success")
    return redirect(url_for("admin_people.person", user_id=user_id))


@blueprint.post("/admin/people/<int:user_id>/sessions")
@requires(Permission.ADMINISTER)
def revoke_all(user_id: int) -> Response:
    """End every session, link and token of an account."""
    with transaction():
        user = person_for_change(user_id)
        ended = end_sessions(user, actor=current_actor(), now=current_time())
    flash(worded(say("%(n)s sessions ended.", n=ended)), "success")
    return redirect(url_for("admin_people.person", user_id=user_id))


@blueprint.post("/admin/people/<int:user_id>/sessions/<int:session_id>")
@requires(Permission.ADMINISTER)
def revoke(user_id: int, session_id: int) -> Response:
    """End one session of an account."""
    with transaction():
        user = person_for_change(user_id)
        end_session(user, session_id, actor=current_actor(), now=current_time())
    flash(worded(say("%(n)s sessions ended.", n=1)), "success")
    return redirect(url_for("admin_people.person", user_id=user_id))


def _secret_answer(user_id: int, kind: str) -> Response:
    try:
        with transaction():
            give = give_link if kind == "link" else give_token
            user = person_for_change(user_id)
            secret = give(user, actor=current_actor(), now=current_time())
    except Invalid as refusal:
        answer = make_response(_person_page(user_id, refusal=refusal))
        answer.status_code = STATUS[Invalid][0]
        return answer
    if kind == "link":
        return make_response(_person_page(user_id, link=_link(secret)))
    return make_response(_person_page(user_id, token=secret))


def _person_page(
    user_id: int,
    *,
    typed: Account | None = None,
    refusal: Refused | None = None,
    link: str | None = None,
    token: str | None = None,
) -> str:
    user: User = person_for_change(user_id)
    return render_template(
        "admin_person.html",
        user=user,
        account=typed or account_of(user),
        browser_name=browser_name,
        sessions=open_sessions_for(user_id, current_time()),
        link=link,
        token=token,
        is_self=user_id == current_actor().user_id,
        **_form_words(refusal),
    )


def _new_form(account: Account, refusal: Refused | None = None) -> str:
    return render_template("admin_person_new.html", account=account, **_form_words(refusal))


def _form_words(refusal: Refused | None) -> dict[str, object]:
    none_chosen = ("", worded(say("none")))
    fields = refusal.fields if refusal else {}
    return {
        "roles": list(_role_names().items()),
        "role_names": _role_names(),
        "teams": [
            none_chosen,
            *((row_id, local_name(name, chinese)) for row_id, name, chinese in team_choices()),
        ],
        "crews": [none_chosen, *crew_choices()],
        "languages": [
            ("", worded(say("as the browser says"))),
            ("en", "English"),
            ("zh-CN", "中文"),
        ],
        "alert_channels": [
            ("", worded(say("only on these pages"))),
            *((each, worded(CHANNEL_NAMES[each])) for each in ALERT_CHANNELS),
        ],
        "problem": worded(refusal.sentence) if refusal else None,
        "errors": {name: worded(each) for name, each in fields.items()},
    }


def _role_names() -> dict[str, str]:
    return {str(role): worded(name) for role, name in ROLE_NAMES.items()}


def _typed_account(sign_in_name: str, *, active: bool = True) -> Account:
    form = request.form
    return Account(
        sign_in_name=sign_in_name,
        name=form.get("name", ""),
        role=form.get("role", ""),
        team_id=form.get("team_id", type=row_id),
        crew_id=form.get("crew_id", type=row_id),
        language=form.get("language") or None,
        active=active,
        phone=form.get("phone") or None,
        email=form.get("email") or None,
        alert_channel=form.get("alert_channel") or None,
    )


def _link(secret: str) -> str:
    base = current_app.config["SETTINGS"].base_url.rstrip("/")
    return f"{base}/sign-in/{secret}"

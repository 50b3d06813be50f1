"""What waits to be sent, what was given up, and what do the messages say?"""

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

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.message_templates import LANGUAGES, store_template
from dispatch.actions.outbox import queue_test
from dispatch.actions.sending import cancel, message_for_change, resend
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.messages.channels import channels_for
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.crew_news import CREW_NEWS_NAMES, CrewStep
from dispatch.domain.errors import Invalid, NotFound, Stale
from dispatch.domain.message_templates import (
    DEFAULTS,
    FIELD_WORDS,
    OTHER_STEP,
    REPORT_STEP,
    TEST_STEP,
    check_template,
    fields_of,
    fill,
)
from dispatch.domain.messages import CHANNEL_WORDS, STATE_WORDS, Channel, MessageState, Route
from dispatch.domain.notice_news import NEWS_NAMES, NewsStep
from dispatch.domain.permissions import Permission
from dispatch.domain.phone_numbers import checked_phone, sms_parts
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import EVENT_NAMES, EventKind, ticket_number
from dispatch.message_words import default_text, field_values, sample_content
from dispatch.queries.message_templates import StoredText, stored_texts, template_history
from dispatch.queries.messages import (
    dead_ids,
    masked_recipient,
    message_counts,
    message_page,
    oldest_waiting,
    tries_of,
)
from dispatch.queries.notice_subscriptions import subscriber_counts
from dispatch.refusals import STATUS, worded
from dispatch.web.language import local_path

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.domain.errors import Refused

blueprint = Blueprint("admin_messages", __name__)

MOST_AT_ONCE = 1000
TESTABLE = (Channel.SMS, Channel.EMAIL, Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)


@blueprint.get("/admin/messages")
@requires(Permission.ADMINISTER)
def queue() -> str:
    """Show the queue by state and channel, and the newest messages."""
    state, channel = request.args.get("state", ""), request.args.get("channel", "")
    found = message_page(request.args.get("page", 1, type=int), state=state, channel=channel)
    counts = message_counts()
    settings = current_app.config["SETTINGS"]

    def url_of(page: int) -> str:
        return url_for(
            "admin_messages.queue", page=page, state=state or None, channel=channel or None
        )

    return render_template(
        "admin_messages.html",
        page=found,
        tries=tries_of([row.id for row in found.rows]),
        counts=counts,
        channels=[each for each in Channel if each is not Channel.CONSOLE],
        ready=channels_for(settings),
        is_demo=settings.demo,
        dead=sum(count for (_, each), count in counts.items() if each == MessageState.DEAD),
        oldest=oldest_waiting(current_time()),
        subscribers=subscriber_counts(current_time()),
        state=state,
        channel=channel,
        url_of=url_of,
        **words(),
    )


@blueprint.post("/admin/messages/<int:outbox_id>/resend")
@requires(Permission.ADMINISTER)
def send_again(outbox_id: int) -> Response:
    """Let one message wait again."""
    with transaction():
        message_for_change(outbox_id)
        done = resend([outbox_id], now=current_time())
    return _back(say("%(n)s messages wait to be sent again.", n=done))


@blueprint.post("/admin/messages/resend")
@requires(Permission.ADMINISTER)
def send_dead_again() -> Response:
    """Let every message that was given up wait again."""
    with transaction():
        done = resend(dead_ids(MOST_AT_ONCE), now=current_time())
    return _back(say("%(n)s messages wait to be sent again.", n=done))


@blueprint.post("/admin/messages/<int:outbox_id>/cancel")
@requires(Permission.ADMINISTER)
def take_out(outbox_id: int) -> Response:
    """Take a waiting message out of the queue."""
    with transaction():
        cancel(outbox_id, who=current_actor().name, now=current_time())
    return _back(say("The message will not be sent."))


@blueprint.get("/admin/messages/texts")
@requires(Permission.ADMINISTER)
def texts() -> str:
    """List what is said at each step in both languages."""
    stored = stored_texts()
    rows = [
        (step, language, stored.get((step, "", language), StoredText(0, None)).text)
        for step in DEFAULTS
        for language in LANGUAGES
    ]
    own = [key for key, each in stored.items() if key[1] and each.text is not None]
    return render_template(
        "admin_message_texts.html",
        rows=[
            (step, language, text or default_text(step, language), text is not None)
            for step, language, text in rows
        ],
        own=own,
        **words(),
    )


@blueprint.get("/admin/messages/texts/<step>/<language>")
@requires(Permission.ADMINISTER)
def text_form(step: str, language: str) -> str:
    """Show one text as a form, with its preview and its history."""
    return _text_page(step, language, request.args.get("category", ""))


@blueprint.post("/admin/messages/texts/<step>/<language>")
@requires(Permission.ADMINISTER)
def store_text(step: str, language: str) -> Response:
    """Preview what was typed, send it to oneself, or put it in force."""
    category, text = request.form.get("category", ""), request.form.get("text", "")
    try:
        if request.form.get("do") == "preview":
            check_template(step, text)
            return make_response(_text_page(step, language, category, text=text))
        if request.form.get("do") == "test":
            _send_test(step, language, category, text)
            flash(worded(say("The test waits to be sent; see what became of it here.")), "success")
            return redirect(url_for("admin_messages.queue"))
        with transaction():
            store_template(
                step,
                category,
                language,
                text,
                actor=current_actor(),
                now=current_time(),
                seen_version=request.form.get("version", type=int),
            )
    except (Invalid, Stale) as refusal:
        page = _text_page(step, language, category, text=text, refusal=refusal)
        answer = make_response(page)
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    flash(worded(say("The text is in force.")), "success")
    return redirect(url_for("admin_messages.texts"))


def _send_test(step: str, language: str, category: str, text: str) -> None:
    channel = request.form.get("channel", "")
    recipient = request.form.get("recipient", "").strip()
    if channel not in set(TESTABLE):
        fault = say("Choose a channel.")
        raise Invalid(fault, fields={"channel": fault})
    if channel == Channel.SMS:
        recipient = checked_phone(recipient, "recipient")
    if channel == Channel.EMAIL and "@" not in recipient:
        fault = say("This is no e-mail address.")
        raise Invalid(fault, fields={"recipient": fault})
    content = _sample(step, category)
    filled = fill(
        check_template(step, text or default_text(step, language)),
        field_values(language, content, current_app.config["SETTINGS"]),
    )
    route = Route(channel, recipient, language=language)
    with transaction():
        queue_test(str(uuid.uuid4()), route, step, content | {"text": filled}, now=current_time())


def _sample(step: str, category: str) -> dict[str, Any]:
    content = sample_content(current_time(), step)
    return content | {"category": category} if category else content


def _text_page(
    step: str,
    language: str,
    category: str,
    *,
    text: str | None = None,
    refusal: Refused | None = None,
) -> str:
    if step not in DEFAULTS or language not in LANGUAGES:
        raise NotFound(say("There is no step “%(step)s”.", step=step))
    stored = stored_texts().get((step, category, language), StoredText(0, None))
    shown = text if text is not None else stored.text or default_text(step, language)
    settings = current_app.config["SETTINGS"]
    preview = None
    if refusal is None or "text" not in refusal.fields:
        preview = fill(shown, field_values(language, _sample(step, category), settings))
    fields = refusal.fields if refusal else {}
    return render_template(
        "admin_message_text.html",
        step=step,
        language=language,
        category=category,
        text=shown,
        version=stored.version,
        default=default_text(step, language),
        preview=preview,
        parts=sms_parts(preview or ""),
        fields=[(name, worded(FIELD_WORDS[name])) for name in fields_of(step)],
        history=template_history(step, category, language),
        categories=[("", worded(say("every kind of fault")))]
        + [(rule.key, worded(rule.name)) for rule in CATEGORIES],
        channels=[(str(each), worded(CHANNEL_WORDS[each])) for each in TESTABLE],
        problem=worded(refusal.sentence) if refusal else None,
        errors={name: worded(each) for name, each in fields.items()},
        typed=request.form,
        **words(),
    )


def words() -> dict[str, Any]:
    """Return what the pages of messages call things."""
    return {
        "state_words": {str(each): worded(name) for each, name in STATE_WORDS.items()},
        "channel_words": {str(each): worded(name) for each, name in CHANNEL_WORDS.items()},
        "step_word": step_word,
        "sentence": lambda stored: worded(Sentence.from_json(stored)) if stored else "",
        "masked": masked_recipient,
        "number_of": ticket_number,
    }


def step_word(step: str) -> str:
    """Word a step of a ticket or of an interruption."""
    if step == OTHER_STEP:
        return worded(say("every other step"))
    if step == TEST_STEP:
        return worded(say("Test"))
    if step == REPORT_STEP:
        return worded(say("Report of the figures"))
    if step in set(NewsStep):
        return worded(NEWS_NAMES[NewsStep(step)])
    if step in set(CrewStep):
        return worded(CREW_NEWS_NAMES[CrewStep(step)])
    return worded(EVENT_NAMES[EventKind(step)]) if step in set(EventKind) else step


def _back(done: Sentence) -> Response:
    flash(worded(done), "success")
    return redirect(local_path(request.form.get("next") or url_for("admin_messages.queue")))

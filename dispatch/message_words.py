"""What does a message say, to whom, in which language, and what does a webhook carry?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dispatch.domain.categories import category_rule
from dispatch.domain.crew_news import CREW_NEWS_TITLES, CrewStep
from dispatch.domain.errors import Invalid
from dispatch.domain.instants import day_words
from dispatch.domain.message_templates import REPORT_STEP, as_template, default_of, fill
from dispatch.domain.messages import PUSH_TEST
from dispatch.domain.notice_news import NewsStep
from dispatch.domain.notices import KIND_NAMES, NoticeKind
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import CLOCK_NAMES, ClockKind
from dispatch.domain.ticket_state import STATE_NAMES, TicketState
from dispatch.queries.message_templates import text_for
from dispatch.refusals import worded_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dispatch.config import Settings
    from dispatch.queries.message_templates import Key, StoredText

LONGEST_SUBJECT = 120


def message_text(
    step: str,
    language: str,
    content: Mapping[str, Any],
    settings: Settings,
    stored: Mapping[Key, StoredText],
) -> str:
    """Return the words of a message: the override in force, else the default, with its fields."""
    category = str(content.get("category") or "")
    text = text_for(stored, step, category, language) or default_text(step, language)
    return fill(text, field_values(language, content, settings))


def default_text(step: str, language: str) -> str:
    """Return the default text of a step in a language, with `{number}` for its fields."""
    return as_template(worded_in(language, default_of(step)))


def field_values(language: str, content: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """Return every field that the facts of a message give, worded in its language."""
    base = settings.base_url.rstrip("/")
    number, token = str(content.get("number", "")), content.get("token")
    track = f"{base}/t/{quote(str(token), safe='')}" if token else ""
    values = {
        "number": number,
        "category": _category(language, content.get("category")),
        "link": track or f"{base}/desk?ticket={quote(number, safe='')}",
        "stop_link": f"{track}/messages" if track else "",
        "utility": settings.utility_name,
        "hotline": settings.hotline,
        "words": str(content.get("words") or "") or _lines(language, content),
        "level": str(content.get("level", "")),
        "clock": _clock(language, content.get("clock")),
        "arrive_by": _local(content.get("arrive_due_at"), settings),
        "due": _local(content.get("due_at"), settings),
    }
    if isinstance(content.get("fraction"), int | float):
        values["percent"] = str(round(content["fraction"] * 100))
    if isinstance(content.get("late_ms"), int | float):
        values["late"] = str(round(content["late_ms"] / 60_000))
    return values | _news_values(language, content, settings)


def _news_values(language: str, content: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """Return the fields of a message to somebody who subscribed to news of interruptions."""
    base, token = settings.base_url.rstrip("/"), content.get("subscription")
    if not token:
        return {}
    own_page = f"{base}/notices/s/{quote(str(token), safe='')}"
    notice = content.get("notice")
    if not notice:
        return {"link": own_page}
    end = "_zh" if language == "zh-CN" else ""
    return {
        "link": f"{base}/notices",
        "stop_link": own_page,
        "area": str(notice[f"area{end}"] or notice["area"]),
        "words": str(notice[f"text{end}"] or notice["text"]),
        "kind": worded_in(language, KIND_NAMES[NoticeKind(notice["kind"])]),
        "begins": _day_and_time(language, notice["begins_at"], settings),
        "ends": _day_and_time(language, notice["ends_at"], settings),
    }


def subject(language: str, content: Mapping[str, Any], settings: Settings) -> str:
    """Return the subject line of an e-mail."""
    utility = settings.utility_name
    words = say("%(utility)s: %(number)s", utility=utility, number=content.get("number", ""))
    if "title" in content:
        words = Sentence.from_json(content["title"])
    elif "subscription" in content:
        words = say("%(utility)s: interruptions of the water supply", utility=utility)
    return worded_in(language, words)[:LONGEST_SUBJECT]


def push_words(
    template: str, language: str, content: Mapping[str, Any], now: datetime, text: str = ""
) -> dict[str, Any]:
    """Return what a push shows: number, clock, stage and minutes, and where a tap leads.

    It stands on a lock screen, so that no text of anybody's own goes into it; `text` is that of a
    `CrewStep`, whose fields hold none.
    """
    number = str(content.get("number", ""))
    if template in set(CrewStep):
        return _crew_push(CrewStep(template), language, number, text)
    if template == PUSH_TEST:
        title, words, url = "OneVisit", say("Pushes reach this device."), "/account"
    elif number and content.get("due_at"):
        percent = round(content.get("fraction", 0) * 100)
        title = f"{number} · {_clock(language, content.get('clock'))} {percent} %"
        words, url = _minutes_words(language, content, now), f"/alerts/ticket/{quote(number)}"
    else:
        title, words, url = number or "OneVisit", say("Something waits for you."), "/alerts"
    shown = {"title": title, "body": worded_in(language, words), "url": url, "lang": language}
    return shown | {"number": number}


def _crew_push(step: CrewStep, language: str, number: str, text: str) -> dict[str, Any]:
    """Return what a crew is shown; the newest word on a ticket takes the place of the last."""
    is_sent = step is CrewStep.SENT
    return {
        "title": worded_in(language, Sentence(CREW_NEWS_TITLES[step].text, {"number": number})),
        "body": text,
        "url": f"/crew/{quote(number)}" if is_sent else "/crew",
        "lang": language,
        "number": number if is_sent else "",
        "tag": number,
    }


def _minutes_words(language: str, content: Mapping[str, Any], now: datetime) -> Sentence:
    stage = content.get("state")
    state = worded_in(language, STATE_NAMES[TicketState(stage)]) if stage else content["number"]
    minutes = (_instant(content["due_at"]) - now).total_seconds() / 60
    if minutes >= 0:
        return say("%(minutes)s min left – %(state)s", state=state, minutes=int(minutes))
    return say("%(minutes)s min overdue – %(state)s", state=state, minutes=int(-minutes))


def webhook_payload(content: Mapping[str, Any], *, sees_personal: bool) -> dict[str, Any]:
    """Return the JSON that a webhook carries; personal values only while the right lasts."""
    told = dict(content)
    personal = told.pop("personal", None)
    if personal is not None and sees_personal:
        told["personal"] = personal
    kind = told.pop("kind", "test")
    return {"type": f"ticket.{kind}", "timestamp": told.get("recorded_at"), "data": told}


def sample_content(now: datetime, step: str = "") -> dict[str, Any]:
    """Return the facts of a ticket or notice that does not exist, for previews and tests."""
    if step in set(NewsStep):
        is_news = step != NewsStep.CONFIRM
        return {"subscription": "sample"} | ({"notice": _sample_notice(now)} if is_news else {})
    if step == REPORT_STEP:
        line = say("The promise of 30 minutes was kept: %(now)s.", now="92.5 %")
        return {"lines": [line.as_json()]}
    return {
        "number": "W000042",
        "category": "burst",
        "level": 1,
        "token": "sample",
        "clock": "arrive",
        "fraction": 0.8,
        "arrive_due_at": now.isoformat(),
        "due_at": now.isoformat(),
        "late_ms": 0,
    }


def _sample_notice(now: datetime) -> dict[str, Any]:
    return {
        "kind": "planned",
        "area": "Furong Road",
        "area_zh": "芙蓉路",
        "text": "A valve is renewed.",
        "text_zh": "更换阀门。",
        "begins_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=3)).isoformat(),
    }


def _lines(language: str, content: Mapping[str, Any]) -> str:
    """Word the sentences of a report, one a paragraph."""
    told = [Sentence.from_json(each) for each in content.get("lines", ())]
    return "\n\n".join(worded_in(language, each) for each in told)


def _category(language: str, key: object) -> str:
    try:
        return worded_in(language, category_rule(str(key)).name)
    except Invalid:
        return str(key or "")


def _clock(language: str, key: object) -> str:
    try:
        return worded_in(language, CLOCK_NAMES[ClockKind(str(key))])
    except ValueError:
        return str(key or "")


def _local(text: object, settings: Settings) -> str:
    if not text:
        return ""
    return _instant(text).astimezone(settings.zone).strftime("%H:%M")


def _day_and_time(language: str, text: object, settings: Settings) -> str:
    local = _instant(text).astimezone(settings.zone)
    return f"{day_words(local, in_chinese=language == 'zh-CN')} {local:%H:%M}"


def _instant(text: object) -> datetime:
    at = datetime.fromisoformat(str(text))
    return at if at.tzinfo else at.replace(tzinfo=UTC)

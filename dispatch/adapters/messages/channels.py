"""Which channels are set up here?"""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from dispatch.adapters.messages.gateways import DingTalk, Feishu, SmsGateway, WeCom
from dispatch.adapters.messages.libraries import Apprise, Webhook, WebPush, push_public_key
from dispatch.adapters.messages.posting import Guard, Poster, hosts_of
from dispatch.adapters.messages.smtp import Mail
from dispatch.domain.messages import Channel

if TYPE_CHECKING:
    from dispatch.adapters.messages.port import Sends
    from dispatch.config import Settings

Channels = dict[str, "Sends"]
log = logging.getLogger(__name__)


def guard_of(settings: Settings) -> Guard:
    """Return which addresses others may have this installation call."""
    return Guard(hosts_of(settings.webhook_hosts), settings.webhook_http)


def channels_for(settings: Settings) -> Channels:
    """Return the channels that are set up; a demo has none and sends nothing outside."""
    if settings.demo:
        return {}
    plain = Poster(settings.message_seconds)
    guarded = Poster(settings.message_seconds, guard_of(settings))
    found: Channels = {Channel.WEBHOOK: Webhook(guarded)}
    if settings.smtp_host:
        found[Channel.EMAIL] = Mail(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_from,
            settings.message_seconds,
            settings.smtp_security,
            settings.smtp_user,
            settings.smtp_password,
        )
    if settings.sms_url:
        headers = json.loads(settings.sms_headers) if settings.sms_headers else {}
        found[Channel.SMS] = SmsGateway(
            plain, settings.sms_url, settings.sms_body, headers, settings.sms_success
        )
    if settings.wecom_url:
        found[Channel.WECOM] = WeCom(plain, settings.wecom_url)
    if settings.dingtalk_url:
        found[Channel.DINGTALK] = DingTalk(plain, settings.dingtalk_url, settings.dingtalk_secret)
    if settings.feishu_url:
        found[Channel.FEISHU] = Feishu(plain, settings.feishu_url, settings.feishu_secret)
    if settings.apprise_url:
        found[Channel.APPRISE] = Apprise(settings.apprise_url)
    if contact := _push_contact(settings):
        found[Channel.WEB_PUSH] = WebPush(guarded, settings.vapid_private_key, contact)
    return found


def push_key(settings: Settings) -> str | None:
    """Return the public key that a browser subscribes with, None where pushes are not set up."""
    return _public_key(settings.vapid_private_key) if _push_contact(settings) else None


def _push_contact(settings: Settings) -> str:
    """Return whom a push service may ask, empty where pushes are not set up."""
    if not settings.vapid_private_key:
        return ""
    is_https = settings.base_url.startswith("https:")
    return settings.vapid_contact or (settings.base_url if is_https else "")


@lru_cache(maxsize=4)
def _public_key(private_key: str) -> str | None:
    try:
        return push_public_key(private_key)
    except Exception:
        # Whatever the library makes of a wrong key; said once for each key.
        log.exception("the key of browser pushes cannot be read; pushes count as not set up")
        return None

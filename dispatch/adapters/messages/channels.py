"""Which channels are set up here?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dispatch.adapters.messages.gateways import DingTalk, Feishu, SmsGateway, WeCom
from dispatch.adapters.messages.libraries import Apprise, Webhook, WebPush
from dispatch.adapters.messages.posting import Guard, Poster, hosts_of
from dispatch.adapters.messages.smtp import Mail
from dispatch.domain.messages import Channel

if TYPE_CHECKING:
    from dispatch.adapters.messages.port import Sends
    from dispatch.config import Settings

Channels = dict[str, "Sends"]


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
    if settings.vapid_private_key:
        contact = settings.vapid_contact
        found[Channel.WEB_PUSH] = WebPush(guarded, settings.vapid_private_key, contact)
    return found

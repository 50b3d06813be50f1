"""Does a command say an instant as short as its reader needs it, in the utility's zone?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.cli.wording import word
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from datetime import datetime


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("language", "today", "yesterday"),
    [
        ("en", "On shift until 17:30", "On shift until 1 Mar 17:30"),
        ("zh-CN", "当班至 17:30", "当班至 3月1日 17:30"),
    ],
)
def test_a_time_of_today_is_said_without_its_date(
    now: datetime, monkeypatch: pytest.MonkeyPatch, language: str, today: str, yesterday: str
):
    monkeypatch.setenv("ONEVISIT_LANGUAGE", language)
    monkeypatch.setenv("ONEVISIT_TIME_ZONE", "Asia/Shanghai")
    assert word(say("On shift until %(at)s", at=now)) == today
    assert word(say("On shift until %(at)s", at=now - timedelta(days=1))) == yesterday

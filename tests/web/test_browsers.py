"""Is a browser named so that its owner knows it again?"""

from __future__ import annotations

import pytest

from dispatch.web.browsers import browser_name

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Safari/604.1 MicroMessenger/8.0"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome, Linux"),
        (WECHAT, "WeChat, iPhone"),
        ("sensor-gateway/1.2", "sensor-gateway/1.2"),
        ("x" * 99, "x" * 40),
        (None, ""),
    ],
)
def test_a_browser_has_a_short_name(agent, name):
    assert browser_name(agent) == name

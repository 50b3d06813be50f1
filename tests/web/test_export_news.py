"""Is a manager told on the circle that an export has ended, until the exports are looked at?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.web import circle_export, circle_exports
from tests.circle_history import DAYS, a_week_of_tickets
from tests.web.test_circle_exports import ASKED, HERE, make

PAGES = ("/circle", "/circle/returns", "/circle/ranking")


@pytest.fixture
def manager(app, monkeypatch, sign_in):
    for module in (circle_export, circle_exports):
        monkeypatch.setattr(module, "SMALL_EXPORT", 60)
    with app.app_context(), transaction():
        a_week_of_tickets()
    return sign_in("manager")


def told(browser, path="/circle"):
    """Return what stands beside the tabs, None where nothing is seen."""
    page = browser.get(f"{path}?{DAYS}").text
    found = re.search(r'id="exports-notice"[^>]*?( hidden)?>.*?role="status">([^<]*)<', page)
    assert found is not None, page
    return None if found[1] else found[2]


def test_each_page_says_what_is_made_and_what_has_ended_until_it_was_seen(
    manager, app, now, clock, sign_in
):
    assert told(manager) is None
    assert "export_news.js" not in manager.get(f"/circle?{DAYS}").text
    assert manager.post(ASKED).status_code == 303
    assert told(manager) == "1 export is made"
    assert "export_news.js" in manager.get(f"/circle?{DAYS}").text
    make(app, now)
    clock.move_to(now + timedelta(minutes=5))
    assert [told(manager, path) for path in PAGES] == ["1 export has ended"] * len(PAGES)
    assert manager.get(f"{HERE}/progress").json["notice"] == {
        "going": 0,
        "words": "1 export has ended",
    }
    assert told(sign_in("administrator")) is None
    manager.get(HERE)
    assert told(manager) is None


def test_who_signs_in_later_is_told_of_the_last_day_alone(manager, app, now, clock):
    manager.post(ASKED)
    make(app, now)
    clock.move_to(now + timedelta(days=2))
    assert told(manager) is None

"""What must a page of exports show before it is looked at?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from dispatch.web import circle_exports

if TYPE_CHECKING:
    from playwright.sync_api import Page


def ask_for_file(page: Page) -> None:
    """Ask for the offered file as if it were large; no clockwork runs here."""
    with patch.object(circle_exports, "SMALL_EXPORT", -1):
        page.get_by_role("button", name="Make the file").or_(
            page.get_by_role("button", name="生成文件")
        ).click()
        page.locator("#exports progress").wait_for()

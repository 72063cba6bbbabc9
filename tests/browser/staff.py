"""Staff in a browser: how they come in."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.residents import path

SLOW_MS = 60_000
"""What staff do may take so long on a busy machine."""


def sign_in(page: Page, token: str) -> None:
    """In by a one-time link, to the overview."""
    page.set_default_timeout(SLOW_MS)
    page.goto(f"/staff/enter?token={token}")
    page.get_by_role("button", name="職員用の画面に入る").click()
    assert path(page) == "/staff", page.content()

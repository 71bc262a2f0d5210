"""Waiting for what a browser does in its own time."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

TICK_MS = 50


def until(page: Page, condition: Callable[[], bool], what: str, seconds: float = 15) -> None:
    """Wait until a condition holds.

    Args:
        page: The page whose events go on meanwhile.
        condition: What is waited for.
        what: The condition in words, for the failure.
        seconds: How long to wait at most.

    Raises:
        AssertionError: It did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        # Playwright can't wait for a cookie or for the clock, so this asks again; a pause of its
        # own keeps the page's events coming, which time.sleep would not.
        page.wait_for_timeout(TICK_MS)

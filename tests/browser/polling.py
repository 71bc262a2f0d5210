"""Waiting for what a browser does asynchronously."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

TICK_MS = 50
STILL = """() => Promise.allSettled([
  document.fonts.ready,
  ...document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime < Infinity)
    .map((one) => one.finished),
]).then(() => {})"""


def until(page: Page, condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait until a condition holds.

    Args:
        page: The page whose events are handled meanwhile.
        condition: Returns whether to stop waiting.
        what: The condition in words, for the failure.
        seconds: The timeout.

    Raises:
        AssertionError: The condition did not hold in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        # Playwright can't wait for a cookie or for the clock, so this asks again; a pause of its
        # own keeps the page's events coming, which time.sleep would not.
        page.wait_for_timeout(TICK_MS)


def wait_until_still(page: Page) -> None:
    """Wait until fonts are loaded and nothing moves or fades, except endless animations."""
    page.evaluate(STILL)

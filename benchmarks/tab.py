"""Reloads the page of a variant in a browser tab and measures the time inside the page."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

CONTENT = "Protected content"
DEADLINE_SECONDS = 60
WATCHER = """
window.seen = { content: null, form: false };
new MutationObserver(() => {
  const seen = window.seen;
  if (seen.content === null) {
    const box = document.querySelector(".st-key-protected");
    if (box && box.textContent.includes("Protected content")) seen.content = performance.now();
  }
  seen.form ||= document.querySelector("input[type=password]") !== null;
}).observe(document, { childList: true, subtree: true, characterData: true });
"""
SETTLED = """
() => window.seen && window.seen.content !== null
  && document.querySelector('[data-test-script-state="notRunning"]') !== null
"""


@dataclass(frozen=True)
class SignIn:
    """How to sign in by the form.

    Attributes:
        fields: Labels of inputs, and what to type.
        button: The button's label.
        keeps: What a cookie, an item of the local storage or a query parameter is called, whose
            arrival says that the browser keeps the sign-in.
    """

    fields: tuple[tuple[str, str], ...]
    button: str
    keeps: str


@dataclass(frozen=True)
class Refresh:
    """The figures of one refresh.

    Attributes:
        milliseconds: From the start of the navigation to the content in the DOM.
        form: Whether a password field was ever drawn.
    """

    milliseconds: float
    form: bool


class Tab:
    """The page of one variant, in a browser context of its own."""

    def __init__(self, browser: Browser, url: str, sign_in: SignIn | None) -> None:
        """Open the page, and sign in if the variant has a form."""
        context = browser.new_context()
        context.set_default_timeout(DEADLINE_SECONDS * 1000)
        context.add_init_script(WATCHER)
        self._page = context.new_page()
        self._page.goto(url)
        if sign_in:
            _sign_in(self._page, sign_in)
        self._settle()

    def refresh(self) -> Refresh:
        """Reload once, and wait until the page has settled.

        What a variant still does after its content would else fall into the next one's time.
        """
        self._page.reload(wait_until="commit")
        self._settle()
        seen = self._page.evaluate("window.seen")
        return Refresh(seen["content"], seen["form"])

    def _settle(self) -> None:
        self._page.wait_for_function(SETTLED)
        self._page.wait_for_load_state("networkidle")


def _sign_in(page: Page, sign_in: SignIn) -> None:
    for label, text in sign_in.fields:
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name=sign_in.button, exact=True).click()
    page.get_by_text(CONTENT).wait_for()
    _wait(page, lambda: _keeps(page, sign_in.keeps), sign_in.keeps)


def _keeps(page: Page, name: str) -> bool:
    if any(cookie.get("name") == name for cookie in page.context.cookies()):
        return True
    found = "name => name in localStorage || new URLSearchParams(location.search).has(name)"
    return bool(page.evaluate(found, name))


def _wait(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Wait for state that scripts in the page can't read, such as an HttpOnly cookie."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"no {what} within {DEADLINE_SECONDS} s")
        page.wait_for_timeout(50)

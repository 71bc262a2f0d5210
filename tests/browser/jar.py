"""A browser's cookies, as its user can see and change them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from playwright.sync_api import Cookie, Page
from tests.browser.polling import until

NAME = re.compile(r"(__Host-)?persistauth(-[A-Za-z0-9-]+)?")
"""The credential's cookie; below a path its name has a suffix."""
BROWSER_NAME = re.compile(rf"{NAME.pattern}_browser")
"""The cookie by which `st.App` knows a browser."""


@dataclass(frozen=True)
class Jar:
    """The cookies in the browser context of a page."""

    page: Page

    def credential(self) -> Cookie | None:
        """Return the credential's cookie, HttpOnly or not, if there is one."""
        ours = [cookie for cookie in self.page.context.cookies() if NAME.fullmatch(cookie["name"])]
        assert len(ours) <= 1, "more than one credential cookie"
        return ours[0] if ours else None

    def stored(self) -> Cookie:
        """Wait until the browser holds a credential and return it."""
        until(self.page, lambda: self.credential() is not None, "a credential cookie is stored")
        return cast("Cookie", self.credential())

    def wait_until_empty(self) -> None:
        """Wait until the browser holds no credential."""
        until(self.page, lambda: self.credential() is None, "the credential cookie is cleared")

    @contextmanager
    def browser_cookie_changes(self) -> Iterator[None]:
        """Sign in within the block; in `st.App` wait then until the browser's cookie has changed.

        Before that, a page whose connection is lost is signed out if it keeps no credential.
        """
        before = self.browser_cookies()
        yield
        if before:
            until(self.page, lambda: self.browser_cookies() != before, "the cookie has changed")

    def browser_cookies(self) -> list[str]:
        """Return the cookies by which `st.App` knows the browser; a plain app sets none."""
        cookies = self.page.context.cookies()
        return [cookie["value"] for cookie in cookies if BROWSER_NAME.fullmatch(cookie["name"])]

    def put(self, cookie: Cookie, **changes: str | float) -> None:
        """Put a cookie back, with changes to its value, path or the like."""
        self.page.context.add_cookies([cast("Any", {**cookie, **changes})])

    def plant(self, url: str, value: str, path: str = "/") -> None:
        """Plant a cookie of our name, as another host of the site could."""
        host = urlsplit(url).hostname
        cookie = {"name": "persistauth", "value": value, "domain": host, "path": path}
        self.page.context.add_cookies([cast("Any", cookie)])

    def storage(self) -> list[str]:
        """Return every key and value of this page's local and session storage."""
        entries = "[localStorage, sessionStorage].flatMap(Object.entries).flat()"
        return cast("list[str]", self.page.evaluate(entries))

    def texts(self) -> list[str]:
        """Return every text in cookies, storage and address."""
        cookies = [part for c in self.page.context.cookies() for part in (c["name"], c["value"])]
        return [*cookies, *self.storage(), self.page.url]

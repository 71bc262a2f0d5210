"""Where a browser keeps a credential: cookie, local storage or address."""

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page
from tests.browser.jar import Jar
from tests.browser.polling import until

OURS = re.compile(r"persistauth(-[A-Za-z0-9-]+)?")
"""Our cookie, item and parameter; below a path the name has a suffix."""


@dataclass(frozen=True)
class BrowserStorage:
    """The three places in the browser context of a page."""

    page: Page

    @property
    def cookie(self) -> str:
        """What is in our cookie."""
        cookie = Jar(self.page).credential()
        return cookie["value"] if cookie else ""

    @property
    def item(self) -> str:
        """What is in the local storage of the page."""
        items = self.page.evaluate(
            "() => { try { return Object.entries(localStorage) } catch { return [] } }"
        )
        texts = [json.loads(value)["text"] for key, value in items if OURS.fullmatch(key)]
        return "".join(texts)

    @property
    def url_token(self) -> str:
        """What is in the address of the page."""
        parameters = parse_qsl(urlsplit(self.page.url).query)
        return "".join(value for key, value in parameters if OURS.fullmatch(key))

    def everything(self) -> dict[str, str]:
        """Return what is stored, by the name of the cache."""
        places = {
            "cookie": self.cookie,
            "local_storage": self.item,
            "query_param": self.url_token,
        }
        return {cache: text for cache, text in places.items() if text}

    def wait(self) -> None:
        """Wait until any of these places holds a credential."""
        until(self.page, lambda: bool(self.everything()), "something is kept")

    def wait_for(self, *caches: str) -> None:
        """Wait until exactly these places hold a credential."""
        until(
            self.page,
            lambda: set(self.everything()) == set(caches),
            f"kept in {', '.join(caches) or 'no place'}",
        )

"""Every cache that ships passes the suite that is there for others."""

import pytest
from tests.support.page_double import COOKIES, PageDouble

from streamlit_persistauth.caches.base import CacheBackend
from streamlit_persistauth.caches.named import NamedCaches
from streamlit_persistauth.core.clock import utc_now
from streamlit_persistauth.testing import CacheSuite


class Ours(CacheSuite):
    """One of ours, in a browser that is like most."""

    caches: "str | tuple[str, ...]"
    served = False
    strips = False

    @pytest.fixture
    def browser(self, monkeypatch: pytest.MonkeyPatch) -> PageDouble:
        """A page in a browser."""
        page = PageDouble(served=self.served, strips=self.strips)
        page.install(monkeypatch)
        return page

    @pytest.fixture
    def cache(self) -> CacheBackend:
        """The cache of this class."""
        return NamedCaches(COOKIES, clock=utc_now).find(self.caches)


class TestSession(Ours):
    """Nothing leaves the server."""

    caches = "session"


class TestScriptCookie(Ours):
    """A cookie that a script writes."""

    caches = "cookie"


class TestStrippedCookie(Ours):
    """A cookie that a script reads too."""

    caches = "cookie"
    strips = True


class TestHttpOnlyCookie(Ours):
    """A cookie that our routes set."""

    caches = "cookie"
    served = True


class TestUnreadableCookie(Ours):
    """A cookie that our routes would set, and that never comes back."""

    caches = "cookie"
    served = True
    strips = True


class TestLocalStorage(Ours):
    """An item of the local storage."""

    caches = "local_storage"


class TestQueryParam(Ours):
    """A handle in the address."""

    caches = "query_param"


class TestChain(Ours):
    """All of them, of which the cookie works."""

    caches = ("session", "cookie", "local_storage", "query_param")


class TestChainWithoutCookies(Ours):
    """All of them, of which the local storage works."""

    caches = ("session", "cookie", "local_storage", "query_param")
    served = True
    strips = True

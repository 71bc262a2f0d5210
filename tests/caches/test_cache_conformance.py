"""Every cache of the library passes the suite for caches of third parties."""

import pytest
from tests.support.page_double import COOKIES, PageDouble

from streamlit_persistauth.caches.base import CacheBackend
from streamlit_persistauth.caches.registry import NamedCaches
from streamlit_persistauth.core.clock import utc_now
from streamlit_persistauth.testing import CacheSuite


class Ours(CacheSuite):
    """A cache of the library, in an ordinary browser."""

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
    """The session cache."""

    caches = "session"


class TestScriptCookie(Ours):
    """A cookie that a script writes, and that the handshake brings."""

    caches = "cookie"


class TestStrippedCookie(Ours):
    """A cookie that a script writes and reads."""

    caches = "cookie"
    strips = True


class TestHttpOnlyCookie(Ours):
    """A cookie that our routes set."""

    caches = "cookie"
    served = True


class TestUnreadableCookie(Ours):
    """A cookie that our routes set, and that a proxy strips."""

    caches = "cookie"
    served = True
    strips = True


class TestControllerCookie(Ours):
    """A cookie that `CookieController` writes, and that the handshake brings."""

    caches = "cookies_controller"


class TestHttpOnlyControllerCookie(Ours):
    """The same cache where our routes can set the cookie."""

    caches = "cookies_controller"
    served = True


class TestChainWithController(Ours):
    """A chain that writes through `CookieController`."""

    caches = ("cookies_controller", "local_storage")


class TestLocalStorage(Ours):
    """An item of the local storage."""

    caches = "local_storage"


class TestQueryParam(Ours):
    """A URL token in the address."""

    caches = "query_param"


class TestChain(Ours):
    """All caches, of which the cookie works."""

    caches = ("session", "cookie", "local_storage", "query_param")


class TestChainWithoutCookies(Ours):
    """All caches, of which local storage works."""

    caches = ("session", "cookie", "local_storage", "query_param")
    served = True
    strips = True

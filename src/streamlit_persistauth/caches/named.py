"""The caches by the names that an app calls them."""

import logging
from typing import TypeAlias

from streamlit_persistauth.caches.base import CacheBackend
from streamlit_persistauth.caches.chain import ChainCache
from streamlit_persistauth.caches.cookie import CookieCache
from streamlit_persistauth.caches.local_storage import LocalStorageCache
from streamlit_persistauth.caches.query_param import QueryParamCache
from streamlit_persistauth.caches.script import Script
from streamlit_persistauth.caches.session import SessionCache
from streamlit_persistauth.core.arguments import implements
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.web.cookies import Cookies

logger = logging.getLogger("streamlit_persistauth")

Caches: TypeAlias = CacheBackend | str | tuple[CacheBackend | str, ...]
"""A cache, its name, or several in their order."""


class NamedCaches:
    """Makes the caches of one app."""

    def __init__(self, cookies: Cookies, *, clock: Clock) -> None:
        """Call what a browser keeps like the cookie of the app."""
        self._cookies = cookies
        self._clock = clock
        self._script = Script(cookies, clock)

    def find(self, wanted: Caches | None) -> CacheBackend:
        """Return what an app asks for; cookies if it doesn't.

        Raises:
            ConfigError: There is no such cache, or none in the list.
        """
        if wanted is None:
            return self._cookie()
        if isinstance(wanted, tuple):
            if not wanted:
                raise ConfigError("cache", "the list is empty; leave it out for the default.")
            return ChainCache([self.find(item) for item in wanted])
        if isinstance(wanted, str):
            return self._make(wanted)
        implements(wanted, CacheBackend, "cache")
        return wanted

    def _make(self, name: str) -> CacheBackend:
        makers = {
            "cookie": self._cookie,
            "local_storage": lambda: LocalStorageCache(self._cookies.name, self._script),
            "query_param": self._query_param,
            "session": SessionCache,
        }
        if name not in makers:
            known = " or ".join(f'"{known}"' for known in makers)
            raise ConfigError("cache", f"there is none of this name; try {known}.")
        return makers[name]()

    def _cookie(self) -> CacheBackend:
        return CookieCache(self._cookies, self._script, self._clock)

    def _query_param(self) -> CacheBackend:
        logger.warning(
            'cache="query_param" lets whoever opens a copied address first be signed in, and fails '
            "ASVS 14.2.1; use it only where a browser can keep nothing else"
        )
        return QueryParamCache(self._cookies.name, self._clock)

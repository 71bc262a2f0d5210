"""Makes the caches of an app by their names."""

import logging
from importlib.util import find_spec
from typing import TypeAlias

from streamlit_persistauth.caches.base import CacheBackend
from streamlit_persistauth.caches.chain import ChainCache
from streamlit_persistauth.caches.cookie import CookieCache, CookieWriter
from streamlit_persistauth.caches.cookies_controller import PACKAGE, ControllerWriter
from streamlit_persistauth.caches.local_storage import LocalStorageCache
from streamlit_persistauth.caches.query_param import QueryParamCache
from streamlit_persistauth.caches.script import Script, ScriptWriter
from streamlit_persistauth.caches.session import SessionCache
from streamlit_persistauth.core.arguments import implements
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.web.cookies import Cookies

logger = logging.getLogger("streamlit_persistauth")

Caches: TypeAlias = CacheBackend | str | tuple[CacheBackend | str, ...]
"""A cache, its name, or several of them in order."""


class NamedCaches:
    """Makes the caches of one app; each keeps the credential under the name of the app's cookie."""

    def __init__(self, cookies: Cookies, *, clock: Clock) -> None:
        self._cookies = cookies
        self._clock = clock
        self._script = Script(cookies, clock)

    def find(self, wanted: Caches | None) -> CacheBackend:
        """Return the cache that an app configures; by default the cookie.

        Raises:
            ConfigError: No cache has this name, the list is empty or has the cookie twice, or a
                package is missing.
        """
        if wanted is None:
            return self._cookie(ScriptWriter())
        if isinstance(wanted, tuple):
            return self._chain(wanted)
        if isinstance(wanted, str):
            return self._make(wanted)
        implements(wanted, CacheBackend, "cache")
        return wanted

    def _chain(self, wanted: tuple[CacheBackend | str, ...]) -> CacheBackend:
        if not wanted:
            raise ConfigError("cache", "the list is empty; leave it out for the default.")
        caches = tuple(self.find(item) for item in wanted)
        if sum(isinstance(cache, CookieCache) for cache in caches) > 1:
            # A chain deletes from the other caches what it writes to the first.
            raise ConfigError("cache", "two caches of the list keep the same cookie; remove one.")
        return ChainCache(caches)

    def _make(self, name: str) -> CacheBackend:
        makers = {
            "cookie": lambda: self._cookie(ScriptWriter()),
            "cookies_controller": self._cookies_controller,
            "local_storage": lambda: LocalStorageCache(self._cookies.name, self._script),
            "query_param": self._query_param,
            "session": SessionCache,
        }
        if name not in makers:
            known = " or ".join(f'"{known}"' for known in makers)
            raise ConfigError("cache", f"no cache has this name; try {known}.")
        return makers[name]()

    def _cookie(self, writer: CookieWriter) -> CacheBackend:
        return CookieCache(self._cookies, self._script, writer, self._clock)

    def _cookies_controller(self) -> CacheBackend:
        if find_spec(PACKAGE) is None:
            raise ConfigError(
                "cache",
                "streamlit-cookies-controller is not installed; "
                "run pip install 'streamlit-persistauth[cookies-controller]'.",
            )
        return self._cookie(ControllerWriter(self._clock))

    def _query_param(self) -> CacheBackend:
        logger.warning(
            'cache="query_param" signs in the first visitor who opens a copied address, and fails '
            "ASVS 14.2.1; use it only where a browser can keep nothing else"
        )
        return QueryParamCache(self._cookies.name, self._clock)

"""The cookie cache: HttpOnly through our routes in `st.App`, by script in a plain app."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from streamlit_persistauth.caches.base import Grant
from streamlit_persistauth.caches.bridge import post
from streamlit_persistauth.caches.script_cookie import remove_cookie, write_cookie
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.handshake import Handshake
from streamlit_persistauth.visit import Errand
from streamlit_persistauth.web.connections import Connection
from streamlit_persistauth.web.cookies import cookie_values, credential_cookie
from streamlit_persistauth.web.routes import CLEAR_PATH, HANDOFF_PATH

logger = logging.getLogger("streamlit_persistauth")


class CookieCache:
    """Keeps the credential in a cookie, and reads it from the handshake, in the first run."""

    persistent = True

    def __init__(self, name: str) -> None:
        """Use a cookie of this name, with `__Host-` before it where the page is HTTPS."""
        self._name = name

    def read(self, handshake: Handshake) -> str | None:
        """See `CacheBackend.read`."""
        name = credential_cookie(self._name, secure=handshake.secure)
        values = cookie_values(handshake.cookie_header, name)
        if len(values) > 1:
            raise InvalidToken("two cookies of one name")
        return values[0] if values and values[0] else None

    def keep(self, grant: Grant, handshake: Handshake) -> Errand | None:
        """See `CacheBackend.keep`."""
        if handshake.served is None:
            credential = grant.credential()
            name = credential_cookie(self._name, secure=handshake.secure)
            return WriteCookie(name, credential.text, credential.expires_at, handshake.secure)
        browser = handshake.browser(self._name)
        if browser is None:
            logger.warning("this browser keeps no cookies; the sign-in lasts until a refresh")
            return None
        code = grant.handoff_code(browser)
        return PostToRoute(_url(handshake.served, HANDOFF_PATH), {"code": code})

    def forget(self, handshake: Handshake) -> Errand | None:
        """See `CacheBackend.forget`."""
        if handshake.served is None:
            name = credential_cookie(self._name, secure=handshake.secure)
            return RemoveCookie(name, handshake.secure)
        return PostToRoute(_url(handshake.served, CLEAR_PATH), {})


@dataclass(frozen=True, slots=True)
class PostToRoute:
    """Have the page call one of our routes, which sets or clears the HttpOnly cookie."""

    url: str
    body: dict[str, str] = field(repr=False)
    id: str = field(default_factory=new_id)

    def draw(self) -> None:
        """See `Errand.draw`."""
        post(self.id, self.url, self.body)


@dataclass(frozen=True, slots=True)
class WriteCookie:
    """Have a script in the page write the cookie."""

    name: str
    value: str = field(repr=False)
    expires_at: datetime
    secure: bool

    def draw(self) -> None:
        """See `Errand.draw`."""
        write_cookie(self.name, self.value, self.expires_at, secure=self.secure)


@dataclass(frozen=True, slots=True)
class RemoveCookie:
    """Have a script in the page remove the cookie."""

    name: str
    secure: bool

    def draw(self) -> None:
        """See `Errand.draw`."""
        remove_cookie(self.name, secure=self.secure)


def _url(connection: Connection, path: str) -> str:
    return connection.base_path + path

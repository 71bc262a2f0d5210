"""The cookie cache: HttpOnly through our routes in `st.App`, by script in a plain app."""

import logging
from dataclasses import dataclass
from typing import Protocol

from streamlit_persistauth.caches.base import (
    CacheCapabilities,
    CredentialIssuer,
    PresentedCredential,
)
from streamlit_persistauth.caches.bridge import post_to_route
from streamlit_persistauth.caches.script import Script
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask
from streamlit_persistauth.web.cookies import Cookie, Cookies, cookie_values
from streamlit_persistauth.web.route_paths import CHECK_PATH, CLEAR_PATH, HANDOFF_PATH

logger = logging.getLogger("streamlit_persistauth")


class CookieWriter(Protocol):
    """Has a page of a plain app write cookies."""

    def write(self, cookie: Cookie) -> PageTask:
        """Return the task that writes a cookie; a cookie without a value deletes it."""
        ...


@dataclass(frozen=True, slots=True)
class CookieCache:
    """Keeps the credential in a cookie, and reads it from the handshake, in the first run.

    Some hosts strip the cookies from the handshake; Streamlit's own is missing then, too. In a
    plain app the script in the page is asked instead. It cannot read an HttpOnly cookie.

    Attributes:
        cookies: The cookies of the app.
        script: Reads the cookie in the page.
        writer: Writes the cookie in the page.
        clock: Returns the current time.
    """

    cookies: Cookies
    script: Script
    writer: CookieWriter
    clock: Clock

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        """Return what a cookie can do here. Only a route can set an HttpOnly cookie."""
        served = context.handshake.served is not None
        known = context.browser is not None or bool(self._values(context))
        question = context.visitor.question
        blocked = not known and (served or (question is not None and not question.keeps_cookies))
        return CacheCapabilities(
            persistent=not blocked,
            http_only=served,
            round_trip=not served and not known,
            blocked=blocked,
        )

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        handshake, values = context.handshake, self._values(context)
        if len(values) > 1:
            raise InvalidToken("two cookies of one name")
        if not values and handshake.served is None and context.browser is None:
            kept = self.script.ask(context)
            values = [kept.cookie] if kept else []
        keeper = None if handshake.served else self
        return tuple(PresentedCredential(value, keeper) for value in values if value)

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        handshake = context.handshake
        if handshake.served is None:
            return self._write(issuer, secure=handshake.secure)
        if context.browser is None:
            return None
        base = handshake.served.base_path
        code = issuer.handoff_code(context.browser)
        return post_to_route(base + HANDOFF_PATH, {"code": code}, check=base + CHECK_PATH)

    def forget(self, context: RequestContext) -> PageTask | None:
        handshake = context.handshake
        if handshake.served is not None:
            return post_to_route(handshake.served.base_path + CLEAR_PATH, {})
        name = self.cookies.credential(secure=handshake.secure)
        cookie = self.cookies.cookie(name, "", secure=handshake.secure, max_age=0)
        return self.writer.write(cookie)

    def _values(self, context: RequestContext) -> list[str]:
        """Return the values of our cookie in the handshake."""
        name = self.cookies.credential(secure=context.handshake.secure)
        return cookie_values(context.handshake.cookie_header, name)

    def _write(self, issuer: CredentialIssuer, *, secure: bool) -> PageTask | None:
        credential = issuer.credential()
        name, value = self.cookies.credential(secure=secure), credential.text
        max_age = int((credential.expires_at - self.clock()).total_seconds())
        try:
            cookie = self.cookies.cookie(name, value, secure=secure, max_age=max_age)
        except ValueError as fault:
            logger.error("%s", fault)  # noqa: TRY400 - one line says it
            return None
        return self.writer.write(cookie)

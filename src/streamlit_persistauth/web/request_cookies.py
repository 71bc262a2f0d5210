"""Our cookies in a request or a handshake."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from streamlit_persistauth.web.cookies import Cookies, cookie_values


@dataclass(frozen=True, slots=True)
class RequestCookies:
    """Reads our cookies from ASGI scopes.

    Attributes:
        cookies: Those of one app.
    """

    cookies: Cookies

    def browser(self, scope: Scope) -> str | None:
        """Return the cookie that identifies a browser; None if there is not exactly one."""
        values = self.cookies.browser_values(_cookie_header(scope))
        return values[0] or None if len(values) == 1 else None

    def has_browser(self, scope: Scope) -> bool:
        """Return whether there is any cookie that could identify the browser."""
        name = self.cookies.browser(secure=is_secure(scope))
        return any(cookie_values(_cookie_header(scope), name))

    def credential(self, scope: Scope) -> str | None:
        """Return the credential that a browser presents; None if there is not exactly one."""
        name = self.cookies.credential(secure=is_secure(scope))
        values = cookie_values(_cookie_header(scope), name)
        return values[0] or None if len(values) == 1 else None


def is_https(headers: Mapping[str, str], scheme: str = "") -> bool:
    """Return whether a page is HTTPS: by its origin, which no proxy changes.

    A browser sends no origin when it requests a page. Then the scheme decides, and
    `X-Forwarded-Proto`, of whatever client.

    Args:
        headers: Of a request or a handshake; names in any case.
        scheme: Of the connection to this server.
    """
    origin = headers.get("Origin", "").partition("://")[0]
    if origin in {"http", "https"}:
        return origin == "https"
    forwarded = headers.get("X-Forwarded-Proto", "").partition(",")[0].strip()
    return "https" in {scheme, forwarded}


def is_secure(scope: Scope) -> bool:
    """Return whether the page of a request or a handshake is HTTPS."""
    return is_https(Headers(scope=scope), scope["scheme"])


def _cookie_header(scope: Scope) -> str:
    return "; ".join(Headers(scope=scope).getlist("cookie"))

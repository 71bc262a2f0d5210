"""What a request or a handshake presents of ours."""

from starlette.datastructures import Headers
from starlette.types import Scope

from streamlit_persistauth.web.cookies import Cookies, cookie_values


class RequestCookies:
    """Reads our cookies from ASGI scopes."""

    def __init__(self, cookies: Cookies) -> None:
        """Look for the cookies of one app."""
        self._cookies = cookies

    def browser(self, scope: Scope) -> str | None:
        """Return the cookie by which a browser is known again, if there is one and no other."""
        values = self._cookies.browser_values(_cookie_header(scope))
        return values[0] or None if len(values) == 1 else None

    def has_introduced_itself(self, scope: Scope) -> bool:
        """Return whether there is any cookie by which a browser could be known again."""
        name = self._cookies.browser(secure=is_https(scope))
        return any(cookie_values(_cookie_header(scope), name))

    def credential(self, scope: Scope) -> str | None:
        """Return what a browser presents as its credential, if that is one and no other."""
        name = self._cookies.credential(secure=is_https(scope))
        values = cookie_values(_cookie_header(scope), name)
        return values[0] or None if len(values) == 1 else None


def is_https(scope: Scope) -> bool:
    """Return whether a page is HTTPS. A GET has no Origin, so a proxy's word is taken for it."""
    headers = Headers(scope=scope)
    forwarded = headers.get("x-forwarded-proto", "").partition(",")[0].strip()
    return "https" in {scope["scheme"], forwarded, headers.get("origin", "").partition(":")[0]}


def _cookie_header(scope: Scope) -> str:
    return "; ".join(Headers(scope=scope).getlist("cookie"))

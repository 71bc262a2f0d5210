"""A browser that keeps cookies, and no more."""

import http.client
import json
from http.cookies import SimpleCookie
from urllib.parse import urlsplit


class Browser:
    """Keeps the cookies of one app.

    Attributes:
        name: What a test calls it.
        sign_in: The sign-in whose credential it keeps, if any.
    """

    def __init__(self, name: str, url: str) -> None:
        """Open the app's page once, so that the app may set cookies."""
        self.name = name
        self.sign_in: str | None = None
        self._url = urlsplit(url)
        self._cookies: dict[str, str] = {}
        self._request("GET", "/", "", Accept="text/html")

    @property
    def cookie(self) -> str:
        """The Cookie header that it sends."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def bring(self, code: str) -> int:
        """Bring a handoff code of a page of this browser; return the status of the answer."""
        return self._request("POST", "/persistauth/handoff", json.dumps({"code": code}))

    def clear(self) -> int:
        """Ask the app to delete the credential, as a page does that has signed out."""
        return self._request("POST", "/persistauth/clear", "{}")

    def _request(self, method: str, path: str, body: str, **headers: str) -> int:
        sent = {
            "Origin": f"{self._url.scheme}://{self._url.netloc}",
            "Content-Type": "application/json",
            "Cookie": self.cookie,
            **headers,
        }
        connection = http.client.HTTPConnection(self._url.netloc, timeout=20)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            response.read()
            for header in response.headers.get_all("Set-Cookie", []):
                self._keep(header)
            return response.status
        finally:
            connection.close()

    def _keep(self, header: str) -> None:
        for name, morsel in SimpleCookie(header).items():
            if morsel["max-age"] == "0":
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = morsel.value

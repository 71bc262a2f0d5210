"""A browser that only keeps cookies."""

import http.client
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

OK = 200


@dataclass
class Task:
    """A POST that a page has to send for its browser, once.

    Attributes:
        id: Of the task.
        path: Of the route.
        body: What is sent.
        check: The route that tells whether the browser has kept the answer; empty for none.
        sign_in: The sign-in whose credential the browser gets, if any.
        is_done: Whether it has been sent.
    """

    id: str
    path: str
    body: dict[str, Any] = field(repr=False)
    check: str
    sign_in: str | None = None
    is_done: bool = False

    @classmethod
    def of(cls, task_id: bytes, path: bytes, body: bytes, check: bytes) -> "Task":
        """Return the task that a page has been sent."""
        return cls(task_id.decode(), path.decode(), json.loads(body), check.decode())

    @property
    def kind(self) -> str:
        """`handoff`, `clear` or `browser`."""
        return self.path.rpartition("/")[2]


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

    def do(self, task: Task) -> int:
        """Send what a page of this browser has to send; return the status of the last answer."""
        task.is_done = True
        status = self._request("POST", task.path, json.dumps(task.body))
        if status == OK and task.kind != "browser":
            self.sign_in = task.sign_in
        if status == OK and task.check:
            status = self._request("POST", task.check, "{}")
        return status

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

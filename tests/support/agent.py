"""A program that drives an app through Streamlit's agent API: HTTP and JSON, no browser."""

import http.client
import json
from typing import Any

from tests.support.account import Account
from tests.support.server import HOST

SECONDS = 60
JSON = {"Content-Type": "application/json"}
PATH = "/_stcore/agent/interact"


class Agent:
    """One agent session.

    Attributes:
        headers: More headers of the next requests.
        session_id: The id of the agent session.
        text: The last answer, as JSON.
    """

    def __init__(self, port: int) -> None:
        """Talk to an app on this port."""
        self._port = port
        self._answer: dict[str, Any] = {}
        self.headers: dict[str, str] = {}
        self.session_id: str | None = None
        self.text = ""

    @property
    def labels(self) -> list[str]:
        """The labels of the page's actions."""
        return [action.get("label", "") for action in self._answer["actions"]]

    def run(self, case: str) -> "Agent":
        """Run a page; with the first one the session begins."""
        return self._ask(query_params={"case": [case]})

    def press(self, label: str, **typed: str) -> "Agent":
        """Fill in fields and press a button.

        Args:
            label: Of the button.
            **typed: The text of each field, by its label.
        """
        state = {self._key(field): text for field, text in typed.items()}
        return self._ask(widget_state=state, trigger={"key": self._key(label)})

    def sign_in(self, account: Account, password: str | None = None) -> "Agent":
        """Fill in the sign-in form and send it."""
        return self.press("Sign in", Email=account.email, Password=password or account.password)

    def _key(self, label: str) -> str:
        keys = [action["key"] for action in self._answer["actions"] if action.get("label") == label]
        assert keys, f"there is no {label!r} on this page"
        return str(keys[0])

    def _ask(self, **request: object) -> "Agent":
        if self.session_id is not None:
            request["session_id"] = self.session_id
        connection = http.client.HTTPConnection(HOST, self._port, timeout=SECONDS)
        try:
            connection.request("POST", PATH, json.dumps(request), {**JSON, **self.headers})
            self.text = connection.getresponse().read().decode()
        finally:
            connection.close()
        self._answer = json.loads(self.text)
        assert "error" not in self._answer, self.text
        self.session_id = self._answer["session_id"]
        return self

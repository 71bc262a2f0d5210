"""A REST service that keeps accounts, as docs/how-to/own-users.md describes one."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.core.storage.records import Pending, UserChanges, UserRecord
from streamlit_persistauth.errors import EmailTaken, UsernameTaken
from streamlit_persistauth.models import User
from streamlit_persistauth.stores.memory import MemoryUserStore
from streamlit_persistauth.stores.sql.accounts import to_fields

OWN = ("password_hash", "email_key", "username_key", "security_stamp", "pending")
CONVERTERS: dict[str, Callable[[Any], object]] = {
    "created_at": datetime.fromisoformat,
    "last_login_at": datetime.fromisoformat,
    "roles": tuple,
    "pending": Pending,
}


class Service(ThreadingHTTPServer):
    """One service, with accounts in memory."""

    request_queue_size = 50

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.users = MemoryUserStore()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def _answer(self) -> None:
        """Handle a request."""
        try:
            told = getattr(self, f"_{self.command.lower()}")()
        except (EmailTaken, UsernameTaken) as refusal:
            told, status = refusal.code.removesuffix("_taken"), 409
        else:
            status = 404 if told is None or told is False else 200
        text = json.dumps(to_fields(told) if isinstance(told, UserRecord) else told, default=str)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of the standard library

    @property
    def _users(self) -> MemoryUserStore:
        return cast("Service", self.server).users

    @property
    def _query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    def _get(self) -> UserRecord | dict[str, object] | int | None:
        query = self._query
        if "first" in query:
            return not self._users.is_empty()
        if "highest_hash_cost" in query:
            return self._users.highest_hash_cost()
        if "page" in query:
            page = self._users.page(UserQuery(**json.loads(query["page"])))
            return {"users": [to_fields(user) for user in page.users], "total": page.total}
        if "username" in query:
            return self._users.find_username(query["username"])
        if "username_key" in query:
            return self._users.find_username_key(query["username_key"])
        return self._users.get(query["id"]) if "id" in query else self._users.find(query["email"])

    def _post(self) -> bool | list[dict[str, object]]:
        if "many" in self._query:
            return [to_fields(user) for user in self._users.get_many(self._body()["ids"])]
        fields = self._fields(self._body())
        own = {name: fields.pop(name) for name in OWN}
        record = UserRecord(User(**fields), **own)
        if "first" in self._query:
            return self._users.add_first(record)
        self._users.add(record)
        return True

    def _patch(self) -> bool:
        body = self._body()
        was = None
        if body["was"]:
            stored, stamp = body["was"]
            was = UserRecord(User("", ""), stored, security_stamp=stamp)
        changes = cast("UserChanges", self._fields(body["changes"]))
        return self._users.update(self._query["id"], changes, was=was)

    def _delete(self) -> bool | int:
        query = self._query
        if "id" in query:
            return self._users.delete(query["id"])
        return self._users.purge_unproven(datetime.fromisoformat(query["unproven_before"]))

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _fields(self, body: dict[str, Any]) -> dict[str, Any]:
        return {
            name: CONVERTERS[name](value) if name in CONVERTERS and value is not None else value
            for name, value in body.items()
        }

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - of the standard library
        """Log nothing."""


@contextmanager
def serve() -> Iterator[str]:
    """Yield the URL of an empty service."""
    with Service() as service:
        thread = Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{service.server_port}"
        service.shutdown()
        thread.join()

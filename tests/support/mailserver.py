"""A real SMTP server on this machine."""

import asyncio
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from threading import Condition
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Receiver
from aiosmtpd.smtp import AuthResult, LoginPassword

PASSWORD = "p@ss/word of the server"


class Mailbox(Receiver):
    """Keeps the letters that arrive."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.mails: list[Message] = []
        self._arrived = Condition()

    def handle_message(self, message: Message) -> None:
        """See aiosmtpd."""
        with self._arrived:
            self.mails.append(message)
            self._arrived.notify_all()

    def wait_for(self, count: int) -> list[Message]:
        """Wait until so many letters have arrived, and return them."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self.mails) >= count, 20)
        return self.mails


@dataclass
class MailServer:
    """A real SMTP server on this machine.

    Attributes:
        mails: What has arrived.
        logins: Names and passwords that were presented.
    """

    port: int
    mailbox: Mailbox
    logins: list[tuple[str, str]] = field(default_factory=list)

    @property
    def mails(self) -> list[Message]:
        """What has arrived."""
        return self.mailbox.mails

    def wait_for(self, count: int) -> list[Message]:
        """Wait until so many letters have arrived, and return them."""
        return self.mailbox.wait_for(count)


class _Controller(Controller):
    """Knows its connections, to end those that are open when the server stops."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - aiosmtpd's
        super().__init__(*args, **kwargs)
        self._connections: list[Any] = []

    def factory(self) -> Any:  # noqa: ANN401
        """See aiosmtpd."""
        self._connections.append(super().factory())  # type: ignore[no-untyped-call]
        return self._connections[-1]

    async def hang_up(self) -> None:
        """Take no further connection, and end every open one."""
        if self.server is not None:
            self.server.close()
        await _settle()
        for connection in self._connections:
            if connection.transport is not None:
                connection.transport.abort()
        await _settle()


async def _settle() -> None:
    """Let the loop do what it has begun."""
    for _ in range(10):
        await asyncio.sleep(0)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serve(context: ssl.SSLContext | None = None, **kwargs: Any) -> Iterator[MailServer]:  # noqa: ANN401
    """Start a server on a free port, and stop it at the end."""
    logins: list[tuple[str, str]] = []

    def authenticate(*arguments: Any) -> AuthResult:  # noqa: ANN401
        presented = arguments[-1]
        if isinstance(presented, LoginPassword):
            logins.append((presented.login.decode(), presented.password.decode()))
        return AuthResult(success=logins[-1:] == [("app", PASSWORD)])

    mailbox, port = Mailbox(), free_port()
    controller = _Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=authenticate,
        **kwargs,
        **({"tls_context": context} if context else {"auth_require_tls": False}),
    )
    controller.start()
    try:
        yield MailServer(port, mailbox, logins)
    finally:
        asyncio.run_coroutine_threadsafe(controller.hang_up(), controller.loop).result(10)
        controller.stop()


def link_in(mail: Message) -> tuple[str, str, str]:
    """Return the link in a letter: its base, its query parameter, and the token."""
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    found = re.search(r"(https://\S+)\?(\w+)=(\S+)", payload.decode())
    assert found is not None
    return found[1], found[2], found[3]

"""Mail by SMTP."""

import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from smtplib import SMTP, SMTP_SSL, SMTPNotSupportedError
from typing import Final
from urllib.parse import unquote, urlsplit

from streamlit_persistauth.errors import ConfigError

TIMEOUT_SECONDS: Final = 20
_PORTS: Final = {"smtp": 587, "smtps": 465}


class SMTPMailer:
    """Sends mail through a server.

    `smtps://` is TLS from the first byte (RFC 8314 3.3); `smtp://` is STARTTLS where the server
    has it. A password is never sent without TLS.
    """

    def __init__(self, url: str, sender: str) -> None:
        """Set the server and the sender; nothing is connected yet.

        Args:
            url: `smtp://user:password@host:587` or `smtps://...`; parts may be percent-encoded.
            sender: The address in `From`.

        Raises:
            ConfigError: The URL can't be read.
        """
        setting = "PERSISTAUTH_SMTP_URL"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ConfigError(setting, "this is no URL.") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ConfigError(setting, "smtp://user:password@host:587 or smtps://... is expected.")
        self._host = parts.hostname
        self._port = port or _PORTS[parts.scheme]
        self._encrypted = parts.scheme == "smtps"
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def send(self, message: EmailMessage) -> None:
        """See `Mailer.send`."""
        message["From"] = self._sender
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        with self._connect() as server:
            if self._user:
                server.login(self._user, self._password)
            server.send_message(message)

    def __eq__(self, other: object) -> bool:
        """Return whether another one sends by the same server from the same address."""
        return isinstance(other, SMTPMailer) and vars(self) == vars(other)

    def __hash__(self) -> int:
        """Return the hash that equal ones have in common."""
        return hash(tuple(vars(self).values()))

    def _connect(self) -> SMTP:
        context = ssl.create_default_context()
        if self._encrypted:
            return SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
        server = SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self._user:
                raise SMTPNotSupportedError("no TLS, so no password")  # noqa: TRY301
        except BaseException:
            server.close()
            raise
        return server

"""Sends mail by SMTP."""

import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from smtplib import SMTP, SMTP_SSL, SMTPNotSupportedError
from typing import Final
from urllib.parse import unquote, urlsplit

from streamlit_persistauth.core.text.senders import parse_sender
from streamlit_persistauth.errors import ConfigError

TIMEOUT_SECONDS: Final = 20
_PORTS: Final = {"smtp": 587, "smtps": 465}
_EXPECTED: Final = "smtp://user:password@host:587 or smtps://... is expected."
_SENDER_EXPECTED: Final = 'an email address is expected, or "Name" <address>.'


class SMTPMailer:
    """Sends mail through an SMTP server.

    `smtps://` uses TLS from the first byte (RFC 8314 3.3). `smtp://` uses STARTTLS if the server
    offers it. A password is never sent without TLS.
    """

    def __init__(self, url: str, sender: str) -> None:
        """Configure server and sender; no connection is opened yet.

        Args:
            url: `smtp://user:password@host:587` or `smtps://...`; parts may be percent-encoded.
            sender: The address in `From`; may have a display name: `"Acme Ltd" <a@acme.org>`.

        Raises:
            ConfigError: The URL or the sender is invalid.
        """
        setting = "PERSISTAUTH_SMTP_URL"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ConfigError(setting, _EXPECTED) from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ConfigError(setting, _EXPECTED)
        self._host = parts.hostname
        self._port = port or _PORTS[parts.scheme]
        self._encrypted = parts.scheme == "smtps"
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        try:
            parse_sender(sender)
        except ValueError:
            raise ConfigError("PERSISTAUTH_MAIL_FROM", _SENDER_EXPECTED) from None
        self._sender = sender

    def send(self, message: EmailMessage) -> None:
        sender = parse_sender(self._sender)
        message["From"] = sender
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = make_msgid(domain=sender.domain)
        with self._connect() as server:
            if self._user:
                server.login(self._user, self._password)
            server.send_message(message)

    def __eq__(self, other: object) -> bool:
        """Return whether another mailer uses the same server, user and sender."""
        return isinstance(other, SMTPMailer) and vars(self) == vars(other)

    def __hash__(self) -> int:
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

import smtplib
import ssl
from email import message_from_bytes
from email.headerregistry import Address, UniqueAddressHeader
from email.message import EmailMessage
from email.policy import default
from urllib.parse import quote

import pytest
from tests.support.mailserver import PASSWORD, MailServer

from streamlit_persistauth import ConfigError, SMTPMailer

SENDER = "app@example.com"


def mail() -> EmailMessage:
    """Return a message."""
    message = EmailMessage()
    message["To"] = "ada@example.com"
    message["Subject"] = "Grüße"
    message.set_content("A link: https://app.example.com/?persistauth_reset=abc\n")
    return message


def test_plain(plain_server: MailServer) -> None:
    """A mail arrives with sender, date and id."""
    SMTPMailer(f"smtp://127.0.0.1:{plain_server.port}", SENDER).send(mail())
    (arrived,) = plain_server.mails
    assert (arrived["From"], arrived["To"]) == (SENDER, "ada@example.com")
    assert arrived["Date"]
    assert arrived["Message-ID"].endswith("@example.com>")


def test_starttls_and_password(starttls_server: MailServer) -> None:
    """With STARTTLS the password is sent, percent-decoded, and the mail arrives."""
    url = f"smtp://app:{quote(PASSWORD, safe='')}@localhost:{starttls_server.port}"
    SMTPMailer(url, SENDER).send(mail())
    assert starttls_server.logins == [("app", PASSWORD)]
    assert len(starttls_server.mails) == 1


def test_no_password_without_tls(plain_server: MailServer) -> None:
    """A password is never sent without TLS."""
    mailer = SMTPMailer(f"smtp://app:secret@127.0.0.1:{plain_server.port}", SENDER)
    with pytest.raises(smtplib.SMTPNotSupportedError):
        mailer.send(mail())
    assert plain_server.logins == []
    assert plain_server.mails == []


def test_untrusted_certificate(stranger_server: MailServer) -> None:
    """A server with an untrusted certificate gets neither password nor mail."""
    mailer = SMTPMailer(f"smtp://app:secret@localhost:{stranger_server.port}", SENDER)
    with pytest.raises(ssl.SSLCertVerificationError):
        mailer.send(mail())
    assert stranger_server.logins == []
    assert stranger_server.mails == []


def test_no_server() -> None:
    """Without a server the error comes soon."""
    with pytest.raises(OSError, match="refused"):
        SMTPMailer("smtp://127.0.0.1:1", SENDER).send(mail())


@pytest.mark.parametrize(
    "name",
    [
        "Acme Ltd",
        "Acme, Ltd.",
        "Gr\u00fc\u00dfe, GmbH",
        "\u682a\u5f0f\u4f1a\u793e" * 20,
    ],
)
def test_display_name(plain_server: MailServer, name: str) -> None:
    """The display name arrives as one name before the address, and in ASCII."""
    SMTPMailer(f"smtp://127.0.0.1:{plain_server.port}", f'"{name}" <{SENDER}>').send(mail())
    (arrived,) = plain_server.mails
    assert str(arrived["From"]).isascii()
    (sender,) = read(arrived.as_bytes())
    # The parser of the standard library keeps the space between two encoded words.
    assert sender.display_name.replace(" ", "") == name.replace(" ", "")
    assert sender.addr_spec == SENDER
    assert arrived["Message-ID"].endswith("@example.com>")


def read(message: bytes) -> tuple[Address, ...]:
    """Return the senders of a message, as a mail program reads them."""
    header = message_from_bytes(message, policy=default)["From"]
    assert isinstance(header, UniqueAddressHeader)
    return header.addresses


@pytest.mark.parametrize("sender", ["", "canary", "canary\nBcc: b@example.com <a@example.com>"])
def test_malformed_sender(sender: str) -> None:
    """A malformed sender raises a ConfigError that repeats no part of it."""
    with pytest.raises(ConfigError) as caught:
        SMTPMailer("smtp://host", sender)
    assert "canary" not in str(caught.value)
    assert caught.value.setting == "PERSISTAUTH_MAIL_FROM"


@pytest.mark.parametrize(
    "url", ["", "mail.example.com", "http://canary@host", "smtp://", "smtp://host:canary"]
)
def test_malformed_url(url: str) -> None:
    """A malformed URL raises a ConfigError that repeats no part of it."""
    with pytest.raises(ConfigError) as caught:
        SMTPMailer(url, SENDER)
    assert "canary" not in str(caught.value)
    assert caught.value.setting == "PERSISTAUTH_SMTP_URL"


@pytest.mark.parametrize(("url", "port"), [("smtp://host", 587), ("smtps://host", 465)])
def test_ports(url: str, port: int) -> None:
    """Each scheme has its default port."""
    assert SMTPMailer(url, SENDER)._port == port

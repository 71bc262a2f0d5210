import smtplib
import ssl
from email.message import EmailMessage
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

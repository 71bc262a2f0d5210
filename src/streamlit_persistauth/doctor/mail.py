"""Mail, and the address that links in it begin with."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, note, warning

_PUBLIC: Final = "Set PERSISTAUTH_PUBLIC_URL to where people find the app."


def check_mail(deployment: Deployment) -> Iterator[Finding]:
    """Find mail that can't leave, or whose links lead nowhere."""
    settings = deployment.settings
    if settings.smtp_url is not None and settings.mail_from is None:
        yield error(
            "mail-from-missing",
            "PERSISTAUTH_SMTP_URL is set without PERSISTAUTH_MAIL_FROM: the app won't start.",
            "Set the address that mails come from.",
        )
    if not deployment.has_mailer:
        yield note(
            "mail-missing",
            "No mail is set up: who has forgotten a password needs somebody to help.",
            "Set PERSISTAUTH_SMTP_URL, PERSISTAUTH_MAIL_FROM and PERSISTAUTH_PUBLIC_URL; until "
            "then, `persistauth users reset` makes a link.",
        )
    elif settings.public_url is None:
        yield warning("public-url-missing", "Mail is set up, but links have no base.", _PUBLIC)
    if settings.email_verification and not (deployment.has_mailer and settings.public_url):
        yield error(
            "verification-without-mail",
            "PERSISTAUTH_EMAIL_VERIFICATION is on without mail: the app won't start.",
            f"Set up mail. {_PUBLIC}",
        )


def check_public_url(deployment: Deployment) -> Iterator[Finding]:
    """Find links that go over the network in the clear."""
    url = deployment.settings.public_url
    if url is not None and url.scheme == "http" and not _is_here(url.host or ""):
        yield warning(
            "public-url-insecure",
            "PERSISTAUTH_PUBLIC_URL is http: passwords, cookies and reset links can be read on "
            "the way.",
            "Serve the app by HTTPS, and say so there.",
        )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

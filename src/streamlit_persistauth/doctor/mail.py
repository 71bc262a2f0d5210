"""Checks of mail and of the public URL, with which its links begin."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, note, warning

_PUBLIC: Final = "Set PERSISTAUTH_PUBLIC_URL to the address of the app."


def check_mail(deployment: Deployment) -> Iterator[Finding]:
    """Find incomplete mail settings."""
    settings = deployment.settings
    if settings.smtp_url is not None and settings.mail_from is None:
        yield error(
            "mail-from-missing",
            "PERSISTAUTH_SMTP_URL is set without PERSISTAUTH_MAIL_FROM: the app does not start.",
            "Set the sender address.",
        )
    if not deployment.has_mailer:
        yield note(
            "mail-missing",
            "No mail is set up: a user who forgets the password needs an administrator.",
            "Set PERSISTAUTH_SMTP_URL, PERSISTAUTH_MAIL_FROM and PERSISTAUTH_PUBLIC_URL. "
            "Until then, make links with `persistauth users reset`.",
        )
    elif settings.public_url is None:
        yield warning("public-url-missing", "Mail is set up without a base for its links.", _PUBLIC)
    if settings.email_verification and not (deployment.has_mailer and settings.public_url):
        yield error(
            "verification-without-mail",
            "PERSISTAUTH_EMAIL_VERIFICATION is on without mail: the app does not start.",
            f"Set up mail. {_PUBLIC}",
        )


def check_public_url(deployment: Deployment) -> Iterator[Finding]:
    """Find a public URL without TLS."""
    url = deployment.settings.public_url
    if url is not None and url.scheme == "http" and not _is_local(url.host or ""):
        yield warning(
            "public-url-insecure",
            "PERSISTAUTH_PUBLIC_URL is http: passwords, cookies and reset links can be read on "
            "the network.",
            "Serve the app over HTTPS, and change the URL.",
        )


def _is_local(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

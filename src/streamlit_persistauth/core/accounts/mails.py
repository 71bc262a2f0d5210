"""What the library writes to people by mail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import urlencode

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.records import TokenType
from streamlit_persistauth.core.text.languages import ENGLISH, translator_for
from streamlit_persistauth.models import User
from streamlit_persistauth.text import Text

LINK_PARAMETERS: Final[Mapping[TokenType, str]] = {
    TokenType.RESET: "persistauth_reset",
    TokenType.CONFIRMATION: "persistauth_confirm",
    TokenType.INVITATION: "persistauth_invitation",
}
"""The query parameters of links that hold a token."""

Job = Callable[[], None]


def link_path(purpose: TokenType, token: str) -> str:
    """Return what stands behind the address of an app in a link."""
    return f"/?{urlencode({LINK_PARAMETERS[purpose]: token})}"


class Mailer(Protocol):
    """Sends mail. An app may bring its own."""

    def send(self, message: EmailMessage) -> None:
        """Send a message to the address in its `To`; `From` may be missing.

        It may be called on several threads at a time.

        Raises:
            Exception: It could not be sent; of whatever kind.
        """
        ...


class Mails:
    """Writes letters and has them sent, away from the page that waits for nothing.

    So a page takes as long for an address without an account as for one with. They are written in
    the language of the page that asked for them.
    """

    def __init__(
        self,
        mailer: Mailer | None,
        events: Events,
        *,
        post: Callable[[Job], None],
        public_url: str | None,
        app_name: str,
        language: str = ENGLISH,
    ) -> None:
        """Wire the parts.

        Args:
            mailer: Sends; None where no mail is set up, and then nothing is written.
            events: Told of mail that could not be sent.
            post: Runs a job soon, on another thread.
            public_url: Where the app is; the only base that a link ever has.
            app_name: What the app calls itself in a letter; may be empty.
            language: What is written in, where the reader's language is not known.
        """
        self._mailer = mailer
        self._events = events
        self._post = post
        self._public_url = public_url
        self._app_name = app_name
        self._language = language

    @property
    def can_link(self) -> bool:
        """Whether a letter with a link can be sent."""
        return self._mailer is not None and self._public_url is not None

    def link(self, purpose: TokenType, token: str) -> str | None:
        """Return the address that takes a token; None where the app does not know its own."""
        return self._link(purpose, token) if self._public_url is not None else None

    def post(self, job: Job) -> None:
        """Run a job soon, on another thread."""
        self._post(job)

    def reset_link(self, user: User, token: str, *, language: str | None = None) -> None:
        """Send a reset token. Call it from a job."""
        self._send(
            user,
            Text("Set a new password"),
            [
                Text(
                    "We received a request to reset your password. Open this link within one hour "
                    "to set a new one:"
                ),
                self._link(TokenType.RESET, token),
                Text(
                    "If you didn't request this, you can ignore this email. Your password stays "
                    "the same."
                ),
            ],
            language,
        )

    def confirmation_link(
        self, user: User, email: str, token: str, *, language: str | None = None
    ) -> None:
        """Send the token that proves an address to that address. Call it from a job."""
        self._send(
            replace(user, email=email),
            Text("Confirm your email address"),
            [
                Text(
                    "Open this link within one day to confirm your email address. You will need "
                    "your password:"
                ),
                self._link(TokenType.CONFIRMATION, token),
                Text(
                    "If you didn't request this, you can ignore this email. Your address can't be "
                    "used without your confirmation."
                ),
            ],
            language,
        )

    def invitation_link(self, user: User, token: str, *, language: str | None = None) -> None:
        """Send an invitation. Call it from a job."""
        self._send(
            user,
            Text("You have been invited"),
            [
                Text(
                    "Open this link within seven days and choose a password to accept the "
                    "invitation:"
                ),
                self._link(TokenType.INVITATION, token),
            ],
            language,
        )

    def already_registered(self, user: User, *, language: str | None = None) -> None:
        """Tell a user that somebody gave their address for another account. Call it from a job."""
        self._send(
            user,
            Text("You already have an account"),
            [
                Text(
                    "Someone tried to create an account with this email address, but you already "
                    "have one."
                ),
                Text(
                    "Sign in with your password, or reset it on the sign-in page. If this wasn't "
                    "you, you can ignore this email: nobody learned that you have an account."
                ),
            ],
            language,
        )

    def password_changed(self, user: User, *, language: str | None = None) -> None:
        """Tell a user that their password is another one now (ASVS 6.3.7)."""
        self._send_soon(
            user,
            Text("Your password was changed"),
            [
                Text("Your password was changed, and all devices were signed out."),
                Text(
                    "If this wasn't you, reset your password immediately and contact the "
                    "administrator of this app."
                ),
            ],
            language,
        )

    def email_changed(self, former: User, *, language: str | None = None) -> None:
        """Tell a user at the former address that it is no longer theirs here (ASVS 6.3.7)."""
        self._send_soon(
            former,
            Text("Your email address was changed"),
            [
                Text(
                    "The email address of your account was changed, and all devices were signed "
                    "out."
                ),
                Text("If this wasn't you, contact the administrator of this app immediately."),
            ],
            language,
        )

    def _link(self, purpose: TokenType, token: str) -> str:
        return f"{self._public_url}{link_path(purpose, token)}"

    def _send_soon(
        self, user: User, subject: Text, paragraphs: Sequence[str], language: str | None
    ) -> None:
        if self._mailer is not None:
            self._post(lambda: self._send(user, subject, paragraphs, language))

    def _send(
        self, user: User, subject: Text, paragraphs: Sequence[str], language: str | None
    ) -> None:
        if self._mailer is None:
            return
        try:
            self._mailer.send(self._write(user, subject, paragraphs, language or self._language))
        except Exception as error:  # noqa: BLE001 - a mailer of the app's own may raise anything
            # Not its message: a server may have repeated the letter in it.
            self._events.record(EventType.MAIL_FAILED, user_id=user.id, error=type(error).__name__)

    def _write(
        self, user: User, subject: Text, paragraphs: Sequence[str], language: str
    ) -> EmailMessage:
        """Return a letter.

        Raises:
            ValueError: The address is none that a header could hold.
        """
        t = translator_for(language)
        if self._app_name:
            subject = Text("{app}: {subject}", app=self._app_name, subject=subject)
        mail = EmailMessage()
        mail["To"] = user.email
        mail["Subject"] = t(subject)
        mail.set_content("\n\n".join(map(t, paragraphs)) + "\n")
        mail["Content-Language"] = language  # after the content, which takes such headers away
        return mail

"""Compose the mails to users and send them in the background."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
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
"""The query parameter with the token of a link, by its purpose."""

Job = Callable[[], None]


def link_path(purpose: TokenType, token: str) -> str:
    """Return a link relative to the address of the app."""
    return f"/?{urlencode({LINK_PARAMETERS[purpose]: token})}"


class Mailer(Protocol):
    """Sends mail. An app may pass its own implementation."""

    def send(self, message: EmailMessage) -> None:
        """Send a message to the address in its `To` header. Its `From` header may be missing.

        Several threads may call this at the same time.

        Raises:
            Exception: The message could not be sent. Any exception type is handled.
        """
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Mails:
    """Composes mails in the language of the requesting page, and sends them with a mailer.

    Sending runs in jobs on another thread, so the response time of a page does not depend on
    whether an address has an account.

    Attributes:
        mailer: Sends the messages; None if mail is not set up.
        post: Runs a job soon on another thread.
        public_url: The address of the app, which is the base of every link.
        app_name: The name of the app in subjects; may be empty.
        language: The language for requests without a page.
    """

    mailer: Mailer | None
    events: Events
    _: KW_ONLY
    post: Callable[[Job], object]
    public_url: str | None
    app_name: str
    language: str = ENGLISH

    @property
    def can_link(self) -> bool:
        """Whether a mail with a link can be sent."""
        return self.mailer is not None and self.public_url is not None

    def link(self, purpose: TokenType, token: str) -> str | None:
        """Return the link for a token, or None without `public_url`."""
        return self._link(purpose, token) if self.public_url is not None else None

    def reset_link(self, user: User, token: str, *, language: str | None = None) -> None:
        """Send a reset link. Call this from a job."""
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
        """Send a confirmation link to an address. Call this from a job."""
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
        """Send an invitation. Call this from a job."""
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

    def username_reminder(self, user: User, *, language: str | None = None) -> None:
        """Send a username to the address of its account. Call this from a job."""
        self._send(
            user,
            Text("Your username"),
            [
                Text("Your username: {username}", username=user.username),
                Text("If you didn't request this, you can ignore this email."),
            ],
            language,
        )

    def already_registered(self, user: User, *, language: str | None = None) -> None:
        """Notify a user that their address was entered for another account.

        Call this from a job.
        """
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
        """Notify a user that the password was changed (ASVS 6.3.7)."""
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

    def username_changed(self, user: User, *, language: str | None = None) -> None:
        """Notify a user that the username was changed (ASVS 6.3.7)."""
        self._send_soon(
            user,
            Text("Your username was changed"),
            [
                Text("The username of your account was changed."),
                Text(
                    "If this wasn't you, reset your password immediately and contact the "
                    "administrator of this app."
                ),
            ],
            language,
        )

    def email_changed(self, former: User, *, language: str | None = None) -> None:
        """Notify a user at the former address that the address was changed (ASVS 6.3.7)."""
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
        return f"{self.public_url}{link_path(purpose, token)}"

    def _send_soon(
        self, user: User, subject: Text, paragraphs: Sequence[str], language: str | None
    ) -> None:
        if self.mailer is not None and user.email:
            self.post(lambda: self._send(user, subject, paragraphs, language))

    def _send(
        self, user: User, subject: Text, paragraphs: Sequence[str], language: str | None
    ) -> None:
        if self.mailer is None or not user.email:
            return
        try:
            self.mailer.send(self._compose(user, subject, paragraphs, language or self.language))
        except Exception as error:  # noqa: BLE001 - an app's mailer may raise anything
            # Without its message: a server may have repeated the mail in it.
            self.events.record(EventType.MAIL_FAILED, user_id=user.id, error=type(error).__name__)

    def _compose(
        self, user: User, subject: Text, paragraphs: Sequence[str], language: str
    ) -> EmailMessage:
        """Return a message.

        Raises:
            ValueError: The address cannot be a header.
        """
        t = translator_for(language)
        if self.app_name:
            subject = Text("{app}: {subject}", app=self.app_name, subject=subject)
        mail = EmailMessage()
        mail["To"] = user.email
        mail["Subject"] = t(subject)
        mail.set_content("\n\n".join(map(t, paragraphs)) + "\n")
        mail["Content-Language"] = language  # set_content() removes earlier content headers
        return mail

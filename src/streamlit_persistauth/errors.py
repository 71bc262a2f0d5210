"""The errors that this library raises.

::

    AuthError                    base class of all errors of this library
    ├── ConfigError              a setting is missing, malformed or unsafe
    ├── InvalidArgument          an argument has the wrong type or is out of range
    ├── StoreError               a store could not answer; no session is started or revoked
    ├── InvalidCredentials       the login name or the password is wrong
    ├── ConfirmationNeeded       the email address must be confirmed first; a link was sent
    ├── WrongPassword            the current password, entered again, is wrong
    ├── Throttled                too many attempts; `retry_after` is the time to wait
    ├── Busy                     too many password checks from one network; not counted
    ├── InvalidToken             the browser's credential is not valid
    ├── InvalidLink              the link from a mail is unknown, used, expired or superseded
    ├── SignInRequired           no user is signed in
    ├── NotAllowed               the user is signed in but lacks the required role
    ├── UserNotFound             no account has this id or address
    ├── LastAdmin                the change would leave no active administrator
    ├── InvalidRole              the name of a role is not acceptable
    └── RegistrationError        the account cannot be created
        ├── InvalidEmail
        │   └── DomainNotAllowed addresses of this mail domain may not register
        ├── EmailTaken
        ├── InvalidUsername
        ├── UsernameTaken
        ├── RegistrationClosed   visitors may create the first account only, and it exists
        ├── InvalidSetupCode     the code for the first account is wrong or has expired
        ├── InvalidName
        └── InvalidPassword
"""

import math
from datetime import timedelta
from typing import ClassVar

from streamlit_persistauth.text import Text


class AuthError(Exception):
    """Base class of all errors of this library.

    Attributes:
        code: A stable, machine-readable name for the kind of error.
        message: One sentence for the person who can act on it. It never contains a secret, SQL or
            a traceback. A message with values in it is a `Text`.
    """

    code: ClassVar[str] = "auth_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigError(AuthError):
    """A setting is missing, malformed or unsafe.

    Attributes:
        setting: The environment variable, settings file or argument to change.
    """

    code = "config_error"

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"{setting}: {message}")
        self.setting = setting


class InvalidArgument(AuthError, ValueError):
    """An argument has the wrong type or is out of range.

    Attributes:
        argument: The name of the argument.
    """

    code = "invalid_argument"

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(f"{argument}: {message}")
        self.argument = argument


class StoreError(AuthError):
    """A store could not answer. Treat the user as not signed in for now, and try again later."""

    code = "store_unavailable"


class InvalidCredentials(AuthError):
    """The login name or the password is wrong, with one message for every cause (ASVS 6.3.8)."""

    code = "invalid_credentials"

    def __init__(self, message: str = "Invalid email or password.") -> None:
        super().__init__(message)


class ConfirmationNeeded(AuthError):
    """The email address must be confirmed first, with the link that was sent to it."""

    code = "confirmation_needed"

    def __init__(self) -> None:
        super().__init__("Almost done. Please open the link that we sent to your email address.")


class WrongPassword(AuthError):
    """The current password, entered again before a change, is wrong."""

    code = "wrong_password"

    def __init__(self) -> None:
        super().__init__("The password is incorrect.")


class Throttled(AuthError):
    """Too many attempts. The error does not reveal whether the account exists (ASVS 6.3.1).

    Attributes:
        retry_after: The time to wait before the next attempt.
    """

    code = "throttled"

    def __init__(self, retry_after: timedelta) -> None:
        seconds = max(1, math.ceil(retry_after.total_seconds()))
        super().__init__(
            Text("Too many attempts. Please try again in {time}.", time=_duration(seconds))
        )
        self.retry_after = retry_after


class Busy(AuthError):
    """Too many passwords from one network are being checked. The attempt is not counted."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("Sign-in is busy right now. Please try again.")


class InvalidToken(AuthError):
    """The browser's credential is not valid.

    Attributes:
        reason: A short cause for the event log. Do not show it on a page.
        foreign: Whether another app, or another key, issued the credential. It may still be valid
            there.
        by_clock: Whether the time decided, and a server with another time may accept the
            credential.
    """

    code = "invalid_token"

    def __init__(self, reason: str, *, foreign: bool = False, by_clock: bool = False) -> None:
        super().__init__("This sign-in is no longer valid.")
        self.reason = reason
        self.foreign = foreign
        self.by_clock = by_clock

    @property
    def is_final(self) -> bool:
        """Whether no server will accept the credential, so that the browser may delete it."""
        return not (self.foreign or self.by_clock)


class InvalidLink(AuthError):
    """The link from a mail is unknown, used, expired or superseded. The cause is not revealed."""

    code = "invalid_link"

    def __init__(self) -> None:
        super().__init__("This link is no longer valid. Please request a new one.")


class SignInRequired(AuthError):
    """No user is signed in, for example outside a page or in a thread of the app."""

    code = "sign_in_required"

    def __init__(self) -> None:
        super().__init__("Please sign in first.")


class NotAllowed(AuthError):
    """The user is signed in but has none of the required roles.

    Attributes:
        roles: The required roles, of which one is enough.
    """

    code = "not_allowed"

    def __init__(self, roles: tuple[str, ...] = ()) -> None:
        super().__init__("You are not allowed to see this page.")
        self.roles = roles


class UserNotFound(AuthError):
    """No account has this id or address."""

    code = "user_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such account.")


class LastAdmin(AuthError):
    """The change would leave no active administrator."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__(
            "This is the last active administrator. Make another user an administrator first."
        )


class InvalidRole(AuthError):
    """The name of a role is empty, too long, or contains a character that is not allowed."""

    code = "invalid_role"


class RegistrationError(AuthError):
    """The account cannot be created."""

    code = "registration_error"


class InvalidEmail(RegistrationError):
    """The text is not an email address."""

    code = "invalid_email"


class DomainNotAllowed(InvalidEmail):
    """The mail domain of the address is not one of PERSISTAUTH_REGISTRATION_DOMAINS."""

    code = "domain_not_allowed"

    def __init__(self) -> None:
        super().__init__("Email addresses of this domain can't be used here.")


class EmailTaken(RegistrationError):
    """Another account has this email address, or one that looks like it."""

    code = "email_taken"

    def __init__(self) -> None:
        super().__init__("An account with this email already exists.")


class InvalidUsername(RegistrationError):
    """The text is not a username, or a username is missing."""

    code = "invalid_username"


class UsernameTaken(RegistrationError):
    """Another account has this username, or one that looks like it."""

    code = "username_taken"

    def __init__(self) -> None:
        super().__init__("An account with this username already exists.")


class RegistrationClosed(RegistrationError):
    """Visitors may create the first account only, and an account exists."""

    code = "registration_closed"

    def __init__(self) -> None:
        super().__init__("Registration is closed.")


class InvalidSetupCode(RegistrationError):
    """The code for the first account is unknown, expired or revoked. The cause is not revealed."""

    code = "invalid_setup_code"

    def __init__(self) -> None:
        super().__init__(
            "This set-up code is wrong or has expired. The current one is in the server's log."
        )


class InvalidName(RegistrationError):
    """The name is too long or contains characters that cannot be shown."""

    code = "invalid_name"


class InvalidPassword(RegistrationError):
    """The password policy rejects the password; the message gives the cause."""

    code = "invalid_password"


def _duration(seconds: int) -> Text:
    """Return a duration in seconds, or from one minute in whole minutes, rounded up."""
    if seconds < 60:  # noqa: PLR2004
        return Text("1 second") if seconds == 1 else Text("{n} seconds", n=seconds)
    minutes = math.ceil(seconds / 60)
    return Text("1 minute") if minutes == 1 else Text("{n} minutes", n=minutes)

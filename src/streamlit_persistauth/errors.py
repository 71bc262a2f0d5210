"""The errors this library raises.

::

    AuthError                    everything below; nothing else leaves a public call
    ├── ConfigError              a setting is missing, malformed or unsafe
    ├── InvalidArgument          an argument of a call has the wrong type, or is out of range
    ├── StoreError               a store could not answer; nobody is signed in or out by it
    ├── InvalidCredentials       this email and password do not sign in
    ├── ConfirmationNeeded       the address has to be proven first; a link is on its way
    ├── WrongPassword            the current password, asked for again, is another one
    ├── Throttled                too many tries; `retry_after` says how long to wait
    ├── Busy                     too many passwords of one network are being checked; not counted
    ├── InvalidToken             what the browser presented is not a live credential of ours
    ├── InvalidLink              the link from a mail does not count, or no longer
    ├── SignInRequired           nobody is signed in here
    ├── NotAllowed               signed in, but without the role that is asked for
    ├── LastAdmin                nobody would be left who can administer accounts
    ├── InvalidRole              a role can't be called this
    └── RegistrationError        an account cannot be made like this
        ├── InvalidEmail
        ├── EmailTaken
        ├── RegistrationClosed   visitors may make the first account only, and there is one
        ├── InvalidName
        └── InvalidPassword
"""

import math
from datetime import timedelta
from typing import ClassVar

from streamlit_persistauth.text import Text


class AuthError(Exception):
    """Base of all errors of this library.

    Attributes:
        code: A stable, machine-readable name of the kind of error.
        message: One sentence for a person; it never holds a secret, SQL or a stack. One with
            values in it is a `Text`.
    """

    code: ClassVar[str] = "auth_error"

    def __init__(self, message: str) -> None:
        """Keep the sentence for the person who can act on it."""
        super().__init__(message)
        self.message = message


class ConfigError(AuthError):
    """A setting is missing, malformed or unsafe.

    Attributes:
        setting: The environment variable, or the file of settings, that has to change.
    """

    code = "config_error"

    def __init__(self, setting: str, message: str) -> None:
        """Name the setting, its fault and the remedy."""
        super().__init__(f"{setting}: {message}")
        self.setting = setting


class InvalidArgument(AuthError, ValueError):
    """An argument of a call has the wrong type, or is out of range.

    Attributes:
        argument: The name of the argument.
    """

    code = "invalid_argument"

    def __init__(self, argument: str, message: str) -> None:
        """Name the argument, and what is expected."""
        super().__init__(f"{argument}: {message}")
        self.argument = argument


class StoreError(AuthError):
    """A store could not answer. Whoever asked must treat this as "not signed in for now"."""

    code = "store_unavailable"


class InvalidCredentials(AuthError):
    """This email and password do not sign in. The reason is never told (ASVS 6.3.8)."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        """Say the one sentence that is the same for every reason."""
        super().__init__("Invalid email or password.")


class ConfirmationNeeded(AuthError):
    """The address has to be proven first, by a link that is on its way."""

    code = "confirmation_needed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Almost done. Please open the link that we sent to your email address.")


class WrongPassword(AuthError):
    """The current password, asked for again before something changes, is another one."""

    code = "wrong_password"

    def __init__(self) -> None:
        """Say so: who is asked is signed in, so nothing is given away."""
        super().__init__("The password is incorrect.")


class Throttled(AuthError):
    """Too many tries. Says nothing about whether the account exists (ASVS 6.3.1).

    Attributes:
        retry_after: How long to wait.
    """

    code = "throttled"

    def __init__(self, retry_after: timedelta) -> None:
        """Say how long to wait, in seconds or whole minutes."""
        seconds = max(1, math.ceil(retry_after.total_seconds()))
        super().__init__(
            Text("Too many attempts. Please try again in {time}.", time=_time(seconds))
        )
        self.retry_after = retry_after


class Busy(AuthError):
    """Too many passwords from one network are being checked right now. The try is not counted."""

    code = "busy"

    def __init__(self) -> None:
        """Ask for another try."""
        super().__init__("Sign-in is busy right now. Please try again.")


class InvalidToken(AuthError):
    """What the browser presented is not a live credential of ours.

    Attributes:
        reason: A short word for the event log; not for the page.
        foreign: Whether another app, or another key, has made it. It says nothing about a sign-in
            here, and may be valid where it comes from.
    """

    code = "invalid_token"

    def __init__(self, reason: str, *, foreign: bool = False) -> None:
        """Keep the reason for the event log."""
        super().__init__("This sign-in is no longer valid.")
        self.reason = reason
        self.foreign = foreign


class InvalidLink(AuthError):
    """The link from a mail does not count, or no longer: spent, too old, or overtaken."""

    code = "invalid_link"

    def __init__(self) -> None:
        """Say what to do, and not which of the reasons it was."""
        super().__init__("This link is no longer valid. Please request a new one.")


class SignInRequired(AuthError):
    """Nobody is signed in, where somebody has to be: outside a page, or in an app's own thread."""

    code = "sign_in_required"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Please sign in first.")


class NotAllowed(AuthError):
    """Signed in, but without any of the roles that are asked for.

    Attributes:
        roles: The roles of which one would have been enough.
    """

    code = "not_allowed"

    def __init__(self, roles: tuple[str, ...] = ()) -> None:
        """Keep the roles that would have been enough."""
        super().__init__("You are not allowed to see this page.")
        self.roles = roles


class LastAdmin(AuthError):
    """Nobody would be left who can administer accounts."""

    code = "last_admin"

    def __init__(self) -> None:
        """Say what to do first."""
        super().__init__(
            Text("This is the last active administrator. Make another user an administrator first.")
        )


class InvalidRole(AuthError):
    """The name of a role is empty, too long, or has characters that it may not have."""

    code = "invalid_role"


class RegistrationError(AuthError):
    """An account cannot be made like this."""

    code = "registration_error"


class InvalidEmail(RegistrationError):
    """The address is not one that can receive mail."""

    code = "invalid_email"


class EmailTaken(RegistrationError):
    """Another account has this address."""

    code = "email_taken"

    def __init__(self) -> None:
        """Say that the address is taken."""
        super().__init__("An account with this email already exists.")


class RegistrationClosed(RegistrationError):
    """Visitors may make the first account only, and there is an account."""

    code = "registration_closed"

    def __init__(self) -> None:
        """Say that no more accounts can be made here."""
        super().__init__("Registration is closed.")


class InvalidName(RegistrationError):
    """The name is too long or holds characters that cannot be shown."""

    code = "invalid_name"


class InvalidPassword(RegistrationError):
    """The password is refused by the policy; the message says why."""

    code = "invalid_password"


def _time(seconds: int) -> Text:
    """Return a time in seconds, from a minute on in whole minutes."""
    if seconds < 60:  # noqa: PLR2004
        return Text("1 second") if seconds == 1 else Text("{n} seconds", n=seconds)
    minutes = math.ceil(seconds / 60)
    return Text("1 minute") if minutes == 1 else Text("{n} minutes", n=minutes)

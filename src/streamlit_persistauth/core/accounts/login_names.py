"""What users sign in with: an email address, a username, or either."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from typing import Final

from streamlit_persistauth.core.storage.charsets import CanHold, can_hold_all
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.text import emails, usernames
from streamlit_persistauth.core.text.emails import canonical_email
from streamlit_persistauth.core.text.measure import shorten
from streamlit_persistauth.core.text.usernames import canonical_username, clean_username
from streamlit_persistauth.errors import InvalidCredentials, InvalidEmail, InvalidUsername
from streamlit_persistauth.models import User

ENTER_ADDRESS: Final = "Enter your email address."
ENTER_USERNAME: Final = "Enter your username."


class LoginBy(str, Enum):
    """What users sign in with."""

    EMAIL = "email"
    USERNAME = "username"
    EITHER = "either"


_REFUSALS: Final[Mapping[LoginBy, str]] = {
    LoginBy.EMAIL: "Invalid email or password.",
    LoginBy.USERNAME: "Invalid username or password.",
    LoginBy.EITHER: "Invalid email, username or password.",
}


@dataclass(frozen=True, slots=True)
class LoginName:
    """A login name as entered. It may belong to no account.

    Attributes:
        text: Its canonical form; for a text that is no valid login name, its beginning in lower
            case.
        is_email: Whether it is an address, and not a username.
        is_valid: Whether an account can have it.
    """

    text: str
    is_email: bool
    is_valid: bool = True


@dataclass(frozen=True, eq=False, repr=False)
class LoginNames:
    """Reads login names, and finds the accounts that have them.

    A text with `@` is an address, any other a username: a username contains no `@`.

    Attributes:
        users: The accounts.
        by: What users sign in with.
        has_emails: Whether the store has addresses. A table of the app may have none.
        can_hold: Returns whether a field of the store can hold a text.
    """

    users: UserStore
    _: KW_ONLY
    by: LoginBy = LoginBy.EMAIL
    has_emails: bool = True
    can_hold: CanHold = can_hold_all

    @property
    def has_usernames(self) -> bool:
        """Whether users sign in with usernames, alone or beside addresses."""
        return self.by is not LoginBy.EMAIL

    def read(self, text: str) -> LoginName:
        """Return the login name that a user entered to sign in.

        Raises:
            InvalidEmail: Users sign in with their address, and the text has no `@`.
            InvalidUsername: Users sign in with their username, and the text has an `@`.
        """
        if self.by is LoginBy.USERNAME and "@" in text:
            raise InvalidUsername(ENTER_USERNAME)
        return self.read_any(text)

    def read_any(self, text: str) -> LoginName:
        """Return the address, or the username, that a visitor entered to get a mail.

        Where users sign in with their username, they may enter their address here too.

        Raises:
            InvalidEmail: Users sign in with their address, and the text has no `@`.
        """
        if self.by is LoginBy.EMAIL and "@" not in text:
            raise InvalidEmail(ENTER_ADDRESS)
        return read_login_name(text)

    def find(self, name: LoginName) -> UserRecord | None:
        """Return the account with this login name, or None."""
        if not name.is_valid:
            return None
        find = self.users.find if name.is_email else self.users.find_username
        return find(name.text)

    def clean(self, email: str, username: str) -> tuple[str, str]:
        """Return the address and the username of a new account in canonical form.

        The login names that users sign in with are required; the other one may be empty.

        Raises:
            InvalidEmail: The text is not an email address.
            InvalidUsername: The text is not a username.
        """
        needs_email = self.by is not LoginBy.USERNAME
        needs_username = self.by is not LoginBy.EMAIL
        return (
            self.clean_email(email) if email.strip() or needs_email else "",
            self.clean_username(username) if username.strip() or needs_username else "",
        )

    def clean_email(self, email: str) -> str:
        """Return an address in canonical form.

        Raises:
            InvalidEmail: The text is not an email address, or the store can't hold it.
        """
        address = canonical_email(email)
        if not self.has_emails:
            raise InvalidEmail("This app doesn't store email addresses.")
        if not self.can_hold("email", address):
            raise InvalidEmail("The address contains characters that this app can't store.")
        return address

    def clean_username(self, username: str) -> str:
        """Return a username that an account is to get, in canonical form.

        Raises:
            InvalidUsername: The text is not a username, has the form of an id, or the store can't
                hold it.
        """
        name = clean_username(username)
        if not self.can_hold("username", name):
            raise InvalidUsername("The username contains characters that this app can't store.")
        return name

    def can_sign_in(self, user: User) -> bool:
        """Return whether an account has a login name that users sign in with."""
        by_email = bool(user.email) and self.by is not LoginBy.USERNAME
        by_username = bool(user.username) and self.by is not LoginBy.EMAIL
        return by_email or by_username

    def name_of(self, user: User) -> str:
        """Return the name of an account in lists and messages: the login name, or else the id."""
        if self.by is LoginBy.USERNAME:
            return user.username or user.email or user.id
        return user.email or user.username or user.id

    def refusal(self) -> InvalidCredentials:
        """Return the error for a wrong login name or password."""
        return InvalidCredentials(_REFUSALS[self.by])


def read_login_name(text: str) -> LoginName:
    """Return a text as an address if it contains `@`, and as a username otherwise."""
    is_email = "@" in text
    try:
        canonical = canonical_email(text) if is_email else canonical_username(text)
    except (InvalidEmail, InvalidUsername):
        limit = emails.MAX_LENGTH if is_email else usernames.MAX_LENGTH
        return LoginName(shorten(text, limit).strip().lower(), is_email, is_valid=False)
    return LoginName(canonical, is_email)

"""Accounts for Streamlit apps: sign in once, stay signed in, sign out for good."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from streamlit_persistauth.errors import (
    AuthError,
    Busy,
    ConfigError,
    ConfirmationNeeded,
    DomainNotAllowed,
    EmailTaken,
    InvalidArgument,
    InvalidCredentials,
    InvalidEmail,
    InvalidLink,
    InvalidName,
    InvalidPassword,
    InvalidRole,
    InvalidSetupCode,
    InvalidToken,
    InvalidUsername,
    LastAdmin,
    NotAllowed,
    RegistrationClosed,
    RegistrationError,
    SignInRequired,
    StoreError,
    Throttled,
    UsernameTaken,
    UserNotFound,
    WrongPassword,
)
from streamlit_persistauth.models import (
    AccountLink,
    Credential,
    LoginResult,
    Session,
    Stats,
    TokenCounts,
    User,
    UserList,
)

__version__ = "0.1.0"

_LOADED_WHEN_USED: Final = {
    "AuthSettings": "settings",
    "Authenticator": "authenticator",
    "ConsoleMailer": "mail.console",
    "SMTPMailer": "mail.smtp",
    "Users": "users",
}
"""The modules of the public classes that need more than the standard library."""

if TYPE_CHECKING:
    from streamlit_persistauth.authenticator import Authenticator
    from streamlit_persistauth.mail.console import ConsoleMailer
    from streamlit_persistauth.mail.smtp import SMTPMailer
    from streamlit_persistauth.settings import AuthSettings
    from streamlit_persistauth.users import Users
else:  # a type checker would accept every name because of this function

    def __getattr__(name: str) -> object:
        """Load a public class when it is used for the first time."""
        if name not in _LOADED_WHEN_USED:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        module = import_module(f"{__name__}.{_LOADED_WHEN_USED[name]}")
        globals()[name] = getattr(module, name)
        return globals()[name]

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "AccountLink",
    "AuthError",
    "AuthSettings",
    "Authenticator",
    "Busy",
    "ConfigError",
    "ConfirmationNeeded",
    "ConsoleMailer",
    "Credential",
    "DomainNotAllowed",
    "EmailTaken",
    "InvalidArgument",
    "InvalidCredentials",
    "InvalidEmail",
    "InvalidLink",
    "InvalidName",
    "InvalidPassword",
    "InvalidRole",
    "InvalidSetupCode",
    "InvalidToken",
    "InvalidUsername",
    "LastAdmin",
    "LoginResult",
    "NotAllowed",
    "RegistrationClosed",
    "RegistrationError",
    "SMTPMailer",
    "Session",
    "SignInRequired",
    "Stats",
    "StoreError",
    "Throttled",
    "TokenCounts",
    "User",
    "UserList",
    "UserNotFound",
    "UsernameTaken",
    "Users",
    "WrongPassword",
]

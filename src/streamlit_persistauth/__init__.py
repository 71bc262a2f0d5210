"""Accounts for Streamlit apps: sign in once, stay signed in, sign out for good."""

from streamlit_persistauth.authenticator import Authenticator
from streamlit_persistauth.errors import (
    AuthError,
    Busy,
    ConfigError,
    ConfirmationNeeded,
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
    LastAdmin,
    NotAllowed,
    RegistrationClosed,
    RegistrationError,
    SignInRequired,
    StoreError,
    Throttled,
    UserNotFound,
    WrongPassword,
)
from streamlit_persistauth.mail.console import ConsoleMailer
from streamlit_persistauth.mail.smtp import SMTPMailer
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
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.users import Users

__version__ = "0.1.0"

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
    "Users",
    "WrongPassword",
]

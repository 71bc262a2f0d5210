"""The text fields that several forms share."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.errors import (
    EmailTaken,
    InvalidEmail,
    InvalidName,
    InvalidPassword,
    InvalidSetupCode,
    InvalidUsername,
    UsernameTaken,
    WrongPassword,
)
from streamlit_persistauth.ui.form import Field

NAME: Final = Field("Full name", "name", faults=(InvalidName,))
EMAIL: Final = Field(
    "Email", "username", missing="Please enter your email.", faults=(InvalidEmail, EmailTaken)
)
"""The address that users sign in with."""
CONTACT_EMAIL: Final = replace(EMAIL, autocomplete="email")
"""The address beside a username."""
OPTIONAL_EMAIL: Final = replace(CONTACT_EMAIL, label="Email (optional)", missing="")
USERNAME: Final = Field(
    "Username",
    "username",
    missing="Please enter your username.",
    faults=(InvalidUsername, UsernameTaken),
)
EMAIL_OR_USERNAME: Final = Field(
    "Email or username", "username", missing="Please enter your email or username."
)
LOGIN_FIELDS: Final[Mapping[LoginBy, Field]] = {
    LoginBy.EMAIL: EMAIL,
    LoginBy.USERNAME: USERNAME,
    LoginBy.EITHER: EMAIL_OR_USERNAME,
}
"""The field of the sign-in form that names the account."""
PASSWORD: Final = Field(
    "Password",
    "new-password",
    secret=True,
    missing="Please enter a password.",
    faults=(InvalidPassword,),
)
"""The password of a new account."""
SETUP_CODE: Final = Field(
    "Set-up code", "off", missing="Please enter the set-up code.", faults=(InvalidSetupCode,)
)
CONFIRMATION: Final = Field("Confirm password", "new-password", secret=True, repeats=PASSWORD.label)
CURRENT_PASSWORD: Final = Field(
    "Current password",
    "current-password",
    secret=True,
    missing="Please enter your current password.",
    faults=(WrongPassword,),
)
"""The password of the signed-in user."""
OWN_PASSWORD: Final = replace(
    CURRENT_PASSWORD, label="Password", missing="Please enter your password."
)
"""The password of an existing account, to sign in."""
NEW_PASSWORD: Final = replace(
    PASSWORD, label="New password", missing="Please enter a new password."
)
NEW_CONFIRMATION: Final = replace(
    CONFIRMATION, label="Confirm new password", repeats=NEW_PASSWORD.label
)
NEW_EMAIL: Final = replace(
    EMAIL, label="New email", autocomplete="email", missing="Please enter your new email."
)
NEW_USERNAME: Final = replace(
    USERNAME,
    label="New username",
    autocomplete="off",  # a browser would fill in the current one
    missing="Please enter your new username.",
)

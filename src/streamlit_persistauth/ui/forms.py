"""The forms that are fields and a button, nothing more."""

from dataclasses import replace
from typing import Final

from streamlit_persistauth.errors import (
    EmailTaken,
    InvalidEmail,
    InvalidName,
    InvalidPassword,
    WrongPassword,
)
from streamlit_persistauth.ui.form import Field, Form

NAME: Final = Field("Full name", "name", faults=(InvalidName,))
EMAIL: Final = Field(
    "Email", "username", missing="Please enter your email.", faults=(InvalidEmail, EmailTaken)
)
PASSWORD: Final = Field(
    "Password",
    "new-password",
    secret=True,
    missing="Please enter a password.",
    faults=(InvalidPassword,),
)
CONFIRMATION: Final = Field("Confirm password", "new-password", secret=True, repeats=PASSWORD.label)
CURRENT_PASSWORD: Final = Field(
    "Current password",
    "current-password",
    secret=True,
    missing="Please enter your current password.",
    faults=(WrongPassword,),
)
NEW_PASSWORD: Final = replace(
    PASSWORD, label="New password", missing="Please enter a new password."
)
NEW_CONFIRMATION: Final = replace(
    CONFIRMATION, label="Confirm new password", repeats=NEW_PASSWORD.label
)

NEW_EMAIL: Final = replace(
    EMAIL, label="New email", autocomplete="email", missing="Please enter the new email."
)
OWN_PASSWORD: Final = replace(
    CURRENT_PASSWORD, label="Password", missing="Please enter your password."
)

LOGIN: Final = Form("Sign in", (EMAIL, OWN_PASSWORD), "Sign in", tick="Keep me signed in")
REGISTER: Final = Form("Create an account", (NAME, EMAIL, PASSWORD, CONFIRMATION), "Create account")
CHANGE_PASSWORD: Final = Form(
    "Change your password", (CURRENT_PASSWORD, NEW_PASSWORD, NEW_CONFIRMATION), "Change password"
)
CHANGE_NAME: Final = Form("Change your name", (NAME,), "Change name")
CHANGE_EMAIL: Final = Form("Change your email", (NEW_EMAIL, CURRENT_PASSWORD), "Change email")
CONFIRM: Final = Form(
    "Confirm your address",
    (OWN_PASSWORD,),
    "Confirm",
    hint="Enter the password of your account, and this address is confirmed.",
)
INVITATION: Final = Form(
    "You are invited",
    (NAME, PASSWORD, CONFIRMATION),
    "Create account",
    hint="Choose a password, and you are in.",
)
REAUTHENTICATE: Final = Form(
    "Is it still you?",
    (CURRENT_PASSWORD,),
    "Continue",
    hint="This page asks for your password again.",
)
FORGOT: Final = Form(
    "Forgot your password?",
    (EMAIL,),
    "Send reset link",
    hint="We send a link to your address, by which you can set a new one.",
)
RESET: Final = Form("Set a new password", (NEW_PASSWORD, NEW_CONFIRMATION), "Set new password")

"""The forms that are fields and a button, nothing more."""

from typing import Final

from streamlit_persistauth.ui.form import Field, Form

NAME: Final = Field("Full name", "name")
EMAIL: Final = Field("Email", "username")
PASSWORD: Final = Field("Password", "new-password", secret=True)
CONFIRMATION: Final = Field("Confirm password", "new-password", secret=True)
CURRENT_PASSWORD: Final = Field("Current password", "current-password", secret=True)
NEW_PASSWORD: Final = Field("New password", "new-password", secret=True)
NEW_CONFIRMATION: Final = Field("Confirm new password", "new-password", secret=True)

NEW_EMAIL: Final = Field("New email", "email")
OWN_PASSWORD: Final = Field("Password", "current-password", secret=True)

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
PROOF: Final = Form(
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

import inspect

import pytest

from streamlit_persistauth import errors
from streamlit_persistauth.errors import (
    AuthError,
    ConfigError,
    EmailTaken,
    InvalidCredentials,
    InvalidToken,
    NotAllowed,
    RegistrationError,
    StoreError,
)

CODES = {
    "AuthError": "auth_error",
    "Busy": "busy",
    "ConfigError": "config_error",
    "ConfirmationNeeded": "confirmation_needed",
    "DomainNotAllowed": "domain_not_allowed",
    "EmailTaken": "email_taken",
    "InvalidArgument": "invalid_argument",
    "InvalidCredentials": "invalid_credentials",
    "InvalidEmail": "invalid_email",
    "InvalidLink": "invalid_link",
    "InvalidName": "invalid_name",
    "InvalidPassword": "invalid_password",
    "InvalidRole": "invalid_role",
    "InvalidSetupCode": "invalid_setup_code",
    "InvalidToken": "invalid_token",
    "InvalidUsername": "invalid_username",
    "LastAdmin": "last_admin",
    "NotAllowed": "not_allowed",
    "RegistrationClosed": "registration_closed",
    "RegistrationError": "registration_error",
    "SignInRequired": "sign_in_required",
    "StoreError": "store_unavailable",
    "Throttled": "throttled",
    "UserNotFound": "user_not_found",
    "UsernameTaken": "username_taken",
    "WrongPassword": "wrong_password",
}


def tree() -> dict[str, type[AuthError]]:
    """Every class of the module."""
    return dict(inspect.getmembers(errors, inspect.isclass))


def test_codes_are_stable() -> None:
    """Programs that read a code may rely on it."""
    found = {name: kind.code for name, kind in tree().items() if name in CODES}
    assert found == CODES
    assert {name for name, kind in tree().items() if issubclass(kind, Exception)} == set(CODES)


def test_one_base() -> None:
    """Every error is an AuthError, and those of registration share a base class."""
    assert all(issubclass(tree()[name], AuthError) for name in CODES)
    registration = {name for name in CODES if issubclass(tree()[name], RegistrationError)}
    assert registration == {
        "RegistrationError",
        "InvalidEmail",
        "DomainNotAllowed",
        "InvalidUsername",
        "UsernameTaken",
        "EmailTaken",
        "InvalidName",
        "InvalidPassword",
        "InvalidSetupCode",
        "RegistrationClosed",
    }


def test_tree_is_drawn() -> None:
    """The module's docstring draws every error."""
    assert all(name in (errors.__doc__ or "") for name in CODES)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (StoreError("Gone."), "Gone."),
        (ConfigError("X", "is odd."), "X: is odd."),
        (InvalidCredentials(), "Invalid email or password."),
        (InvalidToken("expired"), "This sign-in is no longer valid."),
        (NotAllowed(("admin",)), "You are not allowed to see this page."),
        (EmailTaken(), "An account with this email already exists."),
    ],
)
def test_messages(error: AuthError, message: str) -> None:
    """The message is one sentence for users, and the same as the text of the error."""
    assert error.message == str(error) == message


def test_data() -> None:
    """Details are in attributes."""
    assert ConfigError("X", "is odd.").setting == "X"
    assert InvalidToken("expired").reason == "expired"
    assert NotAllowed(("admin", "editor")).roles == ("admin", "editor")

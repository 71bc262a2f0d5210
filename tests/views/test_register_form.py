"""The registration form."""

from typing import Any

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import User
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.wiring.services import Services

FIELDS = ["Full name", "Email", "Password", "Confirm password"]


def register(page: Page, *, confirmation: str = PASSWORD, **typed: str) -> Page:
    """Submit the registration form."""
    values = {"Full_name": "Ada", "Email": EMAIL, "Password": PASSWORD} | typed
    return page.fill(**values, Confirm_password=confirmation).press("Create account")


def test_first_account(services: Services) -> None:
    """Without any account the sign-in page offers registration, which signs in."""
    page = Page(scripts.guarded)
    assert page.buttons == ["Sign in", "Create an account"]
    page.press("Create an account")
    assert page.fields == FIELDS
    register(page)
    assert page.exceptions == []
    assert page.texts == ["secret of Ada"]
    assert page.run().texts == ["secret of Ada"]


def test_only_the_first(ada: User) -> None:
    """Once there is an account the sign-in page does not offer registration."""
    assert Page(scripts.guarded).buttons == ["Sign in"]


def test_form_that_was_open(services: Services, sql: SQL) -> None:
    """A form that was open while another visitor registered first creates no account."""
    page = Page(scripts.guarded).press("Create an account")
    services.accounts.register("first@example.com", PASSWORD)
    register(page)
    assert page.texts == []
    assert [item.value for item in page.test.info] == ["Registration is closed."]
    assert page.fields == ["Email", "Password"]
    assert page.run().test.info == []
    assert sql("SELECT email FROM users") == [("first@example.com",)]


def test_two_first_accounts(services: Services, sql: SQL, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that was submitted while another visitor registered first creates no account."""
    page = Page(scripts.guarded).press("Create an account")
    draft = services.accounts.draft

    def overtaken(email: str, password: str, **rest: Any) -> UserRecord:  # noqa: ANN401
        record = draft(email, password, **rest)
        services.users.add(draft("first@example.com", PASSWORD))
        return record

    monkeypatch.setitem(vars(services.accounts), "draft", overtaken)
    register(page)
    assert page.texts == []
    assert [item.value for item in page.test.info] == ["Registration is closed."]
    assert sql("SELECT email FROM users") == [("first@example.com",)]


def test_register_form_is_for_the_first_account(ada: User, services: Services) -> None:
    """Once there is an account `register_form` shows that registration is closed."""
    page = Page(scripts.both_forms)
    assert [item.value for item in page.test.info] == ["Registration is closed."]
    assert page.fields == ["Email", "Password"]


def test_open_registration(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """With open registration every visitor can register or go back."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.guarded).press("Create an account")
    assert page.press("Back to sign in").fields == ["Email", "Password"]
    page.press("Create an account")
    register(page, Email="bob@example.com", Full_name="Bob")
    assert page.texts == ["secret of Bob"]


def test_closed_registration(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """With closed registration there is no link, and the form shows that it is closed."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "closed")
    assert Page(scripts.guarded).buttons == ["Sign in"]
    assert [item.value for item in Page(scripts.forms).test.info] == ["Geschlossen."]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"Email": "nonsense"}, "Please enter a valid email address."),
        ({"Email": ""}, "Please enter your email."),
        ({"Email": "  "}, "Please enter your email."),
        ({"Password": ""}, "Please enter a password."),
        ({"Password": "another-Kettle"}, "The passwords don't match."),
        ({"Full_name": "a\x07b"}, "The name contains characters that aren't allowed."),
    ],
)
def test_refused(services: Services, sql: SQL, typed: dict[str, str], message: str) -> None:
    """Invalid data is rejected with one sentence, and no account is created."""
    page = register(Page(scripts.guarded).press("Create an account"), **typed)
    assert page.errors == [message]
    assert page.exceptions == []
    assert services.accounts.is_empty()


def test_short_password(services: Services) -> None:
    """A password that is too short is rejected with the minimum length."""
    page = Page(scripts.guarded).press("Create an account")
    register(page, Password="short", confirmation="short")
    assert page.errors == ["The password must be at least 8 characters long."]


def test_taken(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A taken address is rejected and not signed in."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    Page(scripts.guarded)
    from streamlit_persistauth.wiring.services import AppConfig, services_for

    assert services_for(AppConfig()).users.find(EMAIL)
    page = register(Page(scripts.guarded).press("Create an account"), Email="ADA@example.com ")
    assert page.errors == ["An account with this email already exists."]
    assert page.texts == []


def test_markup_in_a_name(services: Services) -> None:
    """A name with HTML and Markdown is kept as text."""
    page = Page(scripts.guarded).press("Create an account")
    register(page, Full_name="<script>x</script> **Ada**")
    assert page.texts == ["secret of <script>x</script> **Ada**"]


def test_registration_is_a_sign_in(services: Services, sql: SQL) -> None:
    """A user who registers has signed in."""
    register(Page(scripts.guarded).press("Create an account"))
    ((moment,),) = sql("SELECT last_login_at FROM users WHERE email = ?", EMAIL)
    assert moment

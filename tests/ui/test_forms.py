import gc
from typing import Any

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.ui.conftest import SQL

from streamlit_persistauth import User
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.wiring.services import Services

FIELDS = ["Full name", "Email", "Password", "Confirm password"]


def register(page: Page, *, confirmation: str = PASSWORD, **typed: str) -> Page:
    """Fill in the form that makes an account and send it."""
    values = {"Full_name": "Ada", "Email": EMAIL, "Password": PASSWORD} | typed
    return page.fill(**values, Confirm_password=confirmation).press("Create account")


def test_first_account(services: Services) -> None:
    """While there is no account the sign-in page offers to make one, which is then signed in."""
    page = Page(scripts.guarded)
    assert page.buttons == ["Sign in", "Create an account"]
    page.press("Create an account")
    assert page.fields == FIELDS
    register(page)
    assert page.exceptions == []
    assert page.texts == ["secret of Ada"]
    assert page.run().texts == ["secret of Ada"]


def test_only_the_first(ada: User) -> None:
    """Once there is an account the sign-in page offers no other."""
    assert Page(scripts.guarded).buttons == ["Sign in"]


def test_form_that_was_open(services: Services, sql: SQL) -> None:
    """A form that stood open while somebody else made the first account makes no second one."""
    page = Page(scripts.guarded).press("Create an account")
    services.accounts.register("first@example.com", PASSWORD)
    register(page)
    assert page.texts == []
    assert [item.value for item in page.test.info] == ["Registration is closed."]
    assert page.fields == ["Email", "Password"]
    assert page.run().test.info == []
    assert sql("SELECT email FROM users") == [("first@example.com",)]


def test_two_first_accounts(services: Services, sql: SQL, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that was submitted while another visitor made the first account makes none."""
    page = Page(scripts.guarded).press("Create an account")
    draft = services.accounts.draft

    def overtaken(email: str, password: str, **rest: Any) -> UserRecord:  # noqa: ANN401
        record = draft(email, password, **rest)
        services.users.add(draft("first@example.com", PASSWORD))
        return record

    monkeypatch.setattr(services.accounts, "draft", overtaken)
    register(page)
    assert page.texts == []
    assert [item.value for item in page.test.info] == ["Registration is closed."]
    assert sql("SELECT email FROM users") == [("first@example.com",)]


def test_register_form_is_for_the_first_account(ada: User, services: Services) -> None:
    """Once there is an account the form itself offers no other, on a page of the app's own too."""
    page = Page(scripts.both_forms)
    assert [item.value for item in page.test.info] == ["Registration is closed."]
    assert page.fields == ["Email", "Password"]


def test_open_registration(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """With open registration anybody may make an account, and may go back."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.guarded).press("Create an account")
    assert page.press("Back to sign in").fields == ["Email", "Password"]
    page.press("Create an account")
    register(page, Email="bob@example.com", Full_name="Bob")
    assert page.texts == ["secret of Bob"]


def test_closed_registration(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """With closed registration the sign-in page offers none, and the form says so."""
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
    """What can't become an account is said in one sentence, and nothing is made."""
    page = register(Page(scripts.guarded).press("Create an account"), **typed)
    assert page.errors == [message]
    assert page.exceptions == []
    assert services.accounts.has_none()


def test_short_password(services: Services) -> None:
    """A password that is too short is told how long it has to be."""
    page = Page(scripts.guarded).press("Create an account")
    register(page, Password="short", confirmation="short")
    assert page.errors == ["The password must be at least 8 characters long."]


def test_taken(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A taken address is said to be so, and signs nobody in."""
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


def test_own_words(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app's own words stand in place of ours, also in what is said back."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.forms)
    assert [item.label for item in page.test.sidebar.text_input] == ["E-Mail", "Passwort"]
    assert [item.label for item in page.test.sidebar.button] == ["Anmelden", "Create an account"]
    assert [item.label for item in page.test.sidebar.checkbox] == ["Angemeldet bleiben"]
    assert "Konto anlegen" in page.buttons
    for item, text in zip(page.test.sidebar.text_input, (EMAIL, "wrong"), strict=True):
        item.input(text)
    page.press("Anmelden")
    assert page.errors == ["Falsch."]
    assert page.texts == ["user: None", "authenticated: False"]


def test_labels() -> None:
    """A text that an app does not replace stays as it is."""
    say = Translator({"Email": "E-Mail"})
    assert (say("Email"), say("Password")) == ("E-Mail", "Password")
    assert Translator()("Email") == "Email"


def test_password_fields_are_masked(services: Services) -> None:
    """What is typed as a password is not shown, and password managers know which one it is."""
    page = Page(scripts.guarded)
    hints = {item.label: item.proto.autocomplete for item in page.test.text_input}
    assert hints == {"Email": "username", "Password": "current-password"}
    page.press("Create an account")
    hints = {item.label: item.proto.autocomplete for item in page.test.text_input}
    assert hints == {
        "Full name": "name",
        "Email": "username",
        "Password": "new-password",
        "Confirm password": "new-password",
    }
    masked = [item.proto.type for item in page.test.text_input if "assword" in item.label]
    assert masked == [1, 1]


def test_page_after_sign_in_makes_up_for_collection(ada: User) -> None:
    """What the collection between a form's two runs was spared, a later one looks at."""
    gc.unfreeze()
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    assert page.texts
    assert gc.get_freeze_count() == 0

"""The registration form."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.support.setup_code import WRONG, logged_codes
from tests.views.conftest import SQL

from streamlit_persistauth import Authenticator, StoreError, User
from streamlit_persistauth.core.accounts.setup_codes import SetupCodes
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

FIELDS = ["Full name", "Email", "Password", "Confirm password"]


@pytest.fixture
def elsewhere(services: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """An app whose visitors do not use the machine that serves it."""
    monkeypatch.setattr(CurrentUser, "is_local", False)
    return services


def register(page: Page, *, confirmation: str = PASSWORD, **typed: str) -> Page:
    """Submit the registration form."""
    values = {"Full_name": "Ada", "Email": EMAIL, "Password": PASSWORD} | typed
    return page.fill(**values, Confirm_password=confirmation).press("Create account")


def test_first_account(services: Services) -> None:
    """Without any account the page shows registration at once, which makes an administrator."""
    page = Page(scripts.guarded)
    assert page.buttons == ["Create account", "Back to sign in"]
    assert page.test.subheader[0].value == "Create the first account"
    assert "It becomes the administrator of this app." in page.words
    assert page.fields == FIELDS
    register(page)
    assert page.exceptions == []
    assert page.texts == ["secret of Ada"]
    assert page.run().texts == ["secret of Ada"]
    owner = services.accounts.find(EMAIL)
    assert owner is not None
    assert owner.user.roles == ("admin",)


def test_back_and_forth(services: Services) -> None:
    """The sign-in form is one link away, and shown once there is an account."""
    page = Page(scripts.guarded).press("Back to sign in")
    assert page.fields == ["Email", "Password"]
    assert page.buttons == ["Sign in", "Create the first account"]
    assert page.run().fields == ["Email", "Password"]
    assert page.press("Create the first account").fields == FIELDS
    page.press("Back to sign in")
    services.accounts.register("first@example.com", PASSWORD, full_name="First")
    assert page.sign_in("first@example.com", PASSWORD).texts == ["secret of First"]


@pytest.mark.parametrize("script", [scripts.mirrored, scripts.guarded])
def test_first_account_in_a_form(services: Services, script: Callable[..., object]) -> None:
    """`login_form` shows the registration form as the guard's page does."""
    assert Page(script).fields == FIELDS
    services.accounts.register("first@example.com", PASSWORD)
    assert Page(script).fields == ["Email", "Password"]


@pytest.mark.runner
def test_log_out_of_the_first_account(services: Services) -> None:
    """After the log-out of the first user, the sign-in form is shown, without a notice."""
    page = register(Page(scripts.guarded)).press("Log out")
    assert page.fields == ["Email", "Password"]
    assert page.buttons == ["Sign in"]
    assert list(page.test.info) == []


def test_first_account_from_elsewhere(
    elsewhere: Services, caplog: pytest.LogCaptureFixture
) -> None:
    """A visitor from elsewhere needs the code from the log, which is logged once."""
    page = Page(scripts.guarded)
    assert page.fields == ["Set-up code", *FIELDS]
    (code,) = logged_codes(caplog.text)
    register(page, **{"Set-up code": ""})
    assert page.errors == ["Please enter the set-up code."]
    register(page, **{"Set-up code": WRONG})
    assert page.errors == [
        "This set-up code is wrong or has expired. The current one is in the server's log."
    ]
    values = {item.label: item.value for item in page.test.text_input}
    assert values == dict.fromkeys(FIELDS, "") | {
        "Set-up code": WRONG,
        "Full name": "Ada",
        "Email": EMAIL,
    }
    assert elsewhere.accounts.is_empty()
    register(page, **{"Set-up code": code.lower()})
    assert page.texts == ["secret of Ada"]
    assert code not in page.words
    assert len(logged_codes(caplog.text)) == 1


def test_announced_on_the_sign_in_page(
    elsewhere: Services, caplog: pytest.LogCaptureFixture
) -> None:
    """The code is logged as soon as a visitor from elsewhere opens the page."""
    Page(scripts.guarded).press("Back to sign in")
    assert len(logged_codes(caplog.text)) == 1


def test_no_code_where_it_is_not_needed(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    """A visitor who uses the machine that serves the app needs no code, and none is logged."""
    Page(scripts.guarded)
    assert "Set-up code" not in caplog.text


@pytest.mark.parametrize("registration", ["first", "open", "closed", "invited"])
def test_no_code_once_there_is_an_account(
    elsewhere: Services,
    ada: User,
    monkeypatch: pytest.MonkeyPatch,
    registration: str,
) -> None:
    """With an account, no code is made or looked up, with any setting of registration."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", registration)
    calls: list[SetupCodes] = []

    def announce(codes: SetupCodes) -> None:
        calls.append(codes)

    monkeypatch.setattr(SetupCodes, "announce", announce)
    assert "Set-up code" not in Page(scripts.guarded).run().words + Page(scripts.forms).words
    assert calls == []


def test_open_registration_makes_no_administrator(
    elsewhere: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With open registration the first account needs no code and gets no role."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = register(Page(scripts.guarded).press("Create an account"))
    assert page.texts == ["secret of Ada"]
    owner = elsewhere.accounts.find(EMAIL)
    assert owner is not None
    assert owner.user.roles == ()


def without_roles() -> None:
    """Guard a page with an app's own table, which has no column for roles."""
    import streamlit as st

    from streamlit_persistauth import Authenticator
    from streamlit_persistauth.stores.sql import SQLUserStore

    columns = {"id": "id", "email": "email", "password_hash": "password_hash"}
    members = SQLUserStore("sqlite:///persistauth.db", table="members", columns=columns)
    user = Authenticator(users=members).guard()
    st.text(f"roles of {user.email}: {user.roles}")


@pytest.mark.parametrize("cache_seconds", ["0", "60"])
def test_table_without_roles(sql: SQL, monkeypatch: pytest.MonkeyPatch, cache_seconds: str) -> None:
    """In a table without roles the first account has none, and the form promises none."""
    monkeypatch.setenv("PERSISTAUTH_REVALIDATE_SECONDS", cache_seconds)
    sql("CREATE TABLE members (id VARCHAR(36) PRIMARY KEY, email TEXT, password_hash TEXT)")
    page = Page(without_roles)
    assert "administrator" not in page.words
    register(page)
    assert page.exceptions == []
    assert page.texts == [f"roles of {EMAIL}: ()"]


def test_first_account_by_program(services: Services) -> None:
    """`auth.register` makes no administrator, also of the first account."""
    assert Authenticator().register(EMAIL, PASSWORD).roles == ()


def test_only_the_first(ada: User) -> None:
    """Once there is an account the sign-in page does not offer registration."""
    assert Page(scripts.guarded).buttons == ["Sign in"]


def test_form_that_was_open(services: Services, sql: SQL) -> None:
    """A form that was open while another visitor registered first creates no account."""
    page = Page(scripts.guarded)
    services.accounts.register("first@example.com", PASSWORD)
    register(page)
    assert page.texts == []
    assert [item.value for item in page.test.info] == ["Registration is closed."]
    assert page.fields == ["Email", "Password"]
    assert page.run().test.info == []
    assert sql("SELECT email FROM users") == [("first@example.com",)]


def test_two_first_accounts(services: Services, sql: SQL, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that was submitted while another visitor registered first creates no account."""
    page = Page(scripts.guarded)
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
    page = register(Page(scripts.guarded), **typed)
    assert page.errors == [message]
    assert page.exceptions == []
    assert services.accounts.is_empty()


def test_short_password(services: Services) -> None:
    """A password that is too short is rejected with the minimum length."""
    page = Page(scripts.guarded)
    register(page, Password="short", confirmation="short")
    assert page.errors == ["The password must be at least 8 characters long."]


def test_taken(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A taken address is rejected and not signed in."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    Page(scripts.guarded)
    assert services_for(AppConfig()).users.find(EMAIL)
    page = register(Page(scripts.guarded).press("Create an account"), Email="ADA@example.com ")
    assert page.errors == ["An account with this email already exists."]
    assert page.texts == []


def test_markup_in_a_name(services: Services) -> None:
    """A name with HTML and Markdown is kept as text."""
    page = Page(scripts.guarded)
    register(page, Full_name="<script>x</script> **Ada**")
    assert page.texts == ["secret of <script>x</script> **Ada**"]


def test_registration_is_a_sign_in(services: Services, sql: SQL) -> None:
    """A user who registers has signed in."""
    register(Page(scripts.guarded))
    ((moment,),) = sql("SELECT last_login_at FROM users WHERE email = ?", EMAIL)
    assert moment


@pytest.mark.parametrize("registration", ["first", "open"])
def test_other_domain(
    services: Services, monkeypatch: pytest.MonkeyPatch, registration: str
) -> None:
    """An address of another mail domain is refused at its field, and one of the list accepted."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", registration)
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION_DOMAINS", "example.com")
    page = Page(scripts.guarded)
    if registration == "open":
        page.press("Create an account")
    register(page, Email="ada@example.org")
    assert page.errors == ["Email addresses of this domain can't be used here."]
    assert services.accounts.is_empty()
    assert register(page).texts == ["secret of Ada"]


def test_store_fails_before_the_sign_in(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the store fails once the account is created, the form says that it is."""

    def fail(*_: object, **__: object) -> None:
        raise StoreError("no such luck")

    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    opened = services_for(AppConfig())
    page = Page(scripts.guarded).press("Create an account")
    with monkeypatch.context() as patched:
        patched.setitem(vars(opened.sessions), "start", fail)
        register(page)
    assert [item.value for item in page.test.success] == ["Your account is ready. Please sign in."]
    assert page.errors == []
    assert page.press("Back to sign in").sign_in(EMAIL, PASSWORD).texts == ["secret of Ada"]

"""The forms that a link opens: confirmation and invitation."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer
from tests.support.page import Page
from tests.views.conftest import SQL
from tests.views.links import opened

from streamlit_persistauth import Authenticator, AuthError, ConfirmationNeeded, StoreError, User
from streamlit_persistauth.wiring.services import AppConfig, services_for

ALMOST = "Almost done. Please open the link that we sent to your email address."
DEAD = "This link is no longer valid. Please request a new one."


@pytest.fixture
def _verification(mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app with open registration and email verification."""
    monkeypatch.setenv("PERSISTAUTH_EMAIL_VERIFICATION", "on")
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")


def register(email: str = EMAIL, *, first: bool = False) -> Page:
    """Register on the sign-in page, which shows the form of the first account at once."""
    page = Page(scripts.guarded)
    if not first:
        page.press("Create an account")
    page.fill(Full_name="Ada", Email=email, Password=PASSWORD, Confirm_password=PASSWORD)
    return page.press("Create account")


@pytest.mark.usefixtures("_verification")
def test_registration(mail: MailServer) -> None:
    """A new user is signed in after opening the link and typing the password."""
    page = register()
    assert [item.value for item in page.test.success] == [ALMOST]
    assert page.press("Back to sign in").sign_in(EMAIL, PASSWORD).errors == [ALMOST]
    page = opened(mail, 2)
    assert page.fields == ["Password"]
    assert page.fill(Password="wrong-Kettle-93").press("Confirm").errors == [
        "The password is incorrect."
    ]
    assert page.fill(Password="").press("Confirm").errors == ["Please enter your password."]
    assert page.fill(Password=PASSWORD).press("Confirm").texts == ["secret of Ada"]
    assert Page(scripts.guarded).sign_in(EMAIL, PASSWORD).texts == ["secret of Ada"]


@pytest.mark.usefixtures("_verification")
def test_taken_address(mail: MailServer, ada: User) -> None:
    """A taken address gets the same answer, and its owner gets an email."""
    page = register()
    assert [item.value for item in page.test.success] == [ALMOST]
    assert page.errors == []
    assert "already" in str(mail.wait_for(1)[0]["Subject"])


@pytest.mark.usefixtures("_verification")
def test_the_same_by_program(mail: MailServer, ada: User) -> None:
    """`register` raises the same error for a free address and a taken one."""
    for email in (EMAIL, "free@example.com"):
        with pytest.raises(ConfirmationNeeded):
            Authenticator().register(email, PASSWORD)
    assert {mail["To"] for mail in mail.wait_for(2)} == {EMAIL, "free@example.com"}


def test_first_account(mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first account needs no confirmation; the next one does."""
    monkeypatch.setenv("PERSISTAUTH_EMAIL_VERIFICATION", "on")
    assert register(first=True).texts == ["secret of Ada"]
    with pytest.raises(ConfirmationNeeded):
        Authenticator().register("bob@example.com", PASSWORD)


def test_proofs_need_mail(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Email verification without mail is a configuration error."""
    monkeypatch.setenv("PERSISTAUTH_EMAIL_VERIFICATION", "on")
    with pytest.raises(AuthError, match="PERSISTAUTH_EMAIL_VERIFICATION: it needs mail"):
        Authenticator()


def test_taken_address_without_proofs(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without email verification the form shows that an address is taken."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    assert register().errors == ["An account with this email already exists."]


def test_invitation(mail: MailServer, root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invited user chooses a name and a password, and gets the intended roles."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "invited")
    assert "Create an account" not in Page(scripts.guarded).buttons
    Authenticator().invite(EMAIL, full_name="A. Proposal", roles=["admin"])
    page = opened(mail)
    assert page.fields == ["Full name", "Password", "Confirm password"]
    assert page.test.text_input[0].value == "A. Proposal"
    page.fill(Full_name="Ada", Password=PASSWORD, Confirm_password="another").press(
        "Create account"
    )
    assert page.errors == ["The passwords don't match."]
    page.fill(Password="short", Confirm_password="short").press("Create account")
    assert page.errors == ["The password must be at least 8 characters long."]
    page.fill(Password="", Confirm_password="").press("Create account")
    assert page.errors == ["Please enter a password."]
    page.fill(Password=PASSWORD, Confirm_password=PASSWORD).press("Create account")
    assert page.texts == ["secret of Ada"]
    assert Page(scripts.for_admins).sign_in(EMAIL, PASSWORD).texts[0] == "secret of Ada"
    assert opened(mail).errors == [DEAD]


def last_sign_in(sql: SQL) -> object:
    """Return the time of the user's last sign-in."""
    ((moment,),) = sql("SELECT last_login_at FROM users WHERE email = ?", EMAIL)
    return moment


@pytest.mark.usefixtures("_verification")
def test_confirmation_is_a_sign_in(mail: MailServer, sql: SQL) -> None:
    """Confirming an address is a sign-in; registering is not."""
    register()
    page = opened(mail)
    assert last_sign_in(sql) is None
    page.fill(Password=PASSWORD).press("Confirm")
    assert last_sign_in(sql)


def test_invitation_is_a_sign_in(mail: MailServer, root: User, sql: SQL) -> None:
    """Accepting an invitation is a sign-in; being invited is not."""
    Authenticator().invite(EMAIL)
    page = opened(mail)
    assert last_sign_in(sql) is None
    page.fill(Password=PASSWORD, Confirm_password=PASSWORD).press("Create account")
    assert last_sign_in(sql)


def test_register_form_where_only_invited_may(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registration form shows that an invitation is needed."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "invited")
    page = Page(scripts.forms)
    assert [item.value for item in page.test.info] == [
        "You need an invitation to create an account."
    ]


@pytest.mark.usefixtures("_verification")
def test_naughty_link(ada: User) -> None:
    """An invalid link shows an error, for each kind of link."""
    for parameter in ("persistauth_confirm", "persistauth_invitation"):
        page = Page(scripts.guarded)
        page.test.query_params[parameter] = "<b>nonsense</b>"
        assert page.run().errors == [DEAD]
        assert page.exceptions == []


def test_link_forms_of_their_own(app: object) -> None:
    """Without a link, the forms show that the link is invalid."""
    page = Page(scripts.link_forms)
    assert page.errors == [DEAD, DEAD, DEAD]


@pytest.mark.usefixtures("_verification")
@pytest.mark.parametrize("purpose", ["confirmation", "invitation"])
def test_store_fails_before_the_sign_in(
    mail: MailServer,
    root: User,
    monkeypatch: pytest.MonkeyPatch,
    purpose: str,
) -> None:
    """If the store fails once the account is complete, the sign-in form says that it is."""
    if purpose == "confirmation":
        register()
    else:
        Authenticator().invite(EMAIL)
    page = opened(mail)
    with monkeypatch.context() as patched:
        patched.setitem(vars(services_for(AppConfig()).sessions), "start", fail)
        if purpose == "confirmation":
            page.fill(Password=PASSWORD).press("Confirm")
        else:
            page.fill(Password=PASSWORD, Confirm_password=PASSWORD).press("Create account")
    assert [item.value for item in page.test.success] == ["Your account is ready. Please sign in."]
    assert page.errors == []
    assert page.texts == []
    assert page.sign_in(EMAIL, PASSWORD).texts != []


def fail(*_: object, **__: object) -> None:
    """Fail as a store."""
    raise StoreError("no such luck")

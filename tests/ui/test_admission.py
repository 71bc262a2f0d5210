"""Addresses to be proven, invitations, and changes of address, as a person meets them."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer, link_in
from tests.support.page import Page
from tests.ui.conftest import SQL

from streamlit_persistauth import Authenticator, AuthError, ConfirmationNeeded, User
from streamlit_persistauth.wiring.services import Services

ALMOST = "Almost done. Please open the link that we sent to your email address."
DEAD = "This link is no longer valid. Please request a new one."


@pytest.fixture
def _proofs(mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app in which addresses have to be proven, and anybody may register."""
    monkeypatch.setenv("PERSISTAUTH_EMAIL_VERIFICATION", "on")
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")


def register(email: str = EMAIL) -> Page:
    """Register on the sign-in page."""
    page = Page(scripts.guarded).press("Create an account")
    page.fill(Full_name="Ada", Email=email, Password=PASSWORD, Confirm_password=PASSWORD)
    return page.press("Create account")


def opened(mail: MailServer, count: int = 1) -> Page:
    """Open the link of the last of so many letters."""
    mails = mail.wait_for(count)
    assert len(mails) == count
    _, parameter, token = link_in(mails[-1])
    page = Page(scripts.guarded)
    page.test.query_params[parameter] = token
    page.run()
    assert parameter not in page.test.query_params
    assert token not in page.words
    assert token not in repr(page.state)
    return page


@pytest.mark.usefixtures("_proofs")
def test_registration(mail: MailServer) -> None:
    """Who registers is in once the link is opened and the password typed again."""
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


@pytest.mark.usefixtures("_proofs")
def test_taken_address(mail: MailServer, ada: User) -> None:
    """An address that is taken reads the same, and its owner gets a letter."""
    page = register()
    assert [item.value for item in page.test.success] == [ALMOST]
    assert page.errors == []
    assert "already" in str(mail.wait_for(1)[0]["Subject"])


@pytest.mark.usefixtures("_proofs")
def test_the_same_by_program(mail: MailServer, ada: User) -> None:
    """`register` answers alike for a free address and a taken one."""
    for email in (EMAIL, "free@example.com"):
        with pytest.raises(ConfirmationNeeded):
            Authenticator().register(email, PASSWORD)
    assert {mail["To"] for mail in mail.wait_for(2)} == {EMAIL, "free@example.com"}


def test_first_account(mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installs an app has the first account at once; the next one is to be proven."""
    monkeypatch.setenv("PERSISTAUTH_EMAIL_VERIFICATION", "on")
    assert register().texts == ["secret of Ada"]
    with pytest.raises(ConfirmationNeeded):
        Authenticator().register("bob@example.com", PASSWORD)


def test_proofs_need_mail(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without mail no address can be proven, which is told when the app starts."""
    monkeypatch.setenv("PERSISTAUTH_EMAIL_VERIFICATION", "on")
    with pytest.raises(AuthError, match="PERSISTAUTH_EMAIL_VERIFICATION: it needs mail"):
        Authenticator()


def test_taken_address_without_proofs(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without proofs the form has to say that an address is taken."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    assert register().errors == ["An account with this email already exists."]


def test_invitation(mail: MailServer, root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is invited chooses name and password, and is in with the roles that were meant."""
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
    """When the user signed in last, as the administration reads it."""
    ((moment,),) = sql("SELECT last_login_at FROM users WHERE email = ?", EMAIL)
    return moment


def test_registration_is_a_sign_in(services: Services, sql: SQL) -> None:
    """A user who registers has signed in."""
    register()
    assert last_sign_in(sql)


@pytest.mark.usefixtures("_proofs")
def test_confirmation_is_a_sign_in(mail: MailServer, sql: SQL) -> None:
    """A user who proves an address has signed in, and not before."""
    register()
    page = opened(mail)
    assert last_sign_in(sql) is None
    page.fill(Password=PASSWORD).press("Confirm")
    assert last_sign_in(sql)


def test_invitation_is_a_sign_in(mail: MailServer, root: User, sql: SQL) -> None:
    """A user who accepts an invitation has signed in, and not before."""
    Authenticator().invite(EMAIL)
    page = opened(mail)
    assert last_sign_in(sql) is None
    page.fill(Password=PASSWORD, Confirm_password=PASSWORD).press("Create account")
    assert last_sign_in(sql)


def test_register_form_where_only_invited_may(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form says that an account needs an invitation."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "invited")
    page = Page(scripts.forms)
    assert [item.value for item in page.test.info] == [
        "You need an invitation to create an account."
    ]


def ask(page: Page, email: str, password: str = PASSWORD) -> Page:
    """Fill in the form that changes the address, and send it."""
    page.fill(New_email=email, Current_password=password)
    return page.press("Change email")


def test_change_of_address(mail: MailServer, ada: User) -> None:
    """A new address counts once it is proven; every other page is signed out."""
    page = Page(scripts.moving).sign_in(EMAIL, PASSWORD)
    assert ask(page, "ada@new.example.com", "wrong-Kettle-93").errors == [
        "The password is incorrect."
    ]
    assert ask(page, "nonsense").errors == ["Please enter a valid email address."]
    assert ask(page, "").errors == ["Please enter your new email."]
    ask(page, "ada@new.example.com")
    assert [item.value for item in page.test.success] == [
        "We sent a link to your new email address. Open it to confirm the change."
    ]
    link = opened(mail)
    assert link.fill(Password=PASSWORD).press("Confirm").texts == ["secret of Ada"]
    assert page.run().texts == []
    assert link.run().texts == ["secret of Ada"]
    assert [mail["To"] for mail in mail.wait_for(2)] == ["ada@new.example.com", EMAIL]
    assert page.sign_in("ada@new.example.com", PASSWORD).texts == ["ada@new.example.com"]


def test_change_of_address_without_mail(ada: User, sql: SQL) -> None:
    """Where no mail is set up it counts at once, and this page stays signed in."""
    page = Page(scripts.moving).sign_in(EMAIL, PASSWORD)
    other = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    ask(page, "ada@new.example.com")
    assert [item.value for item in page.test.success] == [
        "Your email was changed. All other devices were signed out."
    ]
    assert page.texts == ["ada@new.example.com"]
    assert other.run().texts == []
    assert sql("SELECT email FROM users") == [("ada@new.example.com",)]


@pytest.mark.usefixtures("_proofs")
def test_naughty_link(ada: User) -> None:
    """A link that is none says so, for each purpose."""
    for parameter in ("persistauth_confirm", "persistauth_invitation"):
        page = Page(scripts.guarded)
        page.test.query_params[parameter] = "<b>nonsense</b>"
        assert page.run().errors == [DEAD]
        assert page.exceptions == []


def test_link_forms_of_their_own(app: object) -> None:
    """Drawn without a link, the forms say that there is none that counts."""
    page = Page(scripts.link_forms)
    assert page.errors == [DEAD, DEAD, DEAD]

"""The forms that change the email address and the password."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer
from tests.support.page import Page
from tests.views.conftest import SQL
from tests.views.links import opened

from streamlit_persistauth import StoreError, User
from streamlit_persistauth.wiring.services import Services

NEW = "another-Kettle-94"
DONE = "Your password was changed. All other devices were signed out."


def change(page: Page, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> Page:
    """Submit the form that changes the password."""
    page.fill(Current_password=current, New_password=new, Confirm_new_password=again or new)
    return page.press("Change password")


def test_change(ada: User, sql: SQL) -> None:
    """A changed password signs out all other pages but not this one."""
    page = Page(scripts.changing).sign_in(EMAIL, PASSWORD)
    other = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    change(page)
    assert [item.value for item in page.test.success] == [DONE]
    assert page.exceptions == []
    assert page.run().texts == ["signed in: Ada"]
    assert other.run().texts == []
    assert sql("SELECT count(*) FROM auth_tokens WHERE token_type = 'session'") == [(1,)]
    assert other.sign_in(EMAIL, PASSWORD).errors == ["Invalid email or password."]
    assert other.sign_in(EMAIL, NEW).texts == ["secret of Ada"]


@pytest.mark.parametrize(
    ("current", "new", "again", "message"),
    [
        ("wrong-Kettle-93", NEW, None, "The password is incorrect."),
        (PASSWORD, NEW, "something-else", "The passwords don't match."),
        ("", NEW, None, "Please enter your current password."),
        (PASSWORD, "short", None, "The password must be at least 8 characters long."),
        (PASSWORD, PASSWORD, None, "The new password must be different from the current one."),
    ],
)
def test_refused(ada: User, current: str, new: str, again: str | None, message: str) -> None:
    """An invalid change is rejected with one sentence, and nothing changes."""
    page = change(Page(scripts.changing).sign_in(EMAIL, PASSWORD), current, new, again)
    assert page.errors == [message]
    assert page.texts == ["signed in: Ada"]
    assert Page(scripts.guarded).sign_in(EMAIL, PASSWORD).texts == ["secret of Ada"]


def test_nothing_typed_stays(ada: User) -> None:
    """Typed passwords are neither in a field nor in the state afterwards."""
    page = change(Page(scripts.changing).sign_in(EMAIL, PASSWORD), "wrong-Kettle-93")
    assert {item.value for item in page.test.text_input} == {""}
    assert NEW not in repr(page.state)


def test_signed_out(ada: User) -> None:
    """A signed-out user sees no form."""
    assert Page(scripts.own_forms).buttons == []


def ask(page: Page, email: str, password: str = PASSWORD) -> Page:
    """Submit the form that changes the address."""
    page.fill(New_email=email, Current_password=password)
    return page.press("Change email")


def test_change_of_address(mail: MailServer, ada: User) -> None:
    """A new address takes effect when its link is opened; all other pages are signed out."""
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
    """Without mail a new address takes effect at once, and this page stays signed in."""
    page = Page(scripts.moving).sign_in(EMAIL, PASSWORD)
    other = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    ask(page, "ada@new.example.com")
    assert [item.value for item in page.test.success] == [
        "Your email was changed. All other devices were signed out."
    ]
    assert page.texts == ["ada@new.example.com"]
    assert other.run().texts == []
    assert sql("SELECT email FROM users") == [("ada@new.example.com",)]


@pytest.mark.runner
@pytest.mark.parametrize("what", ["password", "email"])
def test_store_fails_after_the_change(
    ada: User, services: Services, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """If the store fails once the change is made, the sign-in form says that it is made."""
    page = Page(scripts.changing if what == "password" else scripts.moving)
    page.sign_in(EMAIL, PASSWORD)
    with monkeypatch.context() as patched:
        patched.setitem(vars(services.sessions), "start", fail)
        page = change(page) if what == "password" else ask(page, "ada@new.example.com")
    answers = {
        "password": "Your password was changed. Please sign in with your new password.",
        "email": "Your email was changed. Please sign in again.",
    }
    assert [item.value for item in page.test.success] == [answers[what]]
    assert page.errors == []
    assert page.texts == []
    email, password = (EMAIL, NEW) if what == "password" else ("ada@new.example.com", PASSWORD)
    assert page.sign_in(email, password).texts == [
        "signed in: Ada" if what == "password" else email
    ]


def fail(*_: object, **__: object) -> None:
    """Fail as a store."""
    raise StoreError("no such luck")

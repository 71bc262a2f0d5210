"""The forgotten password: the form, the link and the new password."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer, link_in
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import User

NEW = "another-Kettle-94"
SENT = (
    "If an account exists for this email address, we sent a link to it. The link is valid for one "
    "hour."
)
DEAD = "This link is no longer valid. Please request a new one."


def asked(mail: MailServer, email: str = EMAIL) -> str:
    """Request a link; return the token of the link that arrives."""
    page = Page(scripts.guarded).press("Forgot your password?").fill(Email=email)
    page.press("Send reset link")
    assert [item.value for item in page.test.success] == [SENT]
    base, parameter, token = link_in(mail.wait_for(1)[-1])
    assert (base, parameter) == ("https://app.example.com/team/", "persistauth_reset")
    return token


def opened(token: str) -> Page:
    """Open the link."""
    page = Page(scripts.guarded)
    page.test.query_params["persistauth_reset"] = token
    return page.run()


def choose(page: Page, password: str = NEW, again: str | None = None) -> Page:
    """Submit the form that sets a new password."""
    page.fill(New_password=password, Confirm_new_password=again or password)
    return page.press("Set new password")


def test_not_set_up(ada: User) -> None:
    """Without mail the sign-in page does not link to the form."""
    assert Page(scripts.guarded).buttons == ["Sign in"]


def test_whole_way(mail: MailServer, ada: User, sql: SQL) -> None:
    """A reset sets the new password, revokes all sessions and sends a notice by mail."""
    elsewhere = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page = opened(asked(mail))
    assert page.fields == ["New password", "Confirm new password"]
    assert page.texts == []
    choose(page)
    assert [item.value for item in page.test.success] == [
        "Your password was changed. Please sign in with your new password."
    ]
    assert page.exceptions == []
    assert elsewhere.run().texts == []
    assert page.sign_in(EMAIL, PASSWORD).errors == ["Invalid email or password."]
    assert page.sign_in(EMAIL, NEW).texts == ["secret of Ada"]
    assert "was changed" in str(mail.wait_for(2)[-1]["Subject"])
    types = [row[0] for row in sql("SELECT event_type FROM auth_events")]
    assert {"password_reset_requested", "password_reset"} <= set(types)


def test_address_bar(mail: MailServer, ada: User) -> None:
    """The token is removed from the URL, and is neither on the page nor in the app's state."""
    token = asked(mail)
    page = opened(token)
    assert "persistauth_reset" not in page.test.query_params
    assert token not in page.words
    assert token not in repr(page.state)


def test_unknown_address(mail: MailServer, ada: User) -> None:
    """An address without an account gets the same answer."""
    page = Page(scripts.guarded).press("Forgot your password?")
    page.fill(Email="unknown@example.com").press("Send reset link")
    assert [item.value for item in page.test.success] == [SENT]
    asked(mail)
    assert [mail["To"] for mail in mail.mails] == [EMAIL]


def test_used_twice(mail: MailServer, ada: User) -> None:
    """A link works once; the second use shows an error, in an open page and in a new one."""
    token = asked(mail)
    first, second = opened(token), opened(token)
    choose(first)
    assert choose(second, "third-Kettle-95").errors == [DEAD]
    assert opened(token).errors == [DEAD]
    assert Page(scripts.guarded).sign_in(EMAIL, NEW).texts == ["secret of Ada"]


@pytest.mark.parametrize(
    ("password", "again", "message"),
    [
        ("short", None, "The password must be at least 8 characters long."),
        (NEW, "something-else", "The passwords don't match."),
        ("", None, "Please enter a new password."),
    ],
)
def test_refused(
    mail: MailServer, ada: User, password: str, again: str | None, message: str
) -> None:
    """An invalid password is rejected, and the link still works."""
    page = opened(asked(mail))
    assert choose(page, password, again).errors == [message]
    assert choose(page).errors == []
    assert page.sign_in(EMAIL, NEW).texts == ["secret of Ada"]


@pytest.mark.parametrize("token", ["nonsense", "", "x" * 10_000, "<b>a</b>"])
def test_nonsense(mail: MailServer, ada: User, token: str) -> None:
    """An invalid link shows an error and a way to the sign-in form."""
    page = opened(token)
    assert page.errors == [DEAD]
    assert page.exceptions == []
    assert "Sign in" in page.press("Back to sign in").buttons


def test_signed_in_already(mail: MailServer, ada: User) -> None:
    """A signed-in user who opens a link sees its form, and the page again after leaving it."""
    token = asked(mail)
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page.test.query_params["persistauth_reset"] = token
    assert page.run().fields == ["New password", "Confirm new password"]
    assert page.texts == []
    assert page.press("Back to sign in").texts == ["secret of Ada"]


def test_flood(mail: MailServer, ada: User) -> None:
    """After three requests an address is throttled, with or without an account."""
    for email in (EMAIL, "unknown@example.com"):
        page = Page(scripts.guarded).press("Forgot your password?")
        for _ in range(4):
            page.fill(Email=email).press("Send reset link")
        assert page.errors == ["Too many attempts. Please try again in 5 minutes."]

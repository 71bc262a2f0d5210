"""The views of the one sign-in form, and whose it is."""

import base64
from pathlib import Path

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer
from tests.support.page import Page

from streamlit_persistauth import AuthSettings, ConfigError, User

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)


def html(page: Page) -> str:
    """What the page has in HTML of its own."""
    return "".join(str(item.proto.body) for item in page.test.get("html"))


def test_views_of_the_form(mail: MailServer, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """`login_form` turns to registration and reset as the sign-in page of a guard does."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    for script in (scripts.mirrored, scripts.guarded):
        page = Page(script)
        assert page.buttons == ["Sign in", "Forgot your password?", "Create an account"]
        page.press("Create an account")
        assert page.fields == ["Full name", "Email", "Password", "Confirm password"]
        page.press("Back to sign in").press("Forgot your password?")
        assert (page.fields, page.buttons) == (["Email"], ["Send reset link", "Back to sign in"])
        assert page.press("Back to sign in").fields == ["Email", "Password"]
        assert page.exceptions == []


def test_views_in_the_sidebar(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are there wherever the form is, beside another form of the same kind too."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.both_forms)
    page.press("Create an account")
    labels = [item.label for item in page.test.sidebar.text_input]
    assert labels == ["Full name", "Email", "Password", "Confirm password"]
    assert page.exceptions == []


def test_only_what_is_set_up(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no registration and no mail, there is no way to it."""
    assert Page(scripts.mirrored).buttons == ["Sign in"]


def test_first_view_after_a_log_out(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has registered and signs out meets the sign-in form."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.guarded).press("Create an account")
    page.fill(
        Full_name="Bob", Email="bob@example.com", Password=PASSWORD, Confirm_password=PASSWORD
    )
    page.press("Create account")
    assert page.texts == ["secret of Bob"]
    assert page.press("Log out").fields == ["Email", "Password"]


def test_what_was_typed(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a refusal everything typed is there but the passwords, which are nowhere."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.guarded).press("Create an account")
    page.fill(Full_name="Bob", Email="bob", Password=PASSWORD, Confirm_password=PASSWORD)
    page.press("Create account")
    assert [item.value for item in page.test.text_input] == ["Bob", "bob", "", ""]
    assert PASSWORD not in repr(page.state)


def test_brand(ada: User, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name and logo stand above the form; a name is text, and a file is part of the page."""
    (app / "logo.png").write_bytes(PIXEL)
    monkeypatch.setenv("PERSISTAUTH_APP_NAME", "Plums & <b>Pears</b>")
    monkeypatch.setenv("PERSISTAUTH_LOGO", "logo.png")
    shown = html(Page(scripts.guarded))
    assert "<p>Plums &amp; &lt;b&gt;Pears&lt;/b&gt;</p>" in shown
    assert f'src="data:image/png;base64,{base64.b64encode(PIXEL).decode()}"' in shown


def test_no_brand(ada: User) -> None:
    """An app without either has nothing there."""
    assert "persistauth-brand" not in html(Page(scripts.guarded))


@pytest.mark.parametrize(
    "logo", ["https://app.example.com/a.svg?x=1&y=2", "data:image/gif;base64,R0"]
)
def test_logo_elsewhere(ada: User, monkeypatch: pytest.MonkeyPatch, logo: str) -> None:
    """A URL is passed on as it is."""
    monkeypatch.setenv("PERSISTAUTH_LOGO", logo)
    assert f'src="{logo.replace("&", "&amp;")}"' in html(Page(scripts.guarded))


@pytest.mark.parametrize("logo", ["missing.png", "notes.txt", "."])
def test_logo_that_cannot_be(
    ada: User,
    app: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    logo: str,
) -> None:
    """A logo that can't be read keeps nobody out: it is left out, and the log says why."""
    (app / "notes.txt").write_text("no picture")
    monkeypatch.setenv("PERSISTAUTH_LOGO", logo)
    page = Page(scripts.guarded)
    assert page.fields == ["Email", "Password"]
    assert "<img" not in html(page)
    assert f"PERSISTAUTH_LOGO: {logo}" in caplog.text
    assert page.sign_in(EMAIL, PASSWORD).texts == ["secret of Ada"]


@pytest.mark.parametrize(
    "logo", ["http://x.example.com/a.png", "javascript:alert(1)", "data:text/html,x"]
)
def test_unsafe_logo(logo: str) -> None:
    """A URL of another kind is no setting."""
    with pytest.raises(ConfigError, match="PERSISTAUTH_LOGO"):
        AuthSettings(logo=logo)


def test_hidden_navigation(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where it is asked for, and only while nobody is signed in, is anything hidden."""
    assert "stSidebar" not in html(Page(scripts.guarded))
    monkeypatch.setenv("PERSISTAUTH_HIDE_NAVIGATION", "on")
    page = Page(scripts.guarded)
    assert "stSidebar" in html(page)
    assert "stSidebar" not in html(page.sign_in(EMAIL, PASSWORD))

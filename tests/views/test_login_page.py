"""The sign-in page: its views, its logo and its texts."""

import base64
from pathlib import Path

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer
from tests.support.page import Page

from streamlit_persistauth import AuthSettings, ConfigError, User


def test_own_words(ada: User) -> None:
    """Labels of the app replace texts on the guard's page; labels of a form take precedence."""
    page = Page(scripts.own_words)
    labels = [item.label for item in (*page.test.sidebar.text_input, *page.test.main.text_input)]
    assert labels == ["E-Mail", "Passwort", "E-Mail", "Kennwort"]
    page.fill(Kennwort="").press_last("Anmelden")
    assert page.errors == ["Please enter your email."]


def test_own_words_of_a_form(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels replace the texts of a form, including its errors."""
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


def test_password_fields_are_masked(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Password fields are masked, and tell password managers which password they take."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
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


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)


def html(page: Page) -> str:
    """Return the HTML of the page."""
    return "".join(str(item.proto.body) for item in page.test.get("html"))


def test_views_of_the_form(mail: MailServer, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """`login_form` links to registration and reset as the guard's page does."""
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
    """The links work in the sidebar, beside another registration form."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.both_forms)
    page.press("Create an account")
    labels = [item.label for item in page.test.sidebar.text_input]
    assert labels == ["Full name", "Email", "Password", "Confirm password"]
    assert page.exceptions == []


def test_only_what_is_set_up(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without registration and mail there are no links."""
    assert Page(scripts.mirrored).buttons == ["Sign in"]


def test_first_view_after_a_log_out(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who registers and logs out sees the sign-in form."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.guarded).press("Create an account")
    page.fill(
        Full_name="Bob", Email="bob@example.com", Password=PASSWORD, Confirm_password=PASSWORD
    )
    page.press("Create account")
    assert page.texts == ["secret of Bob"]
    assert page.press("Log out").fields == ["Email", "Password"]


def test_what_was_typed(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rejected form keeps the typed texts but not the passwords."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.guarded).press("Create an account")
    page.fill(Full_name="Bob", Email="bob", Password=PASSWORD, Confirm_password=PASSWORD)
    page.press("Create account")
    assert [item.value for item in page.test.text_input] == ["Bob", "bob", "", ""]
    assert PASSWORD not in repr(page.state)


def test_brand(ada: User, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name, as text, and the logo are shown above the form."""
    (app / "logo.png").write_bytes(PIXEL)
    monkeypatch.setenv("PERSISTAUTH_APP_NAME", "Plums & <b>Pears</b>")
    monkeypatch.setenv("PERSISTAUTH_LOGO", "logo.png")
    shown = html(Page(scripts.guarded))
    assert "<p>Plums &amp; &lt;b&gt;Pears&lt;/b&gt;</p>" in shown
    assert f'src="data:image/png;base64,{base64.b64encode(PIXEL).decode()}"' in shown


def test_no_brand(ada: User) -> None:
    """Without a name and a logo nothing is shown."""
    assert "persistauth-brand" not in html(Page(scripts.guarded))


@pytest.mark.parametrize(
    "logo", ["https://app.example.com/a.svg?x=1&y=2", "data:image/gif;base64,R0"]
)
def test_logo_elsewhere(ada: User, monkeypatch: pytest.MonkeyPatch, logo: str) -> None:
    """The URL of a logo is used as it is."""
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
    """A logo that can't be read is left out and logged, and signing in works."""
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
    """A URL with another scheme is rejected."""
    with pytest.raises(ConfigError, match="PERSISTAUTH_LOGO"):
        AuthSettings(logo=logo)


@pytest.mark.runner
def test_hidden_navigation(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The navigation is hidden only if configured, and only while no user is signed in."""
    assert "stSidebar" not in html(Page(scripts.guarded))
    monkeypatch.setenv("PERSISTAUTH_HIDE_NAVIGATION", "on")
    page = Page(scripts.guarded)
    assert "stSidebar" in html(page)
    assert "stSidebar" not in html(page.sign_in(EMAIL, PASSWORD))

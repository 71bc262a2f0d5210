"""Several `Authenticator`s, wrong settings, and calls outside a page."""

from pathlib import Path

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import Authenticator, InvalidArgument, InvalidRole, User
from streamlit_persistauth.testing import widget_key

UNAVAILABLE = "Sign-in is unavailable right now. Please try again later."
SIGN_IN = ["Email", "Password"]


def test_missing_folder(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a database in a missing folder the page shows one sentence, without SQL or a path."""
    from streamlit_persistauth.core.sessions.key_strength import generate_key

    monkeypatch.setenv("JWT_SECRET_KEY", generate_key())
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "sqlite:///missing/app.db")
    page = Page(scripts.guarded)
    if page.fields:
        page.sign_in(EMAIL, PASSWORD)
    assert page.errors == [UNAVAILABLE]
    assert page.texts == []
    assert page.exceptions == []
    assert "missing" not in page.words


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET_KEY", "canary"),
        ("TOKEN_EXPIRY_HOURS", "canary"),
        ("PERSISTAUTH_DATABASE_URL", "canary"),
        ("PERSISTAUTH_NONSENSE", "canary"),
    ],
)
def test_misconfigured(app: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A wrong setting is named in one sentence on the page, without a traceback."""
    monkeypatch.setenv(name, value)
    page = Page(scripts.guarded)
    (sentence,) = page.errors
    assert sentence.startswith(f"{name}: ")
    assert page.exceptions == []
    assert page.texts == page.fields == []
    assert "canary" not in page.words


def test_misconfigured_outside_a_page(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a page a wrong setting raises `ConfigError`."""
    from streamlit_persistauth import ConfigError

    monkeypatch.setenv("TOKEN_EXPIRY_HOURS", "canary")
    with pytest.raises(ConfigError):
        Authenticator()


def test_two_apps_with_one_cookie(app: Path) -> None:
    """Two apps with one cookie name on one page are rejected with one sentence."""
    page = Page(scripts.same_cookie)
    assert page.texts == ["one"]
    assert page.exceptions == []
    (sentence,) = page.errors
    assert sentence.startswith("PERSISTAUTH_COOKIE_NAME: another Authenticator")


@pytest.mark.usefixtures("app")
def test_equal_authenticators(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Creating an `Authenticator` again gives the same app, also after a setting has changed."""
    page = Page(scripts.guarded)
    monkeypatch.setenv("PERSISTAUTH_APP_NAME", "Orchard")
    assert page.run().fields == SIGN_IN
    assert page.errors == []


def test_two_apps_on_one_page(app: Path) -> None:
    """Signing in to one of two apps on a page does not sign in to the other."""
    from streamlit_persistauth import AuthSettings

    for name in ("one", "two"):
        Authenticator(
            f"sqlite:///{name}.db", settings=AuthSettings(cookie_name=name, bcrypt_rounds=4)
        ).register(EMAIL, PASSWORD + name, full_name=f"Ada {name}")
    page = Page(scripts.two_apps)
    assert page.texts == ["one: None", "two: None"]
    page.fill(Email_one=EMAIL)
    page.test.text_input(key=widget_key("one:login:Password:0")).input(PASSWORD + "one")
    page.press("Sign in one")
    assert page.exceptions == []
    assert page.texts == ["one: Ada one", "two: None"]


def test_same_parts(ada: User) -> None:
    """Creating an `Authenticator` with the same arguments again shares the services."""
    assert Authenticator()._services is Authenticator()._services
    assert Authenticator("sqlite:///other.db")._services is not Authenticator()._services


def test_outside_a_page(ada: User) -> None:
    """Outside a page there is no current user, but a password can be checked."""
    auth = Authenticator()
    assert auth.user is None
    assert not auth.is_authenticated
    assert auth.list_sessions() == []
    assert auth.login(EMAIL, PASSWORD).ok
    assert auth.user is None
    assert not auth.login(EMAIL, "wrong").ok


def test_sessions_by_program(ada: User, sql: SQL) -> None:
    """Sessions can be listed, revoked and purged from outside a page."""
    auth = Authenticator()
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    (session,) = auth.list_sessions(ada.id)
    assert auth.revoke_session(session.id) is True
    assert auth.revoke_session(session.id) is False
    assert page.run().texts == []
    page.sign_in(EMAIL, PASSWORD)
    sql("UPDATE auth_tokens SET expires_at = '2020-01-01 00:00:00.000000'")
    assert auth.purge_expired() == 1


def test_register_with_roles(app: Path) -> None:
    """A program may give roles to a new account; an invalid one creates no account."""
    auth = Authenticator()
    made = auth.register(EMAIL, PASSWORD, full_name="Ada", roles=["editor", "admin"])
    assert made.roles == ("admin", "editor")
    with pytest.raises(InvalidRole):
        auth.register("bob@example.com", PASSWORD, roles=["a,b"])
    with pytest.raises(InvalidArgument):
        auth.register("bob@example.com", PASSWORD, roles=[1])  # type: ignore[list-item]
    assert auth.register("bob@example.com", PASSWORD).roles == ()

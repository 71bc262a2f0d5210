"""The sign-in form, and signing in by program."""

import gc

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import User

UNAVAILABLE = "Sign-in is unavailable right now. Please try again later."


def test_sign_in(ada: User) -> None:
    """The right password shows the page instead of the form, also at reruns."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    assert page.exceptions == []
    assert page.texts == ["secret of Ada"]
    assert page.fields == []
    assert page.run().texts == ["secret of Ada"]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong-Kettle-93"),
        ("unknown@example.com", PASSWORD),
        ("no address@", PASSWORD),
        ("' OR 1=1 --@", "' OR 1=1 --"),
    ],
)
def test_wrong(ada: User, email: str, password: str) -> None:
    """Every wrong email or password gets the same sentence, and the body does not run."""
    page = Page(scripts.guarded).sign_in(email, password)
    assert page.errors == ["Invalid email or password."]
    assert page.exceptions == []
    assert page.texts == []
    assert page.run().texts == []


def test_disabled(ada: User, sql: SQL) -> None:
    """A disabled account gets the same sentence."""
    sql("UPDATE users SET is_active = 0")
    assert Page(scripts.guarded).sign_in(EMAIL, PASSWORD).errors == ["Invalid email or password."]


@pytest.mark.parametrize(
    ("email", "password", "what"),
    [("", "", "email"), (EMAIL, "", "password"), ("  ", PASSWORD, "email")],
)
def test_empty(ada: User, sql: SQL, email: str, password: str, what: str) -> None:
    """An incomplete form shows what is missing, and is not a failed login."""
    page = Page(scripts.guarded).sign_in(email, password)
    assert page.errors == [f"Please enter your {what}."]
    assert sql("SELECT event_type FROM auth_events WHERE event_type = 'login_failed'") == []


def test_store_fails_at_sign_in(ada: User, sql: SQL) -> None:
    """If the session can't be stored, the user is not signed in and sees one sentence."""
    page = Page(scripts.guarded)
    sql("ALTER TABLE auth_tokens RENAME TO away")
    page.sign_in(EMAIL, PASSWORD)
    assert page.errors == [UNAVAILABLE]
    assert page.texts == []
    sql("ALTER TABLE away RENAME TO auth_tokens")
    assert page.run().texts == []


def test_not_kept(ada: User, sql: SQL) -> None:
    """With the session cache there is no checkbox, and the session is not remembered."""
    page = Page(scripts.not_kept)
    assert list(page.test.checkbox) == []
    page.sign_in(EMAIL, PASSWORD)
    assert page.run().texts == ["secret of Ada"]
    assert sql("SELECT remember FROM auth_tokens") == [(0,)]


def test_keep_me_signed_in_off(ada: User, sql: SQL) -> None:
    """Without the tick the session is not remembered."""
    page = Page(scripts.guarded)
    page.test.checkbox[0].uncheck()
    page.sign_in(EMAIL, PASSWORD)
    assert page.texts == ["secret of Ada"]
    assert sql("SELECT remember FROM auth_tokens") == [(0,)]


def test_by_program(ada: User) -> None:
    """`login` and `logout` do what the forms do."""
    page = Page(scripts.programmatic)
    assert page.texts == ["user: None", "sessions: 0"]
    assert page.press("wrong").texts[0] == "False None Invalid email or password."
    assert page.press("in").texts == ["True Ada", "user: Ada", "sessions: 1"]
    assert page.run().texts == ["user: Ada", "sessions: 1"]
    assert page.press("out").texts == ["user: None", "sessions: 0"]
    assert page.run().texts == ["user: None", "sessions: 0"]
    assert page.exceptions == []


def test_signing_in_again_ends_the_one_before(ada: User, sql: SQL) -> None:
    """A second sign-in on one page revokes the first session."""
    page = Page(scripts.programmatic).press("in").press("in")
    assert page.texts[-1] == "sessions: 1"
    assert sql("SELECT count(*) FROM auth_tokens") == [(1,)]


def test_nothing_secret_on_the_page_or_in_the_table(
    ada: User, sql: SQL, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the page nor a table nor the log holds the password."""
    caplog.set_level("DEBUG", "streamlit_persistauth")
    page = Page(scripts.showing_state).sign_in(EMAIL, "canary-of-a-password")
    page.sign_in(EMAIL, PASSWORD)
    assert len(page.texts) == 1
    for canary in ("canary-of-a-password", PASSWORD, "eyJ"):
        assert canary not in page.texts[0]
    stored = [sql(f"SELECT * FROM {table}") for table in ("users", "auth_tokens", "auth_events")]
    for canary in ("canary-of-a-password", PASSWORD):
        assert canary not in str(stored) + caplog.text
    assert EMAIL not in caplog.text


def test_page_after_sign_in_makes_up_for_collection(ada: User) -> None:
    """Garbage that was spared between the two runs of a form is collected later."""
    gc.unfreeze()
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    assert page.texts
    assert gc.get_freeze_count() == 0


def test_throttled_form(ada: User, sql: SQL) -> None:
    """After five wrong passwords the form shows how long to wait, also for an unknown address."""
    inside = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    for email in (EMAIL, "unknown@example.com"):
        page = Page(scripts.guarded)
        for _ in range(6):
            page.sign_in(email, "wrong-Kettle-93")
        assert page.errors == ["Too many attempts. Please try again in 30 seconds."]
    assert inside.run().texts == ["secret of Ada"]
    stored = repr(sql("SELECT * FROM auth_throttle"))
    assert "example" not in stored


HINTS = [
    ({}, "On this device, for 24 hours."),
    ({"TOKEN_EXPIRY_HOURS": "720"}, "On this device, for 30 days."),
    ({"PERSISTAUTH_RENEWAL": "on"}, "On this device, for 30 days."),
    (
        {"PERSISTAUTH_RENEWAL": "on", "REFRESH_TOKEN_EXPIRY_DAYS": "7"},
        "On this device, for 7 days.",
    ),
    ({"REFRESH_TOKEN_EXPIRY_DAYS": "7"}, "On this device, for 24 hours."),
    (
        {"PERSISTAUTH_IDLE_TIMEOUT_MINUTES": "30"},
        "On this device, for 24 hours, unless unused for 30 minutes.",
    ),
    ({"PERSISTAUTH_IDLE_TIMEOUT_MINUTES": "1440"}, "On this device, for 24 hours."),
    (
        {"PERSISTAUTH_LANGUAGE": "de", "PERSISTAUTH_RENEWAL": "on"},
        "Auf diesem Ger\u00e4t, f\u00fcr 30 Tage.",
    ),
]


def hints(page: Page) -> list[str]:
    """Return the lines of text on the sign-in page."""
    return [item.value for item in page.test.markdown if item.value.endswith(".")]


@pytest.mark.parametrize(("settings", "words"), HINTS)
@pytest.mark.usefixtures("ada")
def test_how_long(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str) -> None:
    """The line below the checkbox says for how long, by the settings."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert hints(Page(scripts.guarded)) == [words]


@pytest.mark.usefixtures("ada")
def test_how_long_in_an_address() -> None:
    """With a URL token, which expires when the page is closed, no duration is promised."""
    page = Page(scripts.guarded_by_address)
    assert len(page.test.checkbox) == 1
    assert hints(page) == []

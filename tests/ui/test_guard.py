from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.ui.conftest import SQL

from streamlit_persistauth import Authenticator, InvalidToken, User
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.runtime.streamlit_session import forget_page
from streamlit_persistauth.testing import widget_key
from streamlit_persistauth.wiring.services import Services

UNAVAILABLE = "Sign-in is unavailable right now. Please try again later."
SIGN_IN = ["Email", "Password"]


def test_signed_out(ada: User) -> None:
    """Without a sign-in the page is the form, and the body does not run."""
    page = Page(scripts.guarded)
    assert page.fields == SIGN_IN
    assert page.texts == []
    assert page.errors == page.exceptions == []
    (keep,) = page.test.checkbox
    assert (keep.label, keep.value) == ("Keep me signed in", True)


def test_sign_in(ada: User) -> None:
    """The right password opens the page, over reruns too, and the form is gone."""
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
        ("no address", PASSWORD),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_wrong(ada: User, email: str, password: str) -> None:
    """Whatever is wrong, the page says the one sentence and the body does not run."""
    page = Page(scripts.guarded).sign_in(email, password)
    assert page.errors == ["Invalid email or password."]
    assert page.exceptions == []
    assert page.texts == []
    assert page.run().texts == []


def test_disabled(ada: User, sql: SQL) -> None:
    """A disabled account reads the same sentence."""
    sql("UPDATE users SET is_active = 0")
    assert Page(scripts.guarded).sign_in(EMAIL, PASSWORD).errors == ["Invalid email or password."]


@pytest.mark.parametrize(
    ("email", "password", "what"),
    [("", "", "email"), (EMAIL, "", "password"), ("  ", PASSWORD, "email")],
)
def test_empty(ada: User, sql: SQL, email: str, password: str, what: str) -> None:
    """A form that is not filled in is no try, and says what is missing."""
    page = Page(scripts.guarded).sign_in(email, password)
    assert page.errors == [f"Please enter your {what}."]
    assert sql("SELECT event_type FROM auth_events WHERE event_type = 'login_failed'") == []


def test_log_out(ada: User, sql: SQL) -> None:
    """Logging out brings the form back, ends the record, and is an event."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    assert sql("SELECT count(*) FROM auth_tokens") == [(1,)]
    page.press("Log out")
    assert page.fields == SIGN_IN
    assert page.texts == []
    assert sql("SELECT count(*) FROM auth_tokens") == [(0,)]
    assert page.run().texts == []
    events = [row[0] for row in sql("SELECT event_type FROM auth_events ORDER BY id")]
    assert events == ["registered", "login", "logout"]


def test_record_is_gone(ada: User, sql: SQL) -> None:
    """Deleting the record signs out at the next run."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("DELETE FROM auth_tokens")
    page.run()
    assert page.fields == SIGN_IN
    assert page.texts == []


def test_disabled_meanwhile(ada: User, sql: SQL) -> None:
    """Disabling an account signs out at the next run."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("UPDATE users SET is_active = 0")
    assert page.run().texts == []
    assert page.fields == SIGN_IN


def test_expired(ada: User, sql: SQL) -> None:
    """A sign-in whose time is over signs out at the next run."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("UPDATE auth_tokens SET expires_at = '2020-01-01 00:00:00.000000'")
    assert page.run().texts == []


def test_logged_out_from_elsewhere(ada: User) -> None:
    """`logout_user`, from outside any page, ends the sign-in at the next run."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    Authenticator().logout_user(ada.id)
    assert page.run().texts == []


def test_thread_after_the_end(ada: User, sql: SQL) -> None:
    """In a thread of the app's own, each call of a guarded function asks the store."""
    page = Page(scripts.in_a_thread).sign_in(EMAIL, PASSWORD)
    end = partial(sql, "DELETE FROM auth_tokens")
    page.test.session_state["steps"] = (list, list, end, list)
    answers: list[str] = []
    page.test.session_state["answers"] = answers
    page.run()
    assert page.exceptions == []
    assert answers == ["secret", "secret", "SignInRequired", "SignInRequired"]


def test_another_visitor(ada: User) -> None:
    """One visitor's sign-in is nobody else's."""
    Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    stranger = Page(scripts.guarded)
    assert stranger.texts == []
    assert stranger.fields == SIGN_IN


def test_visitors_never_mix(services: Services) -> None:
    """Visitors who come and go in turn each see their own name."""
    names = [f"Visitor {number}" for number in range(5)]
    pages = []
    for number, name in enumerate(names):
        services.accounts.register(f"v{number}@example.com", PASSWORD, full_name=name)
        pages.append(Page(scripts.guarded).sign_in(f"v{number}@example.com", PASSWORD))
    for _ in range(2):
        for name, page in zip(names, pages, strict=True):
            assert page.run().texts == [f"secret of {name}"]
    pages[2].press("Log out")
    assert [page.run().texts for page in pages].count([]) == 1


def test_next_visitor_on_the_same_page(ada: User, root: User) -> None:
    """Whoever signs in after a log-out sees nothing of the one before."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD).press("Log out")
    page.sign_in("root@example.com", PASSWORD)
    assert page.texts == ["secret of Root"]
    assert "Ada" not in page.words


def test_decorator(ada: User) -> None:
    """A decorated function runs for a signed-in user and receives that user by name."""
    page = Page(scripts.decorated)
    assert page.texts == []
    assert page.fields == SIGN_IN
    page.sign_in(EMAIL, PASSWORD)
    assert page.texts == ["hello Ada", "footer"]
    assert page.exceptions == []


def test_swallowed_stop(ada: User) -> None:
    """Careless code that catches everything does not get the body to run."""
    page = Page(scripts.swallowing)
    assert "secret" not in page.texts
    assert page.fields == SIGN_IN


def test_roles_denied(ada: User, sql: SQL) -> None:
    """Without the role there is one sentence, no body, and an event with what was needed."""
    page = Page(scripts.for_admins).sign_in(EMAIL, PASSWORD)
    assert page.errors == ["You are not allowed to see this page."]
    assert page.texts == []
    assert page.exceptions == []
    rows = sql("SELECT user_id, details FROM auth_events WHERE event_type = 'access_denied'")
    assert rows
    assert set(rows) == {(ada.id, '{"needed": "admin, owner"}')}


def test_roles_allowed(root: User) -> None:
    """With one of the roles the page opens."""
    page = Page(scripts.for_admins).sign_in("root@example.com", PASSWORD)
    assert page.texts == ["secret of Root", "admin: True"]


@pytest.mark.parametrize(
    ("roles", "texts"),
    [("admin", ["secret of Root", "admin: True"]), ([], []), (["adm", "n"], []), ("dmin", [])],
)
def test_roles_oddly_given(root: User, roles: list[str] | str, texts: list[str]) -> None:
    """One name is one role, not its letters; and a list of no role lets nobody in."""
    page = Page(scripts.for_admins, roles=roles).sign_in("root@example.com", PASSWORD)
    assert page.texts == texts
    assert bool(page.errors) is not bool(texts)


def test_roles_taken_away(root: User, sql: SQL) -> None:
    """A role that is taken away is gone at the next run."""
    page = Page(scripts.for_admins).sign_in("root@example.com", PASSWORD)
    sql("UPDATE users SET roles = '[]'")
    assert page.run().errors == ["You are not allowed to see this page."]
    assert page.texts == []


def test_callback(ada: User, root: User) -> None:
    """A guarded callback does nothing for a stranger or without the role, and runs with it."""
    page = Page(scripts.with_callback, email=EMAIL)
    assert page.press("Delete").texts == ["deleted: None"]
    page.press("Enter")
    assert page.press("Delete").texts == ["deleted: None"]
    admin = Page(scripts.with_callback, email="root@example.com").press("Enter")
    assert admin.press("Delete").texts == ["deleted: all by Root"]
    assert admin.exceptions == page.exceptions == []


def test_callback_after_the_end(root: User, sql: SQL) -> None:
    """A guarded callback does nothing once the sign-in has ended."""
    page = Page(scripts.with_callback, email="root@example.com").press("Enter")
    sql("DELETE FROM auth_tokens")
    assert page.press("Delete").texts == ["deleted: None"]


def test_session_state_is_not_believed(ada: User) -> None:
    """A user that somebody puts into the Streamlit session signs nobody in."""
    page = Page(scripts.believing)
    assert page.texts == ["user: None", "admin: False"]
    assert page.fields == SIGN_IN
    page.test.session_state["user"] = User("1", "x@example.com", "Mallory", ("admin",))
    assert page.run().texts == ["user: None", "admin: False"]


def test_session_state_is_mirrored(ada: User, sql: SQL) -> None:
    """The Streamlit session shows the user while there is one."""
    page = Page(scripts.mirrored)
    assert page.texts == ["mirror: None", "same: True"]
    page.sign_in(EMAIL, PASSWORD)
    assert "Ada" in page.texts[0]
    assert page.texts[1] == "same: True"
    page.press("Log out")
    assert page.texts == ["mirror: None", "same: True"]


def test_mirror_while_the_store_fails(ada: User, app: Path, sql: SQL) -> None:
    """While the store does not answer the Streamlit session shows nobody."""
    page = Page(scripts.mirrored).sign_in(EMAIL, PASSWORD)
    sql("ALTER TABLE auth_tokens RENAME TO away")
    page.run()
    assert page.texts == ["mirror: None", "same: True"]
    sql("ALTER TABLE away RENAME TO auth_tokens")
    assert "Ada" in page.run().texts[0]


def test_store_fails(ada: User, sql: SQL) -> None:
    """A store that fails shows the one sentence, not the page; when it is back so is the page."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("ALTER TABLE auth_tokens RENAME TO away")
    page.run()
    assert page.errors == [UNAVAILABLE]
    assert page.texts == []
    assert page.exceptions == []
    assert "auth_tokens" not in page.words
    sql("ALTER TABLE away RENAME TO auth_tokens")
    assert page.run().texts == ["secret of Ada"]


def test_store_fails_at_sign_in(ada: User, sql: SQL) -> None:
    """A sign-in that can't be stored signs nobody in and says the one sentence."""
    page = Page(scripts.guarded)
    sql("ALTER TABLE auth_tokens RENAME TO away")
    page.sign_in(EMAIL, PASSWORD)
    assert page.errors == [UNAVAILABLE]
    assert page.texts == []
    sql("ALTER TABLE away RENAME TO auth_tokens")
    assert page.run().texts == []


def test_store_fails_at_log_out(ada: User, sql: SQL) -> None:
    """A sign-in that can't be ended is said to be so, and does not look ended."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("CREATE TRIGGER no BEFORE DELETE ON auth_tokens BEGIN SELECT RAISE(ABORT, 'canary'); END")
    page.press("Log out")
    assert UNAVAILABLE in page.errors
    assert "canary" not in page.words
    assert page.exceptions == []
    sql("DROP TRIGGER no")
    page.press("Log out")
    assert page.fields == SIGN_IN


def test_missing_folder(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database in a missing folder: the one sentence, nothing of SQL or of a path."""
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
    """A wrong setting is one sentence on the page that names it; there is no traceback."""
    monkeypatch.setenv(name, value)
    page = Page(scripts.guarded)
    (sentence,) = page.errors
    assert sentence.startswith(f"{name}: ")
    assert page.exceptions == []
    assert page.texts == page.fields == []
    assert "canary" not in page.words


def test_misconfigured_outside_a_page(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a page a wrong setting is raised."""
    from streamlit_persistauth import ConfigError

    monkeypatch.setenv("TOKEN_EXPIRY_HOURS", "canary")
    with pytest.raises(ConfigError):
        Authenticator()


def test_not_kept(ada: User, sql: SQL) -> None:
    """With the session cache nothing is offered to be kept, and the sign-in is not remembered."""
    page = Page(scripts.not_kept)
    assert list(page.test.checkbox) == []
    page.sign_in(EMAIL, PASSWORD)
    assert page.run().texts == ["secret of Ada"]
    assert sql("SELECT remember FROM auth_tokens") == [(0,)]


def test_keep_me_signed_in_off(ada: User, sql: SQL) -> None:
    """Without the tick the sign-in is not one that a browser may keep."""
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


def test_logout_scopes(ada: User) -> None:
    """`others` ends all sign-ins but this one, and `global` ends this one too."""
    here, there = Page(scripts.programmatic), Page(scripts.programmatic)
    here.press("in")
    there.press("in")
    assert here.run().texts == ["user: Ada", "sessions: 2"]
    assert here.press("others").texts == ["user: Ada", "sessions: 1"]
    assert there.run().texts == ["user: None", "sessions: 0"]
    there.press("in")
    here.press("global")
    assert here.run().texts == there.run().texts == ["user: None", "sessions: 0"]


def test_signing_in_again_ends_the_one_before(ada: User, sql: SQL) -> None:
    """A second sign-in on one page leaves no first one behind."""
    page = Page(scripts.programmatic).press("in").press("in")
    assert page.texts[-1] == "sessions: 1"
    assert sql("SELECT count(*) FROM auth_tokens") == [(1,)]


def test_two_apps_with_one_cookie(app: Path) -> None:
    """Two apps on one page that would share a cookie are refused by one sentence."""
    page = Page(scripts.same_cookie)
    assert page.texts == ["one"]
    assert page.exceptions == []
    (sentence,) = page.errors
    assert sentence.startswith("PERSISTAUTH_COOKIE_NAME: another Authenticator")


@pytest.mark.usefixtures("app")
def test_equal_authenticators(monkeypatch: pytest.MonkeyPatch) -> None:
    """An `Authenticator` that is made again is the same app, also after a setting has changed."""
    page = Page(scripts.guarded)
    monkeypatch.setenv("PERSISTAUTH_APP_NAME", "Orchard")
    assert page.run().fields == SIGN_IN
    assert page.errors == []


def test_two_apps_on_one_page(app: Path) -> None:
    """Two apps on one page don't sign in into each other, though the accounts look alike."""
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
    """Building an Authenticator again gives the same parts."""
    assert Authenticator()._services is Authenticator()._services
    assert Authenticator("sqlite:///other.db")._services is not Authenticator()._services


def test_outside_a_page(ada: User) -> None:
    """Outside a page nobody is signed in, and a password can still be checked."""
    auth = Authenticator()
    assert auth.user is None
    assert not auth.is_authenticated
    assert auth.list_sessions() == []
    assert auth.login(EMAIL, PASSWORD).ok
    assert auth.user is None
    assert not auth.login(EMAIL, "wrong").ok


def test_sessions_by_program(ada: User, sql: SQL) -> None:
    """Sign-ins can be listed, revoked and purged from outside a page."""
    auth = Authenticator()
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    (session,) = auth.list_sessions(ada.id)
    assert auth.revoke_session(session.id) is True
    assert auth.revoke_session(session.id) is False
    assert page.run().texts == []
    page.sign_in(EMAIL, PASSWORD)
    sql("UPDATE auth_tokens SET expires_at = '2020-01-01 00:00:00.000000'")
    assert auth.purge_expired() == 1


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


def test_own_words(ada: User) -> None:
    """An app's own words are those of the guard's page, too; those of one form come before them."""
    page = Page(scripts.own_words)
    labels = [item.label for item in (*page.test.sidebar.text_input, *page.test.main.text_input)]
    assert labels == ["E-Mail", "Passwort", "E-Mail", "Kennwort"]
    page.fill(Kennwort="").press_last("Anmelden")
    assert page.errors == ["Please enter your email."]


def test_refused_though_overtaken(
    ada: User, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that refuses what a browser presents does so to the end, whatever the page asks for.

    The next one would find ended what this one has ended, and not why.
    """
    page = Page.signed_in(scripts.guarded, EMAIL)
    reasons, overtaken = iter(["two people"]), iter([True])

    def refuse(_session_id: str) -> NoReturn:
        raise InvalidToken(next(reasons, "ended"))

    def forget(kept: str) -> bool:
        context = get_script_run_ctx()
        if next(overtaken, False) and context is not None and context.script_requests:
            context.script_requests.request_rerun(RerunData())
        return forget_page(kept)

    monkeypatch.setitem(vars(services.sessions), "resume_session", refuse)
    monkeypatch.setattr("streamlit_persistauth.request.context.forget_page", forget)
    assert "Sign in" in page.run().buttons
    assert next(overtaken, None) is None
    events = services.event_log.find(EventQuery(types=("token_refused",)))
    assert [event.details for event in events] == [{"reason": "two people"}]

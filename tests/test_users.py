"""`auth.users`: what the admin panel does, by program."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth import (
    AccountLink,
    Authenticator,
    ConsoleMailer,
    EmailTaken,
    InvalidArgument,
    InvalidName,
    InvalidPassword,
    InvalidRole,
    InvalidUsername,
    LastAdmin,
    User,
    UserList,
    UserNotFound,
)
from streamlit_persistauth.core.sessions.key_strength import generate_key
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.models import NOBODY
from streamlit_persistauth.stores.sql.users import SQLUserStore
from streamlit_persistauth.users import BATCH

BOB = "bob@example.com"


@pytest.fixture
def auth(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Authenticator:
    """An app with cheap hashes, without mail."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    monkeypatch.setenv("JWT_SECRET_KEY", generate_key())
    return Authenticator()


@pytest.fixture
def ada(auth: Authenticator) -> User:
    """A user."""
    return auth.users.add(EMAIL, password=PASSWORD, full_name="Ada Lovelace", roles=["editor"])


def last_event(auth: Authenticator) -> tuple[str, str | None, str | None]:
    """Return the type, the user and the actor of the last event."""
    event = auth._services.event_log.find(EventQuery(limit=1))[0]
    return event.event_type, event.user_id, event.details.get("by")


def start(auth: Authenticator, user: User) -> str:
    """Sign a user in on a device; return the credential."""
    owner = auth._services.users.get(user.id)
    assert owner is not None
    session = auth._services.sessions.start(owner, remember=True, client=NOBODY)
    return auth._services.sessions.issue(session.id).text


def test_add(auth: Authenticator, ada: User) -> None:
    """An added account can sign in at once, and is found by its id and its address."""
    assert (ada.email, ada.full_name, ada.roles, ada.is_active) == (
        EMAIL,
        "Ada Lovelace",
        ("editor",),
        True,
    )
    assert last_event(auth) == ("registered", ada.id, None)
    assert auth.users.get(ada.id) == auth.users.find(f" {EMAIL.upper()} ") == ada
    assert auth.login(EMAIL, PASSWORD).ok
    with pytest.raises(EmailTaken):
        auth.users.add(EMAIL.upper(), password=PASSWORD)
    with pytest.raises(InvalidPassword):
        auth.users.add(BOB, password="short")
    with pytest.raises(InvalidRole):
        auth.users.add(BOB, password=PASSWORD, roles=["a,b"])
    assert auth.users.find(BOB) is None


def test_add_ignores_registration(auth: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting for visitors does not restrict a program, and no network is throttled."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "closed")
    closed = Authenticator()
    for number in range(25):
        closed.users.add(f"user{number}@example.com", password=PASSWORD)
    assert len(closed.users.list()) == 25


def test_add_without_password(auth: Authenticator, caplog: pytest.LogCaptureFixture) -> None:
    """An account without a password opens for no password, until a reset link sets one."""
    bob = auth.users.add(BOB)
    for guess in ("", PASSWORD, "None"):
        assert not auth.login(BOB, guess).ok
    assert "damaged_hash" not in caplog.text
    link = auth.users.create_reset_link(bob)
    assert link is not None
    auth.reset_password(link.token or "", PASSWORD)
    assert auth.login(BOB, PASSWORD).ok


def test_unknown(auth: Authenticator) -> None:
    """An unknown id or address is None, and an odd one, too."""
    for text in ("nobody", "nobody@example.com", "", "x" * 1_000_000, "\0"):
        assert auth.users.get(text) is None
        assert auth.users.find(text) is None


def test_list(auth: Authenticator, ada: User) -> None:
    """Accounts are filtered, sorted and paged, and the total is known."""
    bob = auth.users.add(BOB, password=PASSWORD, full_name="Bob Crane")
    invited = auth.users.invite("carol@example.com").user
    auth.users.disable(bob)
    found = auth.users.list()
    assert isinstance(found, UserList)
    assert [user.email for user in found] == [EMAIL, BOB, "carol@example.com"]
    assert (len(found), found.total, found[0], found[1:]) == (3, 3, ada, found.users[1:])
    assert ada in found
    assert [user.id for user in auth.users.list(status="disabled")] == [bob.id]
    assert [user.id for user in auth.users.list(status="pending")] == [invited.id]
    assert auth.users.list(role="editor").users == (ada,)
    assert auth.users.list(text="LOVELACE").users == (ada,)
    page = auth.users.list(sort="email", descending=True, offset=1, limit=1)
    assert ([user.email for user in page], page.total) == ([BOB], 3)
    assert (auth.users.list(offset=10).users, auth.users.list(offset=10).total) == ((), 3)
    assert (auth.users.list(limit=0).users, auth.users.list(limit=0).total) == ((), 3)


def test_list_of_many(auth: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a limit all accounts are returned, read in batches."""
    monkeypatch.setattr("streamlit_persistauth.users.BATCH", 2)
    for number in range(5):
        auth.users.add(f"user{number}@example.com")
    assert len(auth.users.list()) == auth.users.list().total == 5
    assert len(auth.users.list(offset=1)) == 4
    assert BATCH == 1000


@pytest.mark.parametrize(
    "options",
    [
        {"limit": -1},
        {"limit": 10**30},
        {"limit": True},
        {"limit": "1"},
        {"offset": -1},
        {"offset": 10**30},
        {"offset": None},
        {"status": "gone"},
        {"sort": "password_hash"},
        {"sort": None},
        {"descending": 1},
        {"text": None},
        {"text": "\ud800"},
        {"role": 7},
    ],
)
def test_odd_list(auth: Authenticator, options: dict[str, object]) -> None:
    """An odd argument is refused before the database sees it."""
    with pytest.raises(InvalidArgument):
        auth.users.list(**options)  # type: ignore[arg-type]


def test_invite(auth: Authenticator) -> None:
    """Without mail, an invitation is a token to pass on; a second one replaces it."""
    first = auth.users.invite(BOB, full_name="Bob", roles=["editor"])
    assert isinstance(first, AccountLink)
    assert (first.user.email, first.user.roles, first.is_sent, first.url) == (
        BOB,
        ("editor",),
        False,
        None,
    )
    assert str(first.token) not in repr(first)
    assert last_event(auth) == ("invited", first.user.id, None)
    second = auth.users.invite(BOB)
    accept = auth._services.invitations.accept
    with pytest.raises(Exception, match="no longer valid"):
        accept(first.token or "", PASSWORD)
    assert accept(second.token or "", PASSWORD).user.email == BOB


@pytest.mark.parametrize("is_deleted", [False, True])
def test_invite_by_the_id_of_another(
    clean_machine: Path, monkeypatch: pytest.MonkeyPatch, *, is_deleted: bool
) -> None:
    """The id of another account, deleted or not, is refused as a username."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", "username")
    users = Authenticator().users
    ada = users.add("", username="ada")
    if is_deleted:
        users.delete(ada)
    for create in (users.invite, users.add):
        with pytest.raises(InvalidUsername):
            create("", username=ada.id)


def test_links_by_mail(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With mail, the links are sent to the user, and the caller does not get them."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    monkeypatch.setenv("PERSISTAUTH_PUBLIC_URL", "https://app.example.com")
    users = Authenticator(mailer=ConsoleMailer()).users
    ada = users.add(EMAIL, password=PASSWORD)
    for link in (users.invite(BOB), users.create_reset_link(ada)):
        assert link is not None
        assert (link.is_sent, link.token, link.url) == (True, None, None)


def test_reset_link(auth: Authenticator, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without mail, a reset link is returned; disabled and invited users get none."""
    monkeypatch.setenv("PERSISTAUTH_PUBLIC_URL", "https://app.example.com")
    link = Authenticator().users.create_reset_link(EMAIL)
    assert link is not None
    assert link.url == f"https://app.example.com/?persistauth_reset={link.token}"
    assert last_event(auth) == ("password_reset_requested", ada.id, None)
    assert auth.users.create_reset_link(auth.users.invite(BOB).user) is None
    auth.users.disable(ada)
    assert auth.users.create_reset_link(ada) is None


def test_changes(auth: Authenticator, ada: User) -> None:
    """Each change returns the account as it is stored then."""
    users = auth.users
    assert users.set_roles(ada, ["b", "a"]).roles == ("a", "b")
    assert users.set_roles(ada, "reader").roles == ("reader",)
    assert users.rename(ada.id, "Countess").full_name == "Countess"
    assert last_event(auth) == ("profile_changed", ada.id, None)
    credential = start(auth, ada)
    assert not users.disable(EMAIL).is_active
    assert users.enable(ada).is_active
    assert last_event(auth) == ("user_enabled", ada.id, None)
    with pytest.raises(Exception, match="no longer valid"):
        auth.verify(credential)
    start(auth, ada)
    start(auth, ada)
    assert users.sign_out(ada) == 2
    users.delete(ada)
    assert users.get(ada.id) is None


CHANGES: dict[str, Callable[[Authenticator, User | str], object]] = {
    "set_roles": lambda auth, user: auth.users.set_roles(user, []),
    "rename": lambda auth, user: auth.users.rename(user, "Countess"),
    "disable": lambda auth, user: auth.users.disable(user),
    "enable": lambda auth, user: auth.users.enable(user),
    "delete": lambda auth, user: auth.users.delete(user),
    "sign_out": lambda auth, user: auth.users.sign_out(user),
    "create_reset_link": lambda auth, user: auth.users.create_reset_link(user),
}


@pytest.mark.parametrize("way", CHANGES)
def test_nobody(auth: Authenticator, ada: User, way: str) -> None:
    """A mistyped user is an error, not a change that silently did not happen."""
    for user in ("nobody@example.com", "", "x" * 1000, "\0", User("1", EMAIL)):
        with pytest.raises(UserNotFound):
            CHANGES[way](auth, user)
    for odd in (None, 7, b"x", [ada]):
        with pytest.raises(InvalidArgument):
            CHANGES[way](auth, odd)  # type: ignore[arg-type]
    assert auth.users.get(ada.id) == ada


@pytest.mark.parametrize("way", ["set_roles", "disable", "delete"])
def test_last_admin(auth: Authenticator, way: str) -> None:
    """The last active administrator stays one."""
    admin = auth.users.add(EMAIL, password=PASSWORD, roles=["admin"])
    with pytest.raises(LastAdmin):
        CHANGES[way](auth, admin)
    assert auth.users.get(admin.id) == admin


def test_actor(auth: Authenticator, ada: User) -> None:
    """The event names who requested a change; the app decides who may."""
    bob = auth.users.add(BOB, by=ada)
    assert last_event(auth) == ("registered", bob.id, ada.id)
    auth.users.set_roles(bob, ["editor"], by=ada.id)
    assert last_event(auth) == ("roles_changed", bob.id, ada.id)
    auth.users.rename(bob, "Bob", by=ada)
    assert last_event(auth) == ("profile_changed", bob.id, ada.id)
    with pytest.raises(EmailTaken):
        auth.users.add(BOB, by=ada)
    assert last_event(auth) == ("registration_refused", bob.id, ada.id)
    for odd in ("", 7, b"x", "x" * 1000, ada.email + "\n"):
        with pytest.raises(InvalidArgument):
            auth.users.disable(bob, by=odd)  # type: ignore[arg-type]


def test_actor_in_a_page(auth: Authenticator, ada: User) -> None:
    """In a page, the signed-in user is the actor."""

    def script(email: str) -> None:
        import streamlit as st

        from streamlit_persistauth import Authenticator

        auth = Authenticator()
        auth.guard()
        st.write(auth.users.add(email).id)

    page = Page.signed_in(script, EMAIL, email=BOB)
    assert page.exceptions == []
    bob = auth.users.find(BOB)
    assert bob is not None
    assert last_event(auth) == ("registered", bob.id, ada.id)


def test_own_table_without_names(auth: Authenticator) -> None:
    """A user store that has no names refuses to rename, instead of losing the name."""
    services = auth._services
    engine = services.database.engine
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE members (id VARCHAR(36) PRIMARY KEY, login VARCHAR(254) UNIQUE,"
            " pwhash VARCHAR(255))"
        )
        connection.exec_driver_sql("INSERT INTO members VALUES ('1', 'ada@example.com', 'x')")
    columns = {"email": "login", "password_hash": "pwhash"}
    store = SQLUserStore(engine, table="members", columns=columns)
    users = Authenticator(engine, users=store).users
    with pytest.raises(InvalidName):
        users.rename(EMAIL, "Countess")

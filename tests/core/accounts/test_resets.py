from pathlib import Path

import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.failing import FailingStore

from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.records import TokenType
from streamlit_persistauth.errors import (
    InvalidCredentials,
    InvalidLink,
    InvalidPassword,
    InvalidToken,
    Throttled,
)
from streamlit_persistauth.models import User
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.testing.races import at_once

NEW = "another-Kettle-94"


@pytest.fixture
def user(core: CoreApp) -> User:
    """A user with an account."""
    return core.add_user()


def is_live(core: CoreApp, token: str) -> bool:
    """Return whether a token is valid."""
    try:
        core.links.look_up(TokenType.RESET, token)
    except InvalidLink:
        return False
    return True


def new_token(core: CoreApp) -> str:
    """Return a reset token."""
    token = core.resets.create(EMAIL, client=CLIENT)
    assert token is not None
    return token


def refused(core: CoreApp, token: str, password: str = NEW) -> None:
    """Assert that a token is not valid."""
    with pytest.raises(InvalidLink):
        core.resets.reset(token, password)


def test_reset(core: CoreApp, user: User) -> None:
    """A token sets a new password, and revokes the old one and all sessions."""
    session_id = core.sign_in(user)
    assert core.resets.reset(new_token(core), NEW).id == user.id
    assert core.accounts.authenticate(EMAIL, NEW).user.id == user.id
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, PASSWORD)
    with pytest.raises(InvalidToken):
        core.sessions.resume_session(session_id)


def test_only_a_fingerprint_is_stored(tmp_path: Path) -> None:
    """The token has 256 bits, and the database file does not contain it."""
    database = Database(open_engine(f"sqlite:///{tmp_path / 'app.db'}"))
    core = CoreApp(
        users=FailingStore(SQLUserStore(database)), tokens=FailingStore(SQLTokenStore(database))
    )
    core.add_user()
    token = new_token(core)
    assert len(token) == 43
    database.engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token.encode() not in stored
    assert fingerprint(token).encode() in stored


def test_an_hour(core: CoreApp, user: User) -> None:
    """A token is valid for an hour."""
    token = new_token(core)
    core.clock.move(minutes=59, seconds=59)
    assert is_live(core, token)
    core.clock.move(seconds=1)
    assert not is_live(core, token)
    refused(core, token)


def test_once(core: CoreApp, user: User) -> None:
    """A token is valid once."""
    token = new_token(core)
    core.resets.reset(token, NEW)
    refused(core, token, "third-Kettle-95")
    assert core.events.records[-1].event_type == "link_refused"
    core.accounts.authenticate(EMAIL, NEW)


def test_newer_token(core: CoreApp, user: User) -> None:
    """A newer token replaces the older one."""
    older, newer = new_token(core), new_token(core)
    refused(core, older)
    core.resets.reset(newer, NEW)


def test_at_once(core: CoreApp, user: User) -> None:
    """Twenty threads with one token set one password."""
    token = new_token(core)

    def reset(number: int) -> bool:
        try:
            core.resets.reset(token, f"another-Kettle-{number}")
        except InvalidLink:
            return False
        return True

    calls = [lambda number=number: reset(number) for number in range(20)]
    assert at_once(*calls).count(True) == 1


def test_made_at_once(core: CoreApp, user: User) -> None:
    """Of tokens that were created concurrently, one is valid."""
    owner = core.accounts.find(EMAIL)
    assert owner is not None
    tokens = at_once(*[lambda: core.links.create(TokenType.RESET, owner, email=EMAIL)] * 20)
    assert len([token for token in tokens if is_live(core, token)]) == 1


def test_made_while_the_password_changed(core: CoreApp, user: User) -> None:
    """A token that was created from an outdated account is not valid."""
    before = core.accounts.find(EMAIL)
    assert before is not None
    core.password_changes.change(user.id, PASSWORD, NEW)
    refused(core, core.links.create(TokenType.RESET, before, email=EMAIL), "third-Kettle-95")


@pytest.mark.parametrize("change", ["password", "disable", "disable and enable", "delete"])
def test_dead_after_a_change(core: CoreApp, user: User, change: str) -> None:
    """A change of password, and disabling or deleting the account, revokes a token."""
    token = new_token(core)
    if change == "password":
        core.password_changes.change(user.id, PASSWORD, "third-Kettle-95")
    elif change == "delete":
        core.user_admin.delete(user.id)
    else:
        core.user_admin.disable(user.id)
        if "enable" in change:
            core.user_admin.enable(user.id)
    refused(core, token)


def test_refused_password_spends_nothing(core: CoreApp, user: User) -> None:
    """A rejected password does not use up the token."""
    token = new_token(core)
    for password in ("short", "password1", "ada-lovelace-1815"):
        with pytest.raises(InvalidPassword):
            core.resets.reset(token, password)
    core.resets.reset(token, NEW)


@pytest.mark.parametrize("email", ["unknown@example.com", "no address", "", "x" * 10_000])
def test_unknown(core: CoreApp, user: User, email: str) -> None:
    """An unknown address gets no token, and no event reveals it."""
    before = len(core.events.records)
    assert core.resets.create(email, client=CLIENT) is None
    assert len(core.events.records) == before


def test_disabled(core: CoreApp, user: User) -> None:
    """A disabled account gets no token."""
    core.user_admin.disable(user.id)
    assert core.resets.create(EMAIL) is None


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com"])
def test_limited(core: CoreApp, user: User, email: str) -> None:
    """Three tokens are free, then a wait follows, with and without an account."""
    for _ in range(3):
        core.resets.create(email, client=CLIENT)
    with pytest.raises(Throttled):
        core.resets.create(email, client=CLIENT)


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 100_000, "\ud800", "' OR 1=1 --"])
def test_nonsense(core: CoreApp, user: User, token: str) -> None:
    """A text that is no token is rejected like an invalid token."""
    refused(core, token)


def test_session_secret_is_no_reset_token(core: CoreApp, user: User) -> None:
    """A secret of another token type does not reset a password, and is not used up."""
    credential = core.sessions.issue(core.sign_in(user))
    refused(core, core.signer.verify(credential.text).token_id)
    core.sessions.resume(credential.text)

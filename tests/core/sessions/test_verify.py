"""The check of a credential by another program, which changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.core_app import CLIENT, CoreApp
from tests.support.forgery import CLAIMS, forge

from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.sessions.rotation import GRACE
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.models import User

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RENEWED = Lifetime(access=HOUR, renewal=30 * DAY, idle=12 * HOUR)
WRITES = {"put", "swap", "end_session", "end_user", "consume"}


@pytest.fixture
def core() -> CoreApp:
    """An app with renewal and an idle timeout."""
    return CoreApp(lifetime=RENEWED)


@pytest.fixture
def user(core: CoreApp) -> User:
    """A user with an account."""
    return core.add_user()


@pytest.fixture
def text(core: CoreApp, user: User) -> str:
    """The credential of a sign-in."""
    return core.sessions.issue(core.sign_in(user)).text


def refused(core: CoreApp, text: str) -> str:
    """Assert that a credential is refused, and return the reason."""
    with pytest.raises(InvalidToken) as caught:
        core.sessions.verify(text)
    return caught.value.reason


def test_valid(core: CoreApp, user: User, text: str) -> None:
    """A valid credential names its user as stored now, and its session."""
    core.users.update(user.id, {"full_name": "Countess"})
    found = core.sessions.verify(text)
    assert found.user == replace(user, full_name="Countess")
    assert [found.session] == core.sessions.live(user.id)


def test_is_no_use(core: CoreApp, user: User, text: str) -> None:
    """A check writes nothing, so it does not postpone the idle timeout."""
    core.tokens.reset()
    for _ in range(11):
        core.clock.move(hours=1)
        core.sessions.verify(text)
    assert WRITES.isdisjoint(core.tokens.calls)
    core.clock.move(hours=1)
    assert refused(core, text) == "idle"


NO_USER = {"no active user"}
ENDINGS: dict[str, tuple[Callable[[CoreApp, User], object], set[str]]] = {
    "signed out": (lambda core, user: core.sessions.end_user(user.id), {"ended"}),
    "disabled": (
        lambda core, user: core.change_user(user.id, is_active=False),
        NO_USER,
    ),
    # SQL deletes the sign-ins with their user.
    "deleted": (lambda core, user: core.users.delete(user.id), {*NO_USER, "ended"}),
    "password changed": (
        lambda core, user: core.change_user(user.id, security_stamp="another"),
        {"password or address changed"},
    ),
    "expired": (lambda core, _: core.clock.move(days=31), {"expired"}),
}


@pytest.mark.parametrize("way", ENDINGS)
def test_ended(core: CoreApp, user: User, text: str, way: str) -> None:
    """A credential is refused for each reason for which it signs no browser in."""
    end, reasons = ENDINGS[way]
    end(core, user)
    assert refused(core, text) in reasons


def test_forged(core: CoreApp, text: str) -> None:
    """A changed credential is refused, and one that no store knows."""
    head, payload, signature = text.split(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    assert refused(core, f"{head}.{payload}.{flipped}") == "signature"
    assert refused(core, forge()) == "ended"
    assert refused(core, "x" * 1_000_000) == "too long"


def test_of_another_user(core: CoreApp, user: User) -> None:
    """A credential whose claims name another user than its record is refused."""
    session = core.start(user)
    core.tokens.swap(
        core.tokens.find_session(session.id),
        replace(core.tokens.find_session(session.id), token_hash=fingerprint("known")),
    )
    claims = {**CLAIMS, "sub": "another", "sid": session.id, "jti": "known"}
    assert refused(core, forge(payload=claims)) == "mismatch"


def test_successor(core: CoreApp, user: User, text: str) -> None:
    """A renewed credential is valid before its browser presents it, and the former one, too."""
    core.clock.move(hours=1)
    renewed = core.sessions.renew(text)
    assert renewed is not None
    core.tokens.reset()
    assert core.sessions.verify(renewed.text).user == user
    assert core.sessions.verify(text).user == user
    assert WRITES.isdisjoint(core.tokens.calls)
    assert "session_renewed" not in [event.event_type for event in core.events.records]


def test_reused(core: CoreApp, user: User, text: str) -> None:
    """A replaced credential is refused; unlike in a browser, that revokes no sign-in.

    A job may be started long after the browser has got the next credential.
    """
    core.clock.move(hours=1)
    renewed = core.sessions.renew(text)
    assert renewed is not None
    core.sessions.resume(renewed.text, client=CLIENT)
    assert core.sessions.verify(text).user == user
    core.clock.move(seconds=GRACE.total_seconds())
    assert refused(core, text) == "reused"
    assert core.sessions.verify(renewed.text).user == user


@pytest.mark.parametrize("store", ["tokens", "users"])
def test_store_that_fails(core: CoreApp, text: str, store: str) -> None:
    """A store that fails is an error of its own, and no user."""
    getattr(core, store).reset(fail_at=0)
    with pytest.raises(StoreError):
        core.sessions.verify(text)

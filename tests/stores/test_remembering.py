"""What a process may go on with for a while, and what it must not."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.support.clock import MovableClock
from tests.support.core_app import PASSWORD, CoreApp
from tests.support.failing import FailingStore

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.lookup import SplitLookup
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.stores import caching
from streamlit_persistauth.stores.caching import (
    CachingTokenStore,
    CachingUserStore,
    InvalidatingUserStore,
    TTLCache,
)
from streamlit_persistauth.stores.memory import MemoryTokenStore, MemoryUserStore
from streamlit_persistauth.testing.races import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

LIFETIME = timedelta(seconds=5)


class Process:
    """One process of an app that may remember for five seconds."""

    def __init__(self, users: FailingStore, tokens: FailingStore, clock: MovableClock) -> None:
        """Share stores with the others."""
        answers = TTLCache[UserRecord](LIFETIME, clock=clock)
        remembered = CachingTokenStore(tokens, LIFETIME, clock=clock)
        self.core = CoreApp(
            clock=clock,
            users=InvalidatingUserStore(users, answers),  # type: ignore[arg-type]
            tokens=remembered,  # type: ignore[arg-type]
            lookup=SplitLookup(remembered, CachingUserStore(users, answers)),
        )
        self.users, self.tokens = users, tokens

    def resume(self, text: str) -> str:
        """Return the name of who a credential signs in, or why nobody."""
        try:
            return self.core.sessions.resume(text).user.full_name
        except InvalidToken as error:
            return error.reason

    def asked(self) -> list[str]:
        """Return what the stores were asked since the last call."""
        calls = [*self.tokens.calls, *self.users.calls]
        self.tokens.reset()
        self.users.reset()
        return calls


@pytest.fixture
def processes() -> tuple[Process, Process]:
    """Two processes with the same stores and the same clock."""
    shared = FailingStore(MemoryUserStore()), FailingStore(MemoryTokenStore()), MovableClock()
    return Process(*shared), Process(*shared)


@pytest.fixture
def one(processes: tuple[Process, Process]) -> Process:
    """A process on which somebody is signed in."""
    return processes[0]


@pytest.fixture
def other(processes: tuple[Process, Process]) -> Process:
    """Another process."""
    return processes[1]


@pytest.fixture
def text(one: Process, other: Process) -> str:
    """A credential that both processes have seen."""
    user = one.core.add_user()
    credential = one.core.sessions.issue(one.core.sign_in(user)).text
    assert (one.resume(credential), other.resume(credential)) == ("Ada Lovelace",) * 2
    one.asked()
    return credential


def session_of(process: Process, text: str) -> str:
    """Return the sign-in of a credential."""
    return process.core.sessions.resume(text).session.id


def test_asked_once(one: Process, text: str) -> None:
    """Within the time nothing is asked; after it, everything."""
    for _ in range(3):
        one.resume(text)
        one.core.sessions.resume_session(session_of(one, text))
    assert one.asked() == []
    one.core.clock.move(seconds=5)
    one.resume(text)
    assert one.asked() == ["find", "get"]


@pytest.mark.parametrize("way", ["end", "end_user", "disable", "delete", "password"])
def test_ended_here(one: Process, text: str, way: str) -> None:
    """What this process ends has ended at its next question."""
    signed_in = one.core.sessions.resume(text)
    user_id = signed_in.user.id
    ways: dict[str, Callable[[], object]] = {
        "end": lambda: one.core.sessions.end(signed_in.session.id),
        "end_user": lambda: one.core.sessions.end_user(user_id),
        "disable": lambda: one.core.user_admin.disable(user_id),
        "delete": lambda: one.core.user_admin.delete(user_id),
        "password": lambda: one.core.password_changes.change(user_id, PASSWORD, "new-Kettle-94"),
    }
    ways[way]()
    assert one.resume(text) == "ended"


def test_ended_elsewhere(one: Process, other: Process, text: str) -> None:
    """What another process ends counts here for as long as an answer lives, and no longer."""
    other.core.sessions.end(session_of(other, text))
    assert one.resume(text) == "Ada Lovelace"
    one.core.clock.move(seconds=4.999)
    assert one.resume(text) == "Ada Lovelace"
    one.core.clock.move(seconds=0.001)
    assert one.resume(text) == "ended"


def test_expiry_is_never_late(one: Process, text: str) -> None:
    """A sign-in expires at its moment, whatever is remembered."""
    one.core.clock.move(hours=23, minutes=59, seconds=58)
    assert one.resume(text) == "Ada Lovelace"
    one.core.clock.move(seconds=2)
    assert one.resume(text) == "expired"


def test_watch_is_never_late(one: Process, other: Process, text: str) -> None:
    """What looks after open pages asks the store, and what it learns counts for the next page."""
    session_id = session_of(one, text)
    other.core.sessions.end(session_id)
    assert one.core.sessions.find_live([session_id]) == set()
    assert one.resume(text) == "ended"


@pytest.mark.parametrize("change", [{"is_active": False}, {"security_stamp": "another"}, None])
def test_watch_reads_the_account(one: Process, text: str, change: dict[str, object] | None) -> None:
    """A change of the account by SQL is seen by the next look at the open pages, then by all."""
    signed_in = one.core.sessions.resume(text)
    accounts = one.users._store  # as an operator changes them, past what remembers
    if change is None:
        accounts.delete(signed_in.user.id)  # type: ignore[attr-defined]
    else:
        accounts.update(signed_in.user.id, change)  # type: ignore[attr-defined]
    assert one.resume(text) == "Ada Lovelace"
    assert one.core.sessions.find_live([signed_in.session.id]) == set()
    assert one.resume(text) != "Ada Lovelace"


def test_watch_sees_a_new_expiry(one: Process, other: Process, text: str) -> None:
    """A sign-in that is made to expire by SQL is not remembered as it was."""
    session_id = session_of(one, text)
    record = one.tokens.find_session(session_id)
    one.tokens.swap(record, replace(record, expires_at=one.core.clock()))
    assert one.resume(text) == "Ada Lovelace"
    assert one.core.sessions.find_live([session_id]) == set()
    assert one.resume(text) == "expired"


def test_new_sign_in_after_a_change(one: Process, text: str) -> None:
    """Who has just changed the password is signed in by the new one at once."""
    user = one.core.sessions.resume(text).user
    owner = one.core.password_changes.change(user.id, PASSWORD, "new-Kettle-94")
    assert owner is not None
    fresh = one.core.sessions.issue(one.core.start(user).id).text
    assert one.resume(fresh) == "Ada Lovelace"


def test_passwords_are_never_remembered(one: Process, other: Process, text: str) -> None:
    """The old password is refused at once, wherever it was changed."""
    user = one.core.sessions.resume(text).user
    other.core.password_changes.change(user.id, PASSWORD, "new-Kettle-94")
    assert one.core.accounts.reauthenticate(user.id, "new-Kettle-94").user.id == user.id


def test_name_changes(one: Process, other: Process, text: str) -> None:
    """What changes of an account shows here at once, and elsewhere after a while."""
    user = one.core.sessions.resume(text).user
    one.core.users.update(user.id, {"full_name": "Countess"})
    assert (one.resume(text), other.resume(text)) == ("Countess", "Ada Lovelace")
    one.core.clock.move(seconds=5)
    assert other.resume(text) == "Countess"


def test_rotation(one: Process, other: Process, text: str) -> None:
    """A credential that another process has replaced is replaced here."""
    newer = other.core.sessions.issue(session_of(other, text)).text
    assert one.resume(newer) == "Ada Lovelace"
    newest = one.core.sessions.issue(session_of(one, newer)).text
    assert one.resume(newest) == "Ada Lovelace"


def test_failures_and_absence_are_not_remembered(one: Process, text: str) -> None:
    """A store that failed, or had nothing, is asked again."""
    one.core.clock.move(seconds=5)
    one.tokens.reset(fail_at=0)
    with pytest.raises(StoreError):
        one.core.sessions.resume(text)
    one.tokens.reset()
    assert one.resume(text) == "Ada Lovelace"
    unknown = new_id()
    for _ in range(2):
        assert one.core.tokens.find_session(unknown) is None
    assert one.tokens.calls.count("find_session") == 2


def test_only_sign_ins(one: Process, text: str) -> None:
    """Links and handoff codes are asked for each time."""
    user = one.core.sessions.resume(text).user
    code = one.core.sessions.hand_off(session_of(one, text), user.id, browser="browser")
    one.core.sessions.redeem(code, browser="browser")
    with pytest.raises(InvalidToken):
        one.core.sessions.redeem(code, browser="browser")
    for _ in range(2):
        one.core.tokens.find(TokenType.RESET, "x" * 64)
    assert one.tokens.calls.count("find") >= 2


def test_bounded(monkeypatch: pytest.MonkeyPatch, clock: MovableClock) -> None:
    """The answer not asked for longest goes first."""
    monkeypatch.setattr(caching, "MAX_ENTRIES", 2)
    answers = TTLCache[int](LIFETIME, clock=clock)
    for number in (1, 2):
        answers.keep(str(number), number)
    answers.find("1")
    answers.keep("3", 3)
    assert [answers.find(key) for key in "123"] == [1, None, 3]


def test_ending_at_once(one: Process, text: str) -> None:
    """Pages that ask while a sign-in ends leave nothing behind that outlives an answer."""
    session_id = session_of(one, text)
    one.core.clock.move(seconds=5)
    at_once(*[lambda: one.resume(text)] * 10, lambda: str(one.core.sessions.end(session_id)))
    one.core.clock.move(seconds=5)
    assert one.resume(text) == "ended"

"""Sessions that a process may read from its cache for seconds, and what it must read at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from tests.support.clock import MovableClock
from tests.support.core_app import PASSWORD, CoreApp
from tests.support.failing import FailingStore

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.storage.lookup import SplitLookup
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import SessionWithOwner, TokenType
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.stores import caching
from streamlit_persistauth.stores.caching import (
    CachingLookup,
    InvalidatingTokenStore,
    InvalidatingUserStore,
    TTLCache,
)
from streamlit_persistauth.stores.memory import MemoryTokenStore, MemoryUserStore
from streamlit_persistauth.testing.races import at_once

LIFETIME = timedelta(seconds=5)


class Process:
    """One process of an app that may cache for five seconds; it shares stores with others."""

    def __init__(
        self,
        users: FailingStore,
        tokens: FailingStore,
        clock: MovableClock,
        lifetime: Lifetime = Lifetime(timedelta(days=1)),  # noqa: B008 - frozen
    ) -> None:
        lookup = SplitLookup(cast("TokenStore", tokens), cast("UserStore", users))
        self.cache = CachingLookup(lookup, LIFETIME, clock=clock)
        self.core = CoreApp(
            clock=clock,
            users=InvalidatingUserStore(cast("UserStore", users), self.cache),  # type: ignore[arg-type]
            tokens=InvalidatingTokenStore(cast("TokenStore", tokens), self.cache),  # type: ignore[arg-type]
            lookup=self.cache,
            lifetime=lifetime,
        )
        self.users, self.tokens = users, tokens

    def resume(self, text: str) -> str:
        """Return the name of the user that a credential signs in, or the reason of a refusal."""
        try:
            return self.core.sessions.resume(text).user.full_name
        except InvalidToken as error:
            return error.reason

    def calls(self) -> list[str]:
        """Return the calls of the stores since the last time."""
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
    """A process."""
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
    one.calls()
    return credential


def session_of(process: Process, text: str) -> str:
    """Return the id of the session of a credential."""
    return process.core.sessions.resume(text).session.id


def test_lifetime(one: Process, text: str) -> None:
    """Within the lifetime a resume reads no store; after it, both."""
    for _ in range(3):
        one.resume(text)
        one.core.sessions.resume_session(session_of(one, text))
    assert one.calls() == []
    one.core.clock.move(seconds=5)
    one.resume(text)
    assert one.calls() == ["find", "get"]


@pytest.mark.parametrize("way", ["end", "end_user", "disable", "delete", "password"])
def test_revoked_here(one: Process, text: str, way: str) -> None:
    """A session that this process revokes is refused at once."""
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
    """A session that another process revokes is valid here for the lifetime, and no longer."""
    other.core.sessions.end(session_of(other, text))
    assert one.resume(text) == "Ada Lovelace"
    one.core.clock.move(seconds=4.999)
    assert one.resume(text) == "Ada Lovelace"
    one.core.clock.move(seconds=0.001)
    assert one.resume(text) == "ended"


def test_expiry_is_never_late(one: Process, text: str) -> None:
    """A session expires on time, whatever is cached."""
    one.core.clock.move(hours=23, minutes=59, seconds=58)
    assert one.resume(text) == "Ada Lovelace"
    one.core.clock.move(seconds=2)
    assert one.resume(text) == "expired"


def test_check_of_open_pages_reads_the_store(one: Process, other: Process, text: str) -> None:
    """The check of open pages reads the store, and its result holds for the next rerun."""
    session_id = session_of(one, text)
    other.core.sessions.end(session_id)
    assert one.core.sessions.find_live([session_id]) == set()
    assert one.resume(text) == "ended"


@pytest.mark.parametrize("change", [{"is_active": False}, {"security_stamp": "another"}, None])
def test_check_of_open_pages_reads_the_account(
    one: Process, text: str, change: dict[str, object] | None
) -> None:
    """The check of open pages sees a change of the account by SQL; so does the next rerun."""
    signed_in = one.core.sessions.resume(text)
    accounts = one.users._store  # as an operator changes them, past the cache
    if change is None:
        accounts.delete(signed_in.user.id)  # type: ignore[attr-defined]
    else:
        accounts.update(signed_in.user.id, change)  # type: ignore[attr-defined]
    assert one.resume(text) == "Ada Lovelace"
    assert one.core.sessions.find_live([signed_in.session.id]) == set()
    assert one.resume(text) != "Ada Lovelace"


def test_check_of_open_pages_sees_a_new_expiry(one: Process, other: Process, text: str) -> None:
    """The check of open pages sees a new expiry that was set by SQL; so does the next rerun."""
    session_id = session_of(one, text)
    record = one.tokens.find_session(session_id)
    one.tokens.swap(record, replace(record, expires_at=one.core.clock()))
    assert one.resume(text) == "Ada Lovelace"
    assert one.core.sessions.find_live([session_id]) == set()
    assert one.resume(text) == "expired"


def test_new_sign_in_after_a_change(one: Process, text: str) -> None:
    """A user who has just changed their password can sign in at once."""
    user = one.core.sessions.resume(text).user
    owner = one.core.password_changes.change(user.id, PASSWORD, "new-Kettle-94")
    assert owner is not None
    fresh = one.core.sessions.issue(one.core.start(user).id).text
    assert one.resume(fresh) == "Ada Lovelace"


def test_passwords_are_never_remembered(one: Process, other: Process, text: str) -> None:
    """A new password is accepted at once, whichever process changed it."""
    user = one.core.sessions.resume(text).user
    other.core.password_changes.change(user.id, PASSWORD, "new-Kettle-94")
    assert one.core.accounts.reauthenticate(user.id, "new-Kettle-94").user.id == user.id


def test_name_changes(one: Process, other: Process, text: str) -> None:
    """A change of an account shows here at once, and in other processes after the lifetime."""
    user = one.core.sessions.resume(text).user
    one.core.users.update(user.id, {"full_name": "Countess"})
    assert (one.resume(text), other.resume(text)) == ("Countess", "Ada Lovelace")
    one.core.clock.move(seconds=5)
    assert other.resume(text) == "Countess"


def test_rotation(one: Process, other: Process, text: str) -> None:
    """A credential that another process has issued is accepted, and can be replaced here."""
    newer = other.core.sessions.issue(session_of(other, text)).text
    assert one.resume(newer) == "Ada Lovelace"
    newest = one.core.sessions.issue(session_of(one, newer)).text
    assert one.resume(newest) == "Ada Lovelace"


def test_renewed_elsewhere() -> None:
    """A credential that another process has renewed is no reuse, whatever is cached here."""
    users, tokens, clock = (
        FailingStore(MemoryUserStore()),
        FailingStore(MemoryTokenStore()),
        MovableClock(),
    )
    lifetime = Lifetime(timedelta(hours=1), renewal=timedelta(days=30))
    one, other = (Process(users, tokens, clock, lifetime) for _ in range(2))
    text = one.core.sessions.issue(one.core.sign_in(one.core.add_user())).text
    clock.move(hours=1)
    one.core.sessions.resume_session(session_of(one, text))  # and so it is cached by its id
    newer = other.core.sessions.renew(text)
    assert newer is not None
    assert one.resume(newer.text) == "Ada Lovelace"
    assert "reuse_detected" not in [event.event_type for event in one.core.events.records]


def test_failures_and_absence_are_not_cached(one: Process, text: str) -> None:
    """After a failure, and for a session that does not exist, the store is read again."""
    one.core.clock.move(seconds=5)
    one.tokens.reset(fail_at=0)
    with pytest.raises(StoreError):
        one.core.sessions.resume(text)
    one.tokens.reset()
    assert one.resume(text) == "Ada Lovelace"
    unknown = new_id()
    for _ in range(2):
        assert one.cache.by_session(unknown) is None
    assert one.tokens.calls.count("find_session") == 2


def test_only_sessions(one: Process, text: str) -> None:
    """Links and handoff codes are read each time."""
    user = one.core.sessions.resume(text).user
    code = one.core.sessions.hand_off(session_of(one, text), user.id, browser="browser")
    one.core.sessions.redeem(code, browser="browser")
    with pytest.raises(InvalidToken):
        one.core.sessions.redeem(code, browser="browser")
    for _ in range(2):
        one.core.tokens.find(TokenType.RESET, "x" * 64)
    assert one.tokens.calls.count("find") >= 2


def test_bounded(monkeypatch: pytest.MonkeyPatch, clock: MovableClock) -> None:
    """The least recently used entry is dropped first."""
    monkeypatch.setattr(caching, "MAX_ENTRIES", 2)
    cache = TTLCache[int](LIFETIME, clock=clock)
    for number in (1, 2):
        cache.put(str(number), number)
    cache.get("1")
    cache.put("3", 3)
    assert [cache.get(key) for key in "123"] == [1, None, 3]


def test_dropped_in_one_step(clock: MovableClock) -> None:
    """While values are dropped, no thread can put one in, and one read before is not kept."""
    cache = TTLCache[int](LIFETIME, clock=clock)
    for number in (1, 2):
        cache.put(str(number), number)
    mark = cache.mark()
    is_locked: list[bool] = []

    def is_even(value: int) -> bool:
        is_locked.append(cache._lock.locked())
        return value % 2 == 0

    cache.drop_if(is_even)
    cache.put("2", 2, mark=mark)
    assert [cache.get(key) for key in "12"] == [1, None]
    assert is_locked == [True, True]


def test_ending_at_once(one: Process, text: str) -> None:
    """Reruns during a sign-out keep nothing in the cache."""
    session_id = session_of(one, text)
    one.core.clock.move(seconds=5)
    at_once(*[lambda: one.resume(text)] * 10, lambda: str(one.core.sessions.end(session_id)))
    assert one.resume(text) == "ended"


@pytest.mark.parametrize("way", ["end", "disable"])
def test_change_during_a_read(one: Process, text: str, way: str) -> None:
    """A session that is read before a change, and returned after it, is not kept."""
    signed_in = one.core.sessions.resume(text)
    one.core.clock.move(seconds=5)
    inner = one.cache._lookup

    class SlowLookup(SplitLookup):
        """Returns what it has read after the account or the session has changed."""

        def by_hash(self, token_hash: str) -> SessionWithOwner | None:
            found = super().by_hash(token_hash)
            if way == "end":
                one.core.sessions.end(signed_in.session.id)
            else:
                one.core.users.update(signed_in.user.id, {"is_active": False})
            return found

    one.cache._lookup = SlowLookup(cast("TokenStore", one.tokens), cast("UserStore", one.users))
    assert one.resume(text) == "Ada Lovelace"
    one.cache._lookup = inner
    assert one.resume(text) != "Ada Lovelace"


@pytest.mark.parametrize("way", ["end_user", "disable"])
def test_read_that_ends_during_a_change(
    one: Process, text: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A session that another thread puts into the cache while a user's are dropped is not kept."""
    signed_in = one.core.sessions.resume(text)
    cache = one.cache
    cache.drop_users([signed_in.user.id])
    mark = cache._found.mark()
    stale = cache._lookup.by_session(signed_in.session.id)
    drop_if = cache._found.drop_if

    def interrupted(predicate: Callable[[SessionWithOwner], bool]) -> None:
        cache._keep(stale, mark)
        drop_if(predicate)
        cache._keep(stale, mark)

    monkeypatch.setattr(cache._found, "drop_if", interrupted)
    if way == "end_user":
        one.core.sessions.end_user(signed_in.user.id)
    else:
        one.core.users.update(signed_in.user.id, {"is_active": False})
    assert one.resume(text) != "Ada Lovelace"


READS: dict[object, str] = {
    UserStore: "get get_many find find_username find_username_key is_empty highest_hash_cost page",
    TokenStore: "find find_session find_sessions list_sessions page_sessions sessions_per_agent "
    "count counts",
}
HARMLESS: dict[object, str] = {
    UserStore: "add add_first purge_unproven",  # accounts without a session
    TokenStore: "swap_count purge",  # counters, and what has expired
}


@pytest.mark.parametrize(
    ("protocol", "store"),
    [(UserStore, InvalidatingUserStore), (TokenStore, InvalidatingTokenStore)],
)
def test_every_change_is_known(protocol: type, store: type) -> None:
    """Each method of a store reads, can't change a session, or drops what it changes."""
    methods = {name for name in vars(protocol) if not name.startswith("_")}
    dropping = {name for name in vars(store) if not name.startswith("_")}
    others = {*READS[protocol].split(), *HARMLESS[protocol].split()}
    assert methods == dropping | others
    assert not dropping & others

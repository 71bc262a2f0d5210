"""The check of open pages reads little, and misses no session that is revoked or has expired."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from tests.support.core_app import CoreApp

from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.sessions.open_sessions import CHECK_SECONDS, OpenSessions
from streamlit_persistauth.core.sessions.revocation_reader import (
    LIMIT,
    OVERLAP_SECONDS,
    RESTART_SECONDS,
    RevocationReader,
)
from streamlit_persistauth.core.storage.records import Revocation
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import User

LOOK = 0.5


@dataclass
class Timer:
    """A monotonic clock that a test moves."""

    now: float = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def timer() -> Timer:
    """The monotonic clock of the check."""
    return Timer()


@pytest.fixture
def user(core: CoreApp) -> User:
    """An account."""
    return core.add_user()


@pytest.fixture
def watched(core: CoreApp, timer: Timer) -> OpenSessions:
    """The check of open pages, on a clock that a test moves."""
    made = core.sessions.watched()
    made.timer = timer
    return made


def reads(core: CoreApp) -> list[str]:
    """Return the calls of the stores since the last time."""
    calls = [*core.tokens.calls, *core.users.calls]
    core.tokens.reset()
    core.users.reset()
    return calls


REVOCATIONS: dict[str, Callable[[CoreApp, User, str], object]] = {
    "signed out": lambda core, _user, session: core.sessions.end(session),
    "signed out everywhere": lambda core, user, _session: core.sessions.end_user(user.id),
    "signed out by an administrator": lambda core, user, _: core.user_admin.sign_out(user.id),
    "disabled": lambda core, user, _session: core.user_admin.disable(user.id),
    "deleted": lambda core, user, _session: core.user_admin.delete(user.id),
    "new password": lambda core, user, _session: core.password_changes.set(
        core.users.get(user.id), "new-Kettle-94"
    ),
}


@pytest.mark.parametrize("revoke", REVOCATIONS.values(), ids=REVOCATIONS)
def test_revoked(
    core: CoreApp,
    user: User,
    watched: OpenSessions,
    revoke: Callable[[CoreApp, User, str], object],
) -> None:
    """What the library revokes is found by the next call; other sessions stay."""
    mine, theirs = core.sign_in(user), core.sign_in(core.add_user("bob@example.com"))
    assert watched.find_live({mine, theirs}) == {mine, theirs}
    revoke(core, user, mine)
    assert watched.find_live({mine, theirs}) == {theirs}
    assert watched.find_live({mine, theirs}) == {theirs}


def test_idle_pages_read_the_log(
    core: CoreApp, user: User, watched: OpenSessions, timer: Timer
) -> None:
    """Idle pages read the entries of the log and two counts, but no record and no account."""
    sessions = {core.sign_in(user) for _ in range(3)}
    watched.find_live(sessions)
    timer.now += LOOK
    reads(core)
    assert watched.find_live(sessions) == sessions
    assert reads(core) == ["revocations_after", "count_sessions", "count_active"]


def test_new_page(core: CoreApp, user: User, watched: OpenSessions) -> None:
    """A new page is read, the known ones are not."""
    one = core.sign_in(user)
    watched.find_live({one})
    two = core.sign_in(user)
    reads(core)
    core.tokens.given = ""
    assert watched.find_live({one, two}) == {one, two}
    assert two in core.tokens.given
    assert one not in core.tokens.given


def test_closed_page_is_forgotten(core: CoreApp, user: User, watched: OpenSessions) -> None:
    """No session is kept in memory whose page is closed."""
    sessions = {core.sign_in(user) for _ in range(3)}
    watched.find_live(sessions)
    assert watched.find_live(set()) == set()
    assert not watched._known


@pytest.mark.parametrize("change", [{"is_active": False}, {"security_stamp": "another"}, None])
def test_changed_past_the_library(
    core: CoreApp,
    user: User,
    watched: OpenSessions,
    timer: Timer,
    change: dict[str, object] | None,
) -> None:
    """A change of an account by SQL is found when the session is checked."""
    mine = core.sign_in(user)
    watched.find_live({mine})
    if change is None:
        core.users.delete(user.id)
    else:
        core.change_user(user.id, **change)
    timer.now += CHECK_SECONDS
    assert watched.find_live({mine}) == set()


def test_expiry(core: CoreApp, user: User, watched: OpenSessions) -> None:
    """A session expires on time, without a check."""
    mine = core.sign_in(user)
    assert watched.find_live({mine}) == {mine}
    core.clock.move(hours=23, minutes=59, seconds=59)
    assert watched.find_live({mine}) == {mine}
    core.clock.move(seconds=1)
    assert watched.find_live({mine}) == set()


def test_idle_timeout(user_in_idle_app: tuple[CoreApp, User], timer: Timer) -> None:
    """The idle timeout applies on time, and a use on another page extends it."""
    core, user = user_in_idle_app
    watched = core.sessions.watched()
    watched.timer = timer
    mine = core.sign_in(user)
    assert watched.find_live({mine}) == {mine}
    core.clock.move(minutes=9)
    core.sessions.resume_session(mine)
    core.clock.move(minutes=9)
    assert watched.find_live({mine}) == {mine}
    core.clock.move(minutes=1)
    assert watched.find_live({mine}) == set()


@pytest.fixture
def user_in_idle_app() -> tuple[CoreApp, User]:
    """An app with an idle timeout of ten minutes, and an account."""
    core = CoreApp(lifetime=Lifetime(timedelta(hours=24), idle=timedelta(minutes=10)))
    return core, core.add_user()


@pytest.mark.parametrize("failing", ["log", "sessions"])
def test_store_that_fails(core: CoreApp, user: User, watched: OpenSessions, failing: str) -> None:
    """A revocation is found after a fault, whichever read has failed."""
    mine = core.sign_in(user)
    watched.find_live({mine})
    core.sessions.end(mine)
    core.tokens.reset(fail_at=0 if failing == "log" else 1)
    with pytest.raises(StoreError):
        watched.find_live({mine})
    core.tokens.reset()
    assert watched.find_live({mine}) == set()


def test_store_without_a_log(core: CoreApp, user: User, timer: Timer) -> None:
    """A store without a log is read at every call, and changes are found at once."""
    mine = core.sign_in(user)
    watched = replace_log(core, None, timer)
    assert watched.find_live({mine}) == {mine}
    core.sessions.end(mine)
    assert watched.find_live({mine}) == set()


@pytest.mark.parametrize("missing", ["count_sessions", "count_active"])
def test_store_without_counts(core: CoreApp, user: User, timer: Timer, missing: str) -> None:
    """Without counts a session is read once in `CHECK_SECONDS`."""
    mine = core.sign_in(user)
    with pytest.MonkeyPatch.context() as patch:
        store = core.tokens if missing == "count_sessions" else core.users
        patch.delattr(type(store._store), missing)
        watched = replace(core.sessions.watched(), timer=timer)
        watched.find_live({mine})
        reads(core)
        timer.now += CHECK_SECONDS - LOOK
        assert watched.find_live({mine}) == {mine}
        assert "find_sessions" not in reads(core)
        timer.now += LOOK
        assert watched.find_live({mine}) == {mine}
        assert {"find_sessions", "get_many"} <= set(reads(core))


@dataclass
class Log:
    """A log in which a test writes."""

    entries: list[Revocation] = field(default_factory=list)

    def add(self, number: int, subject_id: str = "x") -> None:
        """Add an entry."""
        self.entries.append(Revocation(number, subject_id))

    def last_revocation(self) -> int:
        """Return the highest number."""
        return max((entry.number for entry in self.entries), default=0)

    def revocations_after(self, number: int, *, limit: int) -> list[Revocation]:
        """Return the entries after a number."""
        newer = sorted((e for e in self.entries if e.number > number), key=lambda e: e.number)
        return newer[:limit]


def replace_log(core: CoreApp, log: Log | None, timer: Timer) -> OpenSessions:
    """Return the check of open pages with another log."""
    reader = RevocationReader(log) if log is not None else None
    return replace(core.sessions.watched(), revocations=reader, timer=timer)


def test_late_entry() -> None:
    """An entry that becomes visible after one with a higher number is returned, once."""
    log = Log()
    reader = RevocationReader(log)
    assert reader.read(0) is None
    log.add(7, "early")
    assert reader.read(LOOK) == {"early"}
    log.add(6, "late")
    assert reader.read(LOOK + OVERLAP_SECONDS - 0.1) == {"late"}
    assert reader.read(LOOK + OVERLAP_SECONDS) == set()


def test_reads_no_more_than_is_new() -> None:
    """Entries older than the overlap are not read again."""
    log = Log()
    reader = RevocationReader(log)
    reader.read(0)
    log.add(1)
    reader.read(LOOK)
    asked: list[int] = []
    original = log.revocations_after

    def spy(number: int, *, limit: int) -> list[Revocation]:
        asked.append(number)
        return original(number, limit=limit)

    log.revocations_after = spy  # type: ignore[method-assign]
    reader.read(LOOK + OVERLAP_SECONDS)
    assert asked == [1]


def test_more_than_one_read_returns() -> None:
    """After more revocations than one read returns, any session may be revoked."""
    log = Log()
    reader = RevocationReader(log)
    reader.read(0)
    for number in range(1, LIMIT + 1):
        log.add(number)
    assert reader.read(LOOK) is None
    log.add(LIMIT + 1, "next")
    assert reader.read(2 * LOOK) == {"next"}


def test_numbers_start_again() -> None:
    """After a backup was restored, with lower numbers, the log is read from its end."""
    log = Log()
    log.add(1000)
    reader = RevocationReader(log)
    assert reader.read(0) is None
    log.entries.clear()
    assert reader.read(RESTART_SECONDS) is None
    log.add(1, "first")
    assert reader.read(RESTART_SECONDS + LOOK) == {"first"}

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.clock import MovableClock
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.failing import FailingStore
from tests.support.hashing import BcryptCalls
from tests.support.races import in_processes
from tests.support.workers import try_logins

from streamlit_persistauth.core.accounts.login_names import read_login_name
from streamlit_persistauth.core.audit.events import Events
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Bucket, Limit, Throttle
from streamlit_persistauth.errors import InvalidCredentials, StoreError, Throttled, WrongPassword
from streamlit_persistauth.models import Client
from streamlit_persistauth.stores.memory import MemoryEventStore, MemoryTokenStore
from streamlit_persistauth.stores.sql import SQLTokenStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.testing.races import at_once

DOCS = Path(__file__).parents[3] / "docs"
LIMIT = Limit(3, timedelta(seconds=10), timedelta(seconds=60))
BUCKET = Bucket("test", "ada", LIMIT)


@pytest.fixture(params=["memory", "sqlite"])
def counters(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TokenStore]:
    """A store for counters."""
    if request.param == "memory":
        yield MemoryTokenStore()
        return
    database = Database(open_engine(f"sqlite:///{tmp_path / 'app.db'}"))
    yield SQLTokenStore(database)
    database.engine.dispose()


@pytest.fixture
def clock() -> MovableClock:
    """The time."""
    return MovableClock()


@pytest.fixture
def throttle(counters: TokenStore, clock: MovableClock) -> Throttle:
    """A throttle."""
    return Throttle(counters, Events(MemoryEventStore(), clock=clock), clock=clock)


def wait_for(throttle: Throttle, bucket: Bucket = BUCKET) -> float:
    """Assert that an attempt is rejected, and return the seconds to wait."""
    with pytest.raises(Throttled) as caught:
        throttle.take(bucket)
    return caught.value.retry_after.total_seconds()


def test_waits_grow() -> None:
    """The wait starts after the free attempts, doubles, and stops growing."""
    waits = [LIMIT.wait_after(tries).total_seconds() for tries in range(8)]
    assert waits == [0, 0, 0, 10, 20, 40, 60, 60]
    assert LIMIT.wait_after(10**9) == timedelta(seconds=60)


def test_free_tries(throttle: Throttle, clock: MovableClock) -> None:
    """After the free attempts there is a wait, which passes; the next one is longer."""
    for _ in range(3):
        throttle.take(BUCKET)
    assert wait_for(throttle) == 10
    clock.move(seconds=9.999)
    assert wait_for(throttle) == pytest.approx(0.001)
    clock.move(seconds=0.001)
    throttle.take(BUCKET)
    assert wait_for(throttle) == 20


def test_refused_tries_do_not_count(throttle: Throttle, clock: MovableClock) -> None:
    """Attempts during a wait do not prolong it."""
    for _ in range(3):
        throttle.take(BUCKET)
    for _ in range(50):
        wait_for(throttle)
    clock.move(seconds=10)
    throttle.take(BUCKET)


def test_forgotten(throttle: Throttle, clock: MovableClock) -> None:
    """Attempts are forgotten one by one, each after the longest wait."""
    for _ in range(3):
        throttle.take(BUCKET)
    clock.move(seconds=60)
    throttle.take(BUCKET)
    assert wait_for(throttle) == 10
    clock.move(seconds=4 * 60)
    for _ in range(3):
        throttle.take(BUCKET)
    assert wait_for(throttle) == 10


def test_seldom_tries_never_wait(throttle: Throttle, clock: MovableClock) -> None:
    """A user who mistypes now and then never has to wait."""
    for _ in range(100):
        throttle.take(BUCKET)
        throttle.take(BUCKET)
        throttle.give_back(BUCKET)
        clock.move(seconds=60)


def test_give_back(throttle: Throttle) -> None:
    """A success among others removes its own attempt only."""
    throttle.take(BUCKET)
    throttle.take(BUCKET)
    throttle.give_back(BUCKET)
    throttle.take(BUCKET)
    throttle.take(BUCKET)
    assert wait_for(throttle) == 10


def test_success_ends_the_wait(throttle: Throttle, clock: MovableClock) -> None:
    """A success ends the wait; the next failure waits as long as without it."""
    for _ in range(3):
        throttle.take(BUCKET)
    clock.move(seconds=10)
    throttle.take(BUCKET)
    throttle.give_back(BUCKET)
    throttle.take(BUCKET)
    assert wait_for(throttle) == 20


def test_give_back_alone(throttle: Throttle, counters: TokenStore) -> None:
    """A single success leaves no counter; a missing counter is no error."""
    throttle.take(BUCKET)
    throttle.give_back(BUCKET)
    assert counters.count(BUCKET.key) is None
    throttle.give_back(BUCKET)
    assert counters.count(BUCKET.key) is None


def test_busy() -> None:
    """A counter that others keep changing rejects for a second."""
    core = CoreApp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.tokens, "swap_count", lambda *_: False, raising=False)
        assert wait_for(core.throttle) == 1


def test_told(core: CoreApp) -> None:
    """A rejected attempt is recorded with user, origin and purpose."""
    for _ in range(3):
        core.throttle.take(BUCKET)
    with pytest.raises(Throttled):
        core.throttle.take(BUCKET, user_id="ada", client=CLIENT)
    event = core.events.records[-1]
    assert (event.event_type, event.user_id, event.details) == (
        "throttled",
        "ada",
        {"purpose": "test"},
    )
    assert (event.ip_address, event.user_agent) == (CLIENT.ip_address, CLIENT.user_agent)


def test_buckets_are_apart(throttle: Throttle) -> None:
    """Another subject or purpose has its own attempts."""
    for _ in range(3):
        throttle.take(BUCKET)
    throttle.take(Bucket("test", "bob", LIMIT))
    throttle.take(Bucket("other", "ada", LIMIT))
    wait_for(throttle)


def test_survives_a_restart(counters: TokenStore, clock: MovableClock) -> None:
    """The counters are in the store, so another process has them too."""
    for _ in range(3):
        Throttle(counters, Events(MemoryEventStore(), clock=clock), clock=clock).take(BUCKET)
    assert wait_for(Throttle(counters, Events(MemoryEventStore(), clock=clock), clock=clock)) == 10


def test_key_tells_nothing() -> None:
    """The key of a counter does not contain the address."""
    key = limits.login_of(EMAIL).key
    assert len(key) == 64
    assert "ada" not in key
    assert key == limits.login_of(read_login_name(" ADA@Example.com").text).key


def test_twenty_at_once(throttle: Throttle) -> None:
    """Of twenty concurrent attempts only the free ones pass."""

    def take() -> bool:
        try:
            throttle.take(BUCKET)
        except Throttled:
            return False
        return True

    assert at_once(*[take] * 20).count(True) == 3


def test_four_processes(tmp_path: Path) -> None:
    """Four concurrent processes make no more attempts together than one."""
    url = f"sqlite:///{tmp_path / 'app.db'}"
    database = Database(open_engine(url))
    database.create_tables()
    answers = in_processes(try_logins, url, count=4)
    assert sum(map(int, answers)) == limits.PASSWORD.free
    database.engine.dispose()


def test_store_that_fails(clock: MovableClock) -> None:
    """If counting fails, the attempt is rejected."""
    store = FailingStore(MemoryTokenStore())
    store.reset(fail_at=0)
    with pytest.raises(StoreError):
        Throttle(store, Events(MemoryEventStore(), clock=clock), clock=clock).take(BUCKET)


# In an app


def guess(core: CoreApp, email: str, client: Client = CLIENT) -> str:
    """Try a wrong password; return the message."""
    with pytest.raises((InvalidCredentials, Throttled)) as caught:
        core.accounts.authenticate(email, "wrong-Kettle-93", client=client)
    return str(caught.value)


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com", "no address@"])
def test_known_and_unknown_alike(core: CoreApp, bcrypt_calls: BcryptCalls, email: str) -> None:
    """Known and unknown accounts are throttled alike, without hashing."""
    core.add_user()
    bcrypt_calls.count = 0
    messages = [guess(core, email) for _ in range(7)]
    assert messages[:5] == ["Invalid email or password."] * 5
    assert messages[5:] == ["Too many attempts. Please try again in 30 seconds."] * 2
    assert bcrypt_calls.count == 5
    assert [event.event_type for event in core.events.records][-2:] == ["throttled"] * 2


def test_right_password_waits_too(core: CoreApp) -> None:
    """During the wait the right password is rejected too; afterwards it signs in."""
    core.add_user()
    for _ in range(5):
        guess(core, EMAIL)
    with pytest.raises(Throttled):
        core.accounts.authenticate(EMAIL, PASSWORD, client=CLIENT)
    core.clock.move(seconds=30)
    core.accounts.authenticate(EMAIL, PASSWORD, client=CLIENT)
    core.accounts.authenticate(EMAIL, PASSWORD, client=CLIENT)


def guesses_a_day(core: CoreApp, *, days: int, sign_ins: int) -> list[int]:
    """Guess whenever allowed for a day, while the owner signs in a given number of times."""
    start, due = core.clock(), core.clock()
    networks = (Client(f"10.0.{n // 256}.{n % 256}") for n in range(10_000))
    made = [0] * days
    while (day := (core.clock() - start).days) < days:
        if sign_ins and core.clock() >= due:
            with suppress(Throttled):  # the owner tries again later
                core.accounts.authenticate(EMAIL, PASSWORD, client=CLIENT)
                due += timedelta(days=1) / sign_ins
        try:
            core.accounts.authenticate(EMAIL, "wrong-Kettle-93", client=next(networks))
        except InvalidCredentials:
            made[day] += 1
        except Throttled as refusal:
            core.clock.move(seconds=refusal.retry_after.total_seconds())
    return made


@pytest.mark.parametrize("sign_ins", [0, 3, 24])
def test_documented_guesses_a_day(core: CoreApp, sign_ins: int) -> None:
    """An attacker gets the documented number of guesses, however often the owner signs in."""
    core.add_user()
    first, *later = guesses_a_day(core, days=4, sign_ins=sign_ins)
    assert (first, set(later)) == (35, {24})
    (page,) = DOCS.rglob("architecture.md")
    documented = page.read_text(encoding="utf-8")
    assert f"{first} guesses on the first day and {max(later)} on each day after it" in documented


def test_owner_inside_is_not_locked_out(core: CoreApp) -> None:
    """An attacker's guesses neither revoke the session nor limit the user's reauthentication."""
    user = core.add_user()
    credential = core.sessions.issue(core.sign_in(user))
    for _ in range(10):
        guess(core, EMAIL)
    assert core.sessions.resume(credential.text).user == user
    assert core.accounts.reauthenticate(user.id, PASSWORD).user.id == user.id


def test_reauthentication_is_limited(core: CoreApp) -> None:
    """An attacker at an open page cannot guess the password either."""
    user = core.add_user()
    for _ in range(5):
        with pytest.raises(WrongPassword):
            core.accounts.reauthenticate(user.id, "wrong-Kettle-93")
    with pytest.raises(Throttled):
        core.accounts.reauthenticate(user.id, PASSWORD)


def test_right_reauthentication_takes_back_its_own_try(core: CoreApp) -> None:
    """A right password costs no attempt, and keeps the wrong ones before it."""
    user = core.add_user()
    for _ in range(4):
        with pytest.raises(WrongPassword):
            core.accounts.reauthenticate(user.id, "wrong-Kettle-93")
    for _ in range(10):
        core.accounts.reauthenticate(user.id, PASSWORD)
    with pytest.raises(WrongPassword):
        core.accounts.reauthenticate(user.id, "wrong-Kettle-93")
    with pytest.raises(Throttled):
        core.accounts.reauthenticate(user.id, PASSWORD)


def test_one_network(core: CoreApp) -> None:
    """One network gets fifty wrong passwords over all accounts; others continue."""
    core.add_user()
    for number in range(50):
        assert "Invalid" in guess(core, f"v{number}@example.com")
    assert "Too many attempts" in guess(core, "another@example.com")
    assert "Invalid" in guess(core, "another@example.com", Client("198.51.100.1"))


def test_one_site_of_ipv6(core: CoreApp) -> None:
    """All addresses of one /64 are one network; the next /64 is another."""
    for number in range(50):
        guess(core, f"v{number}@example.com", Client(f"2001:db8::{number:x}"))
    assert "Too many" in guess(core, "a@example.com", Client("2001:db8:0:0:ffff::1"))
    assert "Invalid" in guess(core, "a@example.com", Client("2001:db8:0:1::1"))


def test_success_does_not_clear_the_network(core: CoreApp) -> None:
    """An attacker's own sign-in gives no further guesses at other accounts."""
    core.add_user()
    for number in range(49):
        guess(core, f"v{number}@example.com")
    core.accounts.authenticate(EMAIL, PASSWORD, client=CLIENT)
    assert "Invalid" in guess(core, "one-more@example.com")
    assert "Too many" in guess(core, "two-more@example.com")

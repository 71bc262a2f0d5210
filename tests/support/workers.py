"""What child processes run. They import it, so it has to be in a module."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from multiprocessing.synchronize import Barrier as ProcessBarrier
from multiprocessing.synchronize import Event as ProcessEvent
from queue import Queue
from threading import Event

from sqlalchemy import Connection
from tests.support.clock import START, MovableClock
from tests.support.core_app import EMAIL, PASSWORD, CoreApp
from tests.support.failing import FailingStore

from streamlit_persistauth.core.audit.events import Events
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import AuthError, Throttled
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.stores.redis import RedisTokenStore
from streamlit_persistauth.stores.redis.clients import open_redis
from streamlit_persistauth.stores.sql import SQLEventStore, SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.dialects import upsert
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.tables import auth_tokens
from streamlit_persistauth.stores.sql.tokens import token_columns
from streamlit_persistauth.testing.rows import session_record
from streamlit_persistauth.wiring.key_file import open_key_ring

TTLCache = Queue[str]


def create_tables(url: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Create the tables of a database at the same moment as others; return the outcome."""
    database = Database(open_engine(url))
    barrier.wait(60)
    try:
        database.create_tables()
    except Exception as error:  # noqa: BLE001 - the test tells it
        answers.put(repr(error))
    else:
        answers.put("created")
    database.engine.dispose()


def open_key(url: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Open the key ring beside a database at the same moment as others; answer its id."""
    logging.disable()
    settings = AuthSettings(database_url=url)
    engine = open_engine(url)
    barrier.wait(60)
    try:
        answers.put(open_key_ring(settings, engine.url).current_id)
    except Exception as error:  # noqa: BLE001 - the test tells it
        answers.put(repr(error))


def try_logins(url: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Try ten wrong passwords of one account; return how many were checked."""
    with stores_on(url) as (database, tokens):
        throttle = Throttle(
            tokens, Events(SQLEventStore(database), clock=lambda: START), clock=lambda: START
        )
        barrier.wait(60)
        passed = 0
        for _ in range(10):
            with suppress(Throttled):
                throttle.take(limits.login_of("ada@example.com"))
                passed += 1
        answers.put(str(passed))


@contextmanager
def stores_on(url: str) -> Iterator[tuple[Database, TokenStore]]:
    """Open a database and the sign-ins: in it, or in a Redis that is named after a space."""
    url, _, redis_url = url.partition(" ")
    database = Database(open_engine(url))
    tokens = RedisTokenStore(open_redis(redis_url)) if redis_url else SQLTokenStore(database)
    yield database, tokens
    database.engine.dispose()


@contextmanager
def core_on(url: str, *, after: timedelta = timedelta(0)) -> Iterator[CoreApp]:
    """Open an app on its stores, so long after the start; it allows three sign-ins a user."""
    clock = MovableClock()
    clock.move(seconds=after.total_seconds())
    with stores_on(url) as (database, tokens):
        yield CoreApp(
            clock=clock,
            users=FailingStore(SQLUserStore(database)),
            tokens=FailingStore(tokens),
            event_store=SQLEventStore(database),
            lifetime=Lifetime(timedelta(hours=1), renewal=timedelta(days=30)),
            max_sessions=3,
        )


def reset_password(url: str, token: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Set a new password by a token; return the outcome."""
    with core_on(url) as core:
        barrier.wait(60)
        answers.put(_attempt(lambda: core.resets.reset(token, "another-Kettle-94")))


def renew(url: str, credential: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Renew a credential two hours later; return its successor."""
    with core_on(url, after=timedelta(hours=2)) as core:
        barrier.wait(60)
        successor = core.sessions.renew(credential)
        answers.put(successor.text if successor else "")


def resume(url: str, credential: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Present a renewed credential; return the outcome."""
    with core_on(url, after=timedelta(hours=2)) as core:
        barrier.wait(60)
        answers.put(_attempt(lambda: core.sessions.resume(credential)))


def register(url: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Register one address; return the outcome."""
    with core_on(url) as core:
        barrier.wait(60)
        answers.put(_attempt(lambda: core.accounts.register(EMAIL, PASSWORD)))


def register_username(url: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Register one user name with another address in each process; return the outcome."""
    with core_on(url) as core:
        email = f"{new_id()}@example.com"
        barrier.wait(60)
        answers.put(_attempt(lambda: core.accounts.register(email, PASSWORD, username="ada")))


def register_first(url: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Register another address in each process, as the first account; return the outcome."""
    with core_on(url) as core:
        email, code = f"{new_id()}@example.com", core.setup_codes.create().text
        first = partial(core.registrations.register_first, email, PASSWORD, setup_code=code)
        barrier.wait(60)
        answers.put(_attempt(first))


def sign_in(url: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Sign in five times."""
    with core_on(url) as core:
        owner = core.accounts.find(EMAIL)
        barrier.wait(60)
        for _ in range(5):
            assert owner is not None
            core.sign_in(owner.user)
        answers.put("done")


def disable_both(url: str, barrier: ProcessBarrier, answers: TTLCache) -> None:
    """Disable two administrators; return the outcome of each."""
    with core_on(url) as core:
        pair = core.user_admin.find(UserQuery()).users
        barrier.wait(60)
        outcomes = [_attempt(partial(core.user_admin.disable, item.user.id)) for item in pair]
        answers.put(" ".join(outcomes))


def _attempt(call: Callable[[], object]) -> str:
    try:
        call()
    except AuthError as refusal:
        return refusal.code
    return "done"


def ask_after_fork(store: SQLUserStore, user_id: str, answers: TTLCache) -> None:
    """Read one account repeatedly, through a store that was open before the fork."""
    found = [store.get(user_id) for _ in range(200)]
    right = [record for record in found if record is not None and record.user.id == user_id]
    answers.put(f"{len(right)} answers")


def write_and_wait(url: str, user_id: str, written: ProcessEvent) -> None:
    """Write a session, set an event, and never commit."""

    def wait(connection: Connection) -> None:
        upsert(connection, auth_tokens, token_columns(session_record(user_id)))
        written.set()
        Event().wait(60)

    Database(open_engine(url)).write(wait)

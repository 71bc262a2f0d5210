"""What child processes run; they import it, so it stands in a module."""

import logging
from contextlib import suppress
from multiprocessing.synchronize import Barrier as ProcessBarrier
from queue import Queue

from tests.support.clock import START

from streamlit_persistauth.core import limits
from streamlit_persistauth.core.events import Events
from streamlit_persistauth.core.throttle import Throttle
from streamlit_persistauth.errors import Throttled
from streamlit_persistauth.keyfile import open_key_ring
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.stores.database import Database, open_engine
from streamlit_persistauth.stores.sql import SQLEventStore, SQLTokenStore

Answers = Queue[str]


def create_tables(url: str, barrier: ProcessBarrier, answers: Answers) -> None:
    """Create the tables of a database at the same moment as others; answer how it went."""
    database = Database(open_engine(url))
    barrier.wait(60)
    try:
        database.create_tables()
    except Exception as error:  # noqa: BLE001 - the test tells it
        answers.put(repr(error))
    else:
        answers.put("created")
    database.engine.dispose()


def open_key(url: str, barrier: ProcessBarrier, answers: Answers) -> None:
    """Open the key ring beside a database at the same moment as others; answer its id."""
    logging.disable()
    settings = AuthSettings(database_url=url)
    engine = open_engine(url)
    barrier.wait(60)
    try:
        answers.put(open_key_ring(settings, engine.url).current_id)
    except Exception as error:  # noqa: BLE001 - the test tells it
        answers.put(repr(error))


def try_logins(url: str, barrier: ProcessBarrier, answers: Answers) -> None:
    """Try ten wrong passwords of one account; answer how many were looked at."""
    database = Database(open_engine(url))
    tokens = SQLTokenStore(database)
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
    database.engine.dispose()

"""What child processes run; they import it, so it stands in a module."""

import logging
from multiprocessing.synchronize import Barrier as ProcessBarrier
from queue import Queue

from streamlit_persistauth.keyfile import open_key_ring
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.stores.database import Database, open_engine

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

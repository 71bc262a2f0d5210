"""Checks of a separate store of sign-ins."""

from collections.abc import Iterator

from streamlit_persistauth.doctor.database import quiet
from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, warning
from streamlit_persistauth.errors import ConfigError, StoreError
from streamlit_persistauth.stores.sql import SQLTokenStore
from streamlit_persistauth.wiring.stores import open_token_store

SETTING = "PERSISTAUTH_TOKEN_STORE_URL"


def check_tokens(deployment: Deployment) -> Iterator[Finding]:
    """Find a store of sign-ins in memory, or one that does not answer."""
    url = deployment.token_store_url
    if url is None:
        return
    if url == "memory://":
        yield from _check_memory(deployment)
        return
    try:
        _reach(url)
    except ConfigError as fault:
        yield error("token-store-unknown", str(fault), f"Correct {SETTING}.")
    except StoreError:
        yield error(
            "token-store-unreachable",
            "The store of sign-ins does not answer, or refuses the connection.",
            f"Check that the server runs, and that {SETTING} has the right address and password.",
        )


def _reach(url: str) -> None:
    """Connect to the store and create nothing in it.

    Raises:
        ConfigError: The URL is wrong.
        StoreError: The store does not answer.
    """
    store = open_token_store(url)
    with quiet():
        if isinstance(store, SQLTokenStore):
            engine = store.database.engine
            with store.database.guarded(), engine.connect():
                engine.dispose()
        else:
            store.count("")


def _check_memory(deployment: Deployment) -> Iterator[Finding]:
    remedy = f"Unset {SETTING} to store sign-ins in the database, or set it to a Redis server."
    workers = deployment.environment.get("WEB_CONCURRENCY", "")
    if workers.isdigit() and int(workers) > 1:
        yield error(
            "memory-shared",
            f"Sign-ins are stored in the memory of a process, and there are {workers} "
            "(WEB_CONCURRENCY): a sign-in to one process is unknown to the others.",
            remedy,
        )
    else:
        yield warning(
            "memory-sessions",
            "Sign-ins are stored in memory: a restart signs out all users, and a second process "
            "or replica does not share them.",
            remedy,
        )

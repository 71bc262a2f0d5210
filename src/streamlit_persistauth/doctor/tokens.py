"""The store of sign-ins, where it is not the database."""

from collections.abc import Iterator

from streamlit_persistauth.doctor.database import quiet
from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, warning
from streamlit_persistauth.errors import ConfigError, StoreError
from streamlit_persistauth.stores.sql import SQLTokenStore
from streamlit_persistauth.wiring.stores import open_token_store

SETTING = "PERSISTAUTH_TOKEN_STORE_URL"


def check_tokens(deployment: Deployment) -> Iterator[Finding]:
    """Find a store of sign-ins that forgets, that processes don't share, or that is not there."""
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
            "The store of sign-ins does not answer, or refuses.",
            f"See that the server runs, and that {SETTING} has the right address and password.",
        )


def _reach(url: str) -> None:
    """Ask the store something, and make nothing in it.

    Raises:
        ConfigError: The URL can't be read.
        StoreError: It does not answer.
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
    remedy = f"Unset {SETTING}, so that they are in the database, or set it to a Redis."
    workers = deployment.environment.get("WEB_CONCURRENCY", "")
    if workers.isdigit() and int(workers) > 1:
        yield error(
            "memory-shared",
            f"Sign-ins are kept in the memory of a process, and there are {workers} "
            "(WEB_CONCURRENCY): who signs in at one is a stranger at the next.",
            remedy,
        )
    else:
        yield warning(
            "memory-sessions",
            "Sign-ins are kept in memory: a restart ends them all, and a second process or "
            "replica knows none of them.",
            remedy,
        )

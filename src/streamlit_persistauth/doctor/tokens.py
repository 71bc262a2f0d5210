"""Checks of a separate store of sign-ins."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.doctor.database import check_clock, quiet, time_of
from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, note, warning
from streamlit_persistauth.errors import ConfigError, StoreError
from streamlit_persistauth.stores.sql import SQLTokenStore
from streamlit_persistauth.wiring.stores import open_token_store, read_clock_of

if TYPE_CHECKING:
    from streamlit_persistauth.stores.redis.tokens import Durability

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
        store, theirs = _reach(url)
    except ConfigError as fault:
        yield error("token-store-unknown", str(fault), f"Correct {SETTING}.")
    except StoreError:
        yield error(
            "token-store-unreachable",
            "The store of sign-ins does not answer, or refuses the connection.",
            f"Check that the server runs, and that {SETTING} has the right address and password.",
        )
    else:
        if theirs is not None:
            yield from check_clock(deployment.clock() - theirs, "that of the store of sign-ins")
        yield from check_durability(store, deployment.settings.redis_replicas)


def check_durability(store: TokenStore, replicas: int) -> Iterator[Finding]:
    """Find a Redis that loses sign-ins, or makes revoked ones valid again.

    Args:
        store: A store that answers.
        replicas: The number of replicas that have to confirm a revocation.
    """
    read: Callable[[], Durability] | None = getattr(store, "durability", None)
    if read is None:
        return
    try:
        with quiet():
            found = read()
    except StoreError:
        yield note(
            "redis-unchecked",
            "Redis refuses the command INFO, so its configuration was not checked.",
            "Allow it for the check, or compare the configuration with docs/how-to/scaling.md.",
        )
        return
    if found.evicts:
        yield error(
            "redis-evicts",
            "A full Redis deletes sign-ins and counted attempts at random.",
            "Set maxmemory-policy noeviction.",
        )
    if not found.has_log:
        yield warning(
            "redis-forgets",
            "A restart of Redis loses what was written since its last snapshot: sign-ins are lost, "
            "and those that were revoked are valid again.",
            "Set appendonly yes.",
        )
    if found.replicas < replicas:
        yield error(
            "redis-replicas-missing",
            f"Revocations fail: {replicas} replicas have to confirm them "
            f"(PERSISTAUTH_REDIS_REPLICAS), and {found.replicas} are connected.",
            "Start the replicas, or lower the setting.",
        )
    elif found.replicas and not replicas:
        yield note(
            "redis-asynchronous",
            "Redis confirms a revocation before its replicas have it: after a failover a revoked "
            "sign-in may be valid again.",
            "Set PERSISTAUTH_REDIS_REPLICAS to the number of replicas that may take over.",
        )


def _reach(url: str) -> tuple[TokenStore, datetime | None]:
    """Connect to the store, create nothing in it; return it, and its time if it has a clock.

    Raises:
        ConfigError: The URL is wrong.
        StoreError: The store does not answer.
    """
    store = open_token_store(url)
    with quiet():
        if isinstance(store, SQLTokenStore):
            engine = store.database.engine
            try:
                with store.database.guarded(), engine.connect() as connection:
                    return store, time_of(connection)
            finally:
                engine.dispose()
        store.count("")
        read_clock = read_clock_of(store)
        return store, None if read_clock is None else read_clock()


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

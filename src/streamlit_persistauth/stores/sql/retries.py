"""Runs transactions again where the failed attempt has changed nothing."""

from collections.abc import Callable
from time import monotonic
from typing import Final, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from streamlit_persistauth.stores.sql.driver_errors import (
    CONFLICTS,
    is_conflict,
    is_lost_before_commit,
    is_refused_write,
)

ATTEMPTS: Final = 20
"""How often a transaction is tried that the database rolls back because of a conflict."""
RETRY_SECONDS: Final = 5.0
"""How long after its start a transaction is tried again."""

R = TypeVar("R")


def run_transaction(
    engine: Engine,
    transaction: Callable[[], R],
    *,
    ends_with_commit: bool,
    conflicts: frozenset[object] = CONFLICTS,
) -> R:
    """Run a transaction, and again after a failure that has changed nothing.

    It is run up to 20 times within five seconds if the database rolls it back because of another
    one. It is run once more if the server is read-only, or if the connection broke before the
    commit. A commit without an answer is not repeated.

    Args:
        engine: Its engine, whose connections are dropped if the server is read-only.
        transaction: Changes nothing but the database.
        ends_with_commit: Whether its last statement is the commit.
        conflicts: The codes of errors that mean a conflict with another transaction.

    Raises:
        SQLAlchemyError: The database fails, or refuses.
    """
    give_up_at = monotonic() + RETRY_SECONDS
    for attempt in range(1, ATTEMPTS):
        try:
            return transaction()
        except DBAPIError as error:
            is_safe = is_conflict(error, conflicts) or (
                attempt == 1
                and (
                    drop_if_refused(engine, error)
                    or (ends_with_commit and is_lost_before_commit(error))
                )
            )
            if not is_safe or monotonic() > give_up_at:
                raise
    return transaction()


def drop_if_refused(engine: Engine, error: Exception) -> bool:
    """Drop all connections if the server takes no writes; return whether it takes none.

    New connections may reach the server that is the primary now.
    """
    if not is_refused_write(error):
        return False
    engine.dispose()
    return True

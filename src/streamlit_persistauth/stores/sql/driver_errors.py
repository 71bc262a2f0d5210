"""Classifies the errors of the drivers by the codes of the databases."""

from typing import Final

from sqlalchemy.exc import DBAPIError

CONFLICTS: Final[frozenset[object]] = frozenset({"40001", "40P01", 1213, 1205})
"""Serialization failure and deadlock of PostgreSQL; deadlock and lock wait of MySQL and MariaDB.

Galera reports a deadlock if another node has changed the same row.
"""
MADE_ELSEWHERE: Final[frozenset[object]] = CONFLICTS | {1050, 1060, 1061, 1062}
"""Also: a table, column, index or row is there already. Galera creates tables on several nodes at
once, because named locks are of one node."""
REFUSED_WRITES: Final[frozenset[object]] = frozenset({"25006", 1290, 1792, 1836, 1047})
"""The server is read-only: a standby, or a primary that was demoted, or a node of Galera that has
lost the others (1047)."""
UNCONVERTIBLE: Final[frozenset[object]] = frozenset({"22P05", 1267, 1270, 1271, 3988})
"""A character that a character set lacks. MySQL and MariaDB report three of them as collations that
can't be compared."""


def is_conflict(error: BaseException, codes: frozenset[object] = CONFLICTS) -> bool:
    """Return whether the database rolled a transaction back because of another one.

    The whole transaction can be run again.
    """
    return not codes.isdisjoint(_codes(error))


def is_refused_write(error: BaseException) -> bool:
    """Return whether the server takes no writes, so that another one may be the primary now."""
    return not REFUSED_WRITES.isdisjoint(_codes(error))


def is_unconvertible(error: BaseException) -> bool:
    """Return whether the character set of a database, or of a connection, lacks a character."""
    # The driver itself may find that out.
    return isinstance(error, UnicodeEncodeError) or not UNCONVERTIBLE.isdisjoint(_codes(error))


def is_lost_before_commit(error: DBAPIError) -> bool:
    """Return whether the connection broke in a statement of a transaction, not in its commit.

    Nothing has changed then. After a commit without an answer that is unknown.
    """
    return error.connection_invalidated and error.statement is not None


def _codes(error: BaseException) -> set[object]:
    """Return the SQLSTATE and the number of an error, as far as its driver has them."""
    cause = getattr(error, "orig", None) or error
    first = cause.args[0] if cause.args else None
    if isinstance(first, dict):  # pg8000
        first = first.get("C")
    codes = (getattr(cause, "sqlstate", None), getattr(cause, "pgcode", None), first)
    return {code for code in codes if isinstance(code, str | int)}

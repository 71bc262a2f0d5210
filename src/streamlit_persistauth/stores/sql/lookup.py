"""Looks up a session and its account in one database, with one statement."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from streamlit_persistauth.core.storage.records import KnownSession, SessionWithOwner, TokenType
from streamlit_persistauth.stores.sql.accounts import FIELDS, OWN
from streamlit_persistauth.stores.sql.answers import checked
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.prepared import Prepared
from streamlit_persistauth.stores.sql.tables import auth_tokens, users
from streamlit_persistauth.stores.sql.tokens import COLUMNS, to_token


class JoinedLookup:
    """A `Lookup` that joins `auth_tokens` and `users`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_hash(self, token_hash: str) -> SessionWithOwner | None:
        return self._find(
            self._by_hash, token_hash, lambda found: found.session.token_hash == token_hash
        )

    def by_session(self, session_id: str) -> SessionWithOwner | None:
        return self._find(
            self._by_session, session_id, lambda found: found.session.session_id == session_id
        )

    def by_sessions(self, session_ids: Collection[str]) -> list[SessionWithOwner]:
        wanted = set(session_ids)
        convert = checked(_to_found, lambda found: found.session.session_id in wanted)
        return self._database.read(_BY_SESSIONS, {"keys": list(wanted)}, convert)

    def are_valid(self, sessions: Collection[KnownSession], now: datetime) -> bool:
        wanted = {"keys": [known.session_id for known in sessions], "now": now}
        return self._database.first(_VALID, wanted, lambda row: int(row[0])) == len(sessions)

    @cached_property
    def _by_hash(self) -> Prepared:
        return self._prepare("by_hash", auth_tokens.c.token_hash == bindparam("key"))

    @cached_property
    def _by_session(self) -> Prepared:
        return self._prepare("by_session", auth_tokens.c.session_id == bindparam("key"))

    def _prepare(self, name: str, condition: ColumnElement[bool]) -> Prepared:
        return self._database.prepare(_where(name, condition))

    def _find(
        self, query: Prepared, key: str, belongs: Callable[[SessionWithOwner], bool]
    ) -> SessionWithOwner | None:
        return self._database.first_of(query, {"key": key}, checked(_to_found, belongs))


def _where(name: str, condition: ColumnElement[bool]) -> Select[Any]:
    """Return a query for sessions with their accounts.

    Args:
        name: Part of the names of columns, which tells the answers of the queries apart.
        condition: The condition.
    """
    both = auth_tokens.outerjoin(users, users.c.id == auth_tokens.c.user_id)
    owner = [users.c[field].label(f"{name}_{field}") for field in FIELDS]
    is_session = auth_tokens.c.token_type == TokenType.SESSION.value
    return select(*COLUMNS, *owner).select_from(both).where(condition, is_session)


_BY_SESSIONS: Final = _where(
    "by_sessions", auth_tokens.c.session_id.in_(bindparam("keys", expanding=True))
)

_VALID: Final = (
    select(func.count().label("valid_sessions"))
    .select_from(auth_tokens.join(users, users.c.id == auth_tokens.c.user_id))
    .where(
        auth_tokens.c.session_id.in_(bindparam("keys", expanding=True)),
        auth_tokens.c.token_type == TokenType.SESSION.value,
        auth_tokens.c.expires_at > bindparam("now"),
        users.c.is_active.is_not(False),  # NULL: a column that was added and never set
        auth_tokens.c.security_stamp.is_not_distinct_from(users.c.security_stamp),
    )
)


def _to_found(values: Sequence[Any]) -> SessionWithOwner:
    session = to_token(values[: len(COLUMNS)])
    owner = dict(zip(FIELDS, values[len(COLUMNS) :], strict=True))
    return SessionWithOwner(session, OWN.read(owner) if owner["id"] is not None else None)

"""Looks up a session and its account in one database, with one statement."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, select

from streamlit_persistauth.core.storage.records import SessionWithOwner, TokenType
from streamlit_persistauth.stores.sql.accounts import FIELDS, OWN
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.prepared import Prepared
from streamlit_persistauth.stores.sql.tables import auth_tokens, users
from streamlit_persistauth.stores.sql.tokens import COLUMNS, to_token


class JoinedLookup:
    """A `Lookup` that joins `auth_tokens` and `users`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_hash(self, token_hash: str) -> SessionWithOwner | None:
        return self._find(self._by_hash, token_hash)

    def by_session(self, session_id: str) -> SessionWithOwner | None:
        return self._find(self._by_session, session_id)

    def by_sessions(self, session_ids: Collection[str]) -> list[SessionWithOwner]:
        return self._database.read(_BY_SESSIONS, {"keys": list(session_ids)}, _to_found)

    @cached_property
    def _by_hash(self) -> Prepared:
        return self._prepare(auth_tokens.c.token_hash == bindparam("key"))

    @cached_property
    def _by_session(self) -> Prepared:
        return self._prepare(auth_tokens.c.session_id == bindparam("key"))

    def _prepare(self, condition: ColumnElement[bool]) -> Prepared:
        return self._database.prepare(_where(condition))

    def _find(self, query: Prepared, key: str) -> SessionWithOwner | None:
        return self._database.first_of(query, {"key": key}, _to_found)


def _where(condition: ColumnElement[bool]) -> Select[Any]:
    """Return a query for sessions with their accounts."""
    both = auth_tokens.outerjoin(users, users.c.id == auth_tokens.c.user_id)
    owner = [users.c[name].label(f"user_{name}") for name in FIELDS]
    is_session = auth_tokens.c.token_type == TokenType.SESSION.value
    return select(*COLUMNS, *owner).select_from(both).where(condition, is_session)


_BY_SESSIONS: Final = _where(auth_tokens.c.session_id.in_(bindparam("keys", expanding=True)))


def _to_found(values: Sequence[Any]) -> SessionWithOwner:
    session = to_token(values[: len(COLUMNS)])
    owner = dict(zip(FIELDS, values[len(COLUMNS) :], strict=True))
    return SessionWithOwner(session, OWN.read(owner) if owner["id"] is not None else None)

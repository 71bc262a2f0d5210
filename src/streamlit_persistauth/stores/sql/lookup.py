"""Looking up a sign-in and its account in one database, with one statement."""

from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select

from streamlit_persistauth.core.records import Found, TokenType
from streamlit_persistauth.stores.sql.accounts import FIELDS, OWN
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.prepared import Prepared
from streamlit_persistauth.stores.sql.tables import auth_tokens, users
from streamlit_persistauth.stores.sql.tokens import COLUMNS, to_token


class OneRead:
    """Asks for the sign-in and its account at once."""

    def __init__(self, database: Database) -> None:
        """Use this database, which has our own table of users."""
        self._database = database

    def by_hash(self, token_hash: str) -> Found | None:
        """See `Lookup.by_hash`."""
        return self._find(self._by_hash, token_hash)

    def by_session(self, session_id: str) -> Found | None:
        """See `Lookup.by_session`."""
        return self._find(self._by_session, session_id)

    @cached_property
    def _by_hash(self) -> Prepared:
        return self._prepare(auth_tokens.c.token_hash == bindparam("key"))

    @cached_property
    def _by_session(self) -> Prepared:
        return self._prepare(auth_tokens.c.session_id == bindparam("key"))

    def _prepare(self, condition: ColumnElement[bool]) -> Prepared:
        both = auth_tokens.outerjoin(users, users.c.id == auth_tokens.c.user_id)
        owner = [users.c[name].label(f"user_{name}") for name in FIELDS]
        query = select(*COLUMNS, *owner).select_from(both)
        is_session = auth_tokens.c.token_type == TokenType.SESSION.value
        return self._database.prepare(query.where(condition, is_session))

    def _find(self, query: Prepared, key: str) -> Found | None:
        return self._database.first_of(query, {"key": key}, _to_found)


def _to_found(values: list[Any]) -> Found:
    session = to_token(values[: len(COLUMNS)])
    owner = dict(zip(FIELDS, values[len(COLUMNS) :], strict=True))
    return Found(session, OWN.read(owner) if owner["id"] is not None else None)

"""Stores on SQLAlchemy Core: one code for SQLite, PostgreSQL, MySQL and MariaDB."""

import json
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from streamlit_persistauth.core.records import (
    CounterRecord,
    EventRecord,
    Pending,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.errors import EmailTaken
from streamlit_persistauth.models import User
from streamlit_persistauth.stores.database import Database
from streamlit_persistauth.stores.dialects import upsert
from streamlit_persistauth.stores.tables import auth_events, auth_throttle, auth_tokens, users

BATCH: Final = 1000
"""Rows that one transaction of a purge deletes, so that it holds its locks for no long time."""

_USER_BY_ID = select(users).where(users.c.id == bindparam("key"))
_USER_BY_EMAIL = select(users).where(users.c.email == bindparam("key"))
_ANY_USER = select(users.c.id).limit(1)
_TOKEN = select(auth_tokens).where(
    auth_tokens.c.token_hash == bindparam("hash"), auth_tokens.c.token_type == bindparam("type")
)
_SESSION = select(auth_tokens).where(
    auth_tokens.c.session_id == bindparam("session"),
    auth_tokens.c.token_type == TokenType.SESSION.value,
)
_SESSIONS_BY_ID = select(auth_tokens).where(
    auth_tokens.c.session_id.in_(bindparam("sessions", expanding=True)),
    auth_tokens.c.token_type == TokenType.SESSION.value,
)
_COUNTER = select(auth_throttle).where(auth_throttle.c.key == bindparam("key"))
_SESSIONS = (
    select(auth_tokens)
    .where(
        auth_tokens.c.user_id == bindparam("user"),
        auth_tokens.c.token_type == TokenType.SESSION.value,
    )
    .order_by(auth_tokens.c.created_at.desc())
)


class SQLUserStore:
    """Accounts in the table `users`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    def get(self, user_id: str) -> UserRecord | None:
        """See `UserStore.get`."""
        row = self._database.first(_USER_BY_ID, {"key": user_id})
        return _to_user(row) if row else None

    def find(self, email: str) -> UserRecord | None:
        """See `UserStore.find`."""
        row = self._database.first(_USER_BY_EMAIL, {"key": email})
        return _to_user(row) if row else None

    def add(self, record: UserRecord) -> None:
        """See `UserStore.add`."""
        with self._database.writing() as connection:
            try:
                connection.execute(insert(users), _user_columns(record))
            except IntegrityError:
                raise EmailTaken from None

    def update(self, user_id: str, changes: UserChanges, *, was: UserRecord | None = None) -> bool:
        """See `UserStore.update`."""
        columns: dict[str, Any] = dict(changes)
        if "roles" in columns:
            columns["roles"] = json.dumps(columns["roles"])
        if "pending" in columns:
            columns["pending"] = _to_text(columns["pending"])
        change = update(users).where(users.c.id == user_id).values(**columns)
        if was is not None:
            change = change.where(
                users.c.password_hash == was.password_hash,
                users.c.security_stamp.is_not_distinct_from(was.security_stamp),
            )
        with self._database.writing() as connection:
            try:
                return connection.execute(change).rowcount > 0
            except IntegrityError:
                raise EmailTaken from None

    def delete(self, user_id: str) -> bool:
        """See `UserStore.delete`."""
        with self._database.writing() as connection:
            return connection.execute(delete(users).where(users.c.id == user_id)).rowcount > 0

    def is_empty(self) -> bool:
        """See `UserStore.is_empty`."""
        return self._database.first(_ANY_USER, {}) is None


class SQLTokenStore:
    """Sign-ins and single-use codes in the table `auth_tokens`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    def put(self, record: TokenRecord) -> None:
        """See `TokenStore.put`."""
        with self._database.writing() as connection:
            upsert(connection, auth_tokens, _token_columns(record))

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.find`."""
        key = {"hash": token_hash, "type": token_type.value}
        row = self._database.first(_TOKEN, key)
        return _to_token(row) if row else None

    def find_session(self, session_id: str) -> TokenRecord | None:
        """See `TokenStore.find_session`."""
        row = self._database.first(_SESSION, {"session": session_id})
        return _to_token(row) if row else None

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        """See `TokenStore.find_sessions`."""
        rows = self._database.all(_SESSIONS_BY_ID, {"sessions": list(session_ids)})
        return [_to_token(row) for row in rows]

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        """See `TokenStore.swap`."""
        change = (
            update(auth_tokens)
            .where(
                auth_tokens.c.id == old.id,
                func.coalesce(auth_tokens.c.revision, 0) == old.revision,
            )
            .values(**_token_columns(replace(new, revision=old.revision + 1)))
        )
        with self._database.writing() as connection:
            return connection.execute(change).rowcount > 0

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.consume`."""
        record = self.find(token_type, token_hash)
        if record is None:
            return None
        deleted = self._delete(auth_tokens.c.id == record.id)
        return record if deleted else None

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        """See `TokenStore.list_sessions`."""
        rows = self._database.all(_SESSIONS, {"user": user_id})
        return [_to_token(row) for row in rows]

    def end_session(self, session_id: str) -> int:
        """See `TokenStore.end_session`."""
        return self._delete(auth_tokens.c.session_id == session_id)

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """See `TokenStore.end_user`."""
        others = auth_tokens.c.session_id.is_distinct_from(keep)
        return self._delete(auth_tokens.c.user_id == user_id, *([others] if keep else []))

    def count(self, key: str) -> CounterRecord | None:
        """See `TokenStore.count`."""
        row = self._database.first(_COUNTER, {"key": key})
        return CounterRecord(row.tries, row.allowed_at, row.expires_at) if row else None

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        """See `TokenStore.swap_count`."""
        with self._database.writing() as connection:
            if old is None:
                return new is None or _insert_count(connection, key, new)
            there = (
                auth_throttle.c.key == key,
                auth_throttle.c.tries == old.tries,
                auth_throttle.c.allowed_at == old.allowed_at,
            )
            change = (
                delete(auth_throttle).where(*there)
                if new is None
                else update(auth_throttle).where(*there).values(**asdict(new))
            )
            return connection.execute(change).rowcount > 0

    def purge(self, expired_before: datetime) -> int:
        """See `TokenStore.purge`."""
        return sum(
            self._purge(table.c.expires_at < expired_before, key)
            for table, key in (
                (auth_throttle, auth_throttle.c.key),
                (auth_tokens, auth_tokens.c.id),
            )
        )

    def _purge(self, condition: ColumnElement[bool], key: Column[str]) -> int:
        """Delete rows in batches, each a transaction of its own; return how many there were."""
        purged, batch = 0, select(key).where(condition).limit(BATCH)
        while True:
            with self._database.writing() as connection:
                keys = connection.execute(batch).scalars().all()
                # The condition again: one of them may have been renewed meanwhile.
                doomed = delete(key.table).where(key.in_(keys), condition)
                purged += connection.execute(doomed).rowcount
            if len(keys) < BATCH:
                return purged

    def _delete(self, *conditions: Any) -> int:  # noqa: ANN401 - SQL expressions
        with self._database.writing() as connection:
            return connection.execute(delete(auth_tokens).where(*conditions)).rowcount


class SQLEventStore:
    """Events in the table `auth_events`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    def add(self, record: EventRecord) -> None:
        """See `EventStore.add`."""
        columns = {
            "user_id": record.user_id,
            "event_type": record.event_type,
            "details": json.dumps(record.details),
            "ip_address": record.ip_address,
            "user_agent": record.user_agent,
            "created_at": record.created_at,
        }
        with self._database.writing() as connection:
            connection.execute(insert(auth_events), columns)


def _insert_count(connection: Connection, key: str, new: CounterRecord) -> bool:
    """Insert a counter; return False where another one was first."""
    try:
        with connection.begin_nested():
            connection.execute(insert(auth_throttle), {"key": key, **asdict(new)})
    except IntegrityError:
        return False
    return True


def _to_user(row: Row[Any]) -> UserRecord:
    user = User(
        id=row.id,
        email=row.email,
        full_name=row.full_name or "",
        roles=_to_roles(row.roles),
        is_active=bool(row.is_active),
        created_at=row.created_at,
        last_login_at=row.last_login_at,
    )
    return UserRecord(
        user,
        row.password_hash,
        email_key=row.email_key,
        security_stamp=row.security_stamp,
        pending=Pending(row.pending) if row.pending else None,
    )


def _to_text(pending: Pending | None) -> str | None:
    return pending.value if pending else None


def _to_roles(text: str | None) -> tuple[str, ...]:
    """Return the roles of a JSON list; none of anything else that may stand there."""
    try:
        roles = json.loads(text or "[]")
    except ValueError:
        roles = None
    return tuple(map(str, roles)) if isinstance(roles, list) else ()


def _user_columns(record: UserRecord) -> dict[str, Any]:
    columns = dict(record.user)
    columns["roles"] = json.dumps(record.user.roles)
    columns["password_hash"] = record.password_hash
    columns["email_key"] = record.email_key
    columns["security_stamp"] = record.security_stamp
    columns["pending"] = _to_text(record.pending)
    return columns


def _to_token(row: Row[Any]) -> TokenRecord:
    columns = dict(row._mapping)  # noqa: SLF001 - public, by SQLAlchemy's documentation
    columns["token_type"] = TokenType(row.token_type)
    columns["session_id"] = row.session_id or ""
    columns["remember"] = bool(row.remember)
    columns["revision"] = row.revision or 0
    return TokenRecord(**columns)


def _token_columns(record: TokenRecord) -> dict[str, Any]:
    columns = {column.name: getattr(record, column.name) for column in auth_tokens.c}
    columns["token_type"] = record.token_type.value
    return columns

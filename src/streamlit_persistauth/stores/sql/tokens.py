"""Sessions, single-use tokens and counters in an SQL database."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Row,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.storage.records import (
    CounterRecord,
    Revocation,
    TokenRecord,
    TokenType,
)
from streamlit_persistauth.models import TokenCounts
from streamlit_persistauth.stores.sql.answers import (
    check_kinds,
    checked,
    count_changed,
    has_changed,
    kinds_of,
)
from streamlit_persistauth.stores.sql.batches import delete_in_batches
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.dialects import upsert
from streamlit_persistauth.stores.sql.engines import HasEngine, find_engine
from streamlit_persistauth.stores.sql.revocations import (
    LAST_REVOCATION,
    REVOCATIONS,
    log_revocation,
    to_number,
    to_revocation,
)
from streamlit_persistauth.stores.sql.tables import WITHOUT_USERS, auth_throttle, auth_tokens

_NAMES: Final = tuple(item.name for item in fields(TokenRecord))
_KINDS: Final = kinds_of(TokenRecord)
COLUMNS: Final = tuple(auth_tokens.c[name] for name in _NAMES)
"""In the order of the record."""
_TOKEN = select(*COLUMNS).where(
    auth_tokens.c.token_hash == bindparam("hash"), auth_tokens.c.token_type == bindparam("type")
)
_SESSION = select(*COLUMNS).where(
    auth_tokens.c.session_id == bindparam("session"),
    auth_tokens.c.token_type == TokenType.SESSION.value,
)
_SESSIONS_BY_ID = select(*COLUMNS).where(
    auth_tokens.c.session_id.in_(bindparam("sessions", expanding=True)),
    auth_tokens.c.token_type == TokenType.SESSION.value,
)
_UNEXPIRED = select(func.count().label("unexpired_sessions")).where(
    auth_tokens.c.session_id.in_(bindparam("keys", expanding=True)),
    auth_tokens.c.token_type == TokenType.SESSION.value,
    auth_tokens.c.expires_at > bindparam("now"),
)
_COUNTS = select(
    auth_tokens.c.token_type,
    func.count().label("total"),
    func.sum(case((auth_tokens.c.expires_at > bindparam("now"), 1), else_=0)).label("live"),
    func.min(auth_tokens.c.created_at).label("oldest"),
).group_by(auth_tokens.c.token_type)
_COUNTER_KINDS: Final = kinds_of(CounterRecord)
_COUNTER = select(auth_throttle).where(auth_throttle.c.key == bindparam("key"))
_SESSIONS = (
    select(*COLUMNS)
    .where(
        auth_tokens.c.user_id == bindparam("user"),
        auth_tokens.c.token_type == TokenType.SESSION.value,
    )
    .order_by(auth_tokens.c.created_at.desc())
)
_ALL_SESSIONS = (
    select(*COLUMNS)
    .where(
        auth_tokens.c.token_type == TokenType.SESSION.value,
        auth_tokens.c.expires_at > bindparam("now"),
    )
    .order_by(auth_tokens.c.created_at.desc(), auth_tokens.c.id.desc())
)
_AGENT = func.coalesce(auth_tokens.c.user_agent, "").label("agent")
_AGENTS = (
    select(*[_AGENT, func.count().label("total")])
    .where(
        auth_tokens.c.token_type == TokenType.SESSION.value,
        auth_tokens.c.expires_at > bindparam("now"),
    )
    .group_by(_AGENT)
    .order_by(func.count().desc(), _AGENT)
)


class SQLTokenStore:
    """Sessions and single-use tokens in the table `auth_tokens`, counters in `auth_throttle`."""

    def __init__(self, database: Database | str | Engine | HasEngine) -> None:
        """Configure the store; no connection is opened yet.

        Args:
            database: A URL, an SQLAlchemy `Engine` or a Streamlit SQL connection of a database
                that holds no accounts; or the `Database` of the library.
        """
        self._source = database
        self.database = (
            database
            if isinstance(database, Database)
            else Database(find_engine(database), tables=WITHOUT_USERS)
        )

    @property
    def read_clock(self) -> Clock | None:
        """Reads the time of the database; None for SQLite, which uses the clock of this machine."""
        return self.database.read_clock if self.database.has_clock else None

    def put(self, record: TokenRecord) -> None:
        columns = token_columns(record)
        self.database.write(lambda connection: upsert(connection, auth_tokens, columns))

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        key = {"hash": token_hash, "type": token_type.value}
        wanted = (token_type, token_hash)
        convert = checked(to_token, lambda found: (found.token_type, found.token_hash) == wanted)
        return self.database.first(_TOKEN, key, convert)

    def find_session(self, session_id: str) -> TokenRecord | None:
        convert = checked(to_token, lambda found: found.session_id == session_id)
        return self.database.first(_SESSION, {"session": session_id}, convert)

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        wanted = set(session_ids)
        convert = checked(to_token, lambda found: found.session_id in wanted)
        return self.database.read(_SESSIONS_BY_ID, {"sessions": list(wanted)}, convert)

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        change = (
            update(auth_tokens)
            .where(
                auth_tokens.c.id == old.id,
                func.coalesce(auth_tokens.c.revision, 0) == old.revision,
            )
            .values(**token_columns(replace(new, revision=old.revision + 1)))
        )
        return self._change_one(change)

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        record = self.find(token_type, token_hash)
        if record is None:
            return None
        change = delete(auth_tokens).where(auth_tokens.c.id == record.id)
        deleted = self._change_one(change, revokes=True)
        return record if deleted else None

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        convert = checked(to_token, lambda found: found.user_id == user_id)
        return self.database.read(_SESSIONS, {"user": user_id}, convert)

    def page_sessions(self, now: datetime, *, offset: int, limit: int) -> list[TokenRecord]:
        page = _ALL_SESSIONS.offset(offset).limit(limit)
        return self.database.read(page, {"now": now}, to_token)

    def sessions_per_agent(self, now: datetime, *, limit: int) -> dict[str, int]:
        return dict(self.database.read(_AGENTS.limit(limit), {"now": now}, _to_agent))

    def end_session(self, session_id: str) -> int:
        sessions = delete(auth_tokens).where(auth_tokens.c.session_id == session_id)

        def revoke(connection: Connection) -> int:
            ended = count_changed(connection.execute(sessions))
            if ended:
                log_revocation(connection, session_id)
            return ended

        return self.database.write(revoke, revokes=True)

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        others = auth_tokens.c.session_id.is_distinct_from(keep)
        conditions = [auth_tokens.c.user_id == user_id, *([others] if keep else [])]
        sessions = delete(auth_tokens).where(*conditions)

        def revoke(connection: Connection) -> int:
            ended = count_changed(connection.execute(sessions))
            log_revocation(connection, user_id)  # a deleted account has deleted the rows before
            return ended

        return self.database.write(revoke, revokes=True)

    def count_sessions(self, session_ids: Collection[str], now: datetime) -> int:
        wanted = {"keys": list(session_ids), "now": now}
        return self.database.first(_UNEXPIRED, wanted, lambda row: int(row[0])) or 0

    def last_revocation(self) -> int:
        return self.database.first(LAST_REVOCATION, {}, to_number) or 0

    def revocations_after(self, number: int, *, limit: int) -> list[Revocation]:
        newer = REVOCATIONS.limit(limit)
        return self.database.read(newer, {"number": number}, to_revocation)

    def count(self, key: str) -> CounterRecord | None:
        return self.database.first(_COUNTER, {"key": key}, _to_counter)

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        if old is None:
            return new is None or self._insert_count({"key": key, **asdict(new)})
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
        return self._change_one(change)

    def purge(self, expired_before: datetime) -> int:
        return sum(
            delete_in_batches(self.database, key, key.table.c.expires_at < expired_before)
            for key in (auth_throttle.c.key, auth_tokens.c.id)
        )

    def counts(self, now: datetime) -> dict[str, TokenCounts]:
        return dict(self.database.read(_COUNTS, {"now": now}, _to_counts))

    def __eq__(self, other: object) -> bool:
        """Return whether another store uses the same database."""
        return isinstance(other, SQLTokenStore) and self._source == other._source

    def __hash__(self) -> int:
        return hash(self._source)

    def _change_one(self, change: Executable, *, revokes: bool = False) -> bool:
        return self.database.write(
            lambda connection: has_changed(connection.execute(change)), revokes=revokes
        )

    def _insert_count(self, columns: dict[str, Any]) -> bool:
        """Insert a counter; return False if the key exists already."""

        def insert_row(connection: Connection) -> None:
            try:
                connection.execute(insert(auth_throttle), columns)
            except IntegrityError:
                raise _Exists from None

        try:
            self.database.write(insert_row)
        except _Exists:
            return False
        return True


class _Exists(Exception):
    """A row with this key exists already."""


def to_token(values: Sequence[Any]) -> TokenRecord:
    """Return the record of a row of `COLUMNS`; columns added to an existing table may be NULL."""
    columns = dict(zip(_NAMES, values, strict=True))
    columns["token_type"] = TokenType(columns["token_type"])
    columns["session_id"] = columns["session_id"] or ""
    columns["remember"] = bool(columns["remember"])
    columns["revision"] = columns["revision"] or 0
    check_kinds(columns, _KINDS)
    return TokenRecord(**columns)


def _to_counter(row: Row[Any]) -> CounterRecord:
    record = CounterRecord(row.tries, row.allowed_at, row.expires_at)
    check_kinds(asdict(record), _COUNTER_KINDS)
    return record


def _to_counts(row: Row[Any]) -> tuple[str, TokenCounts]:
    live = int(row.live)
    return row.token_type, TokenCounts(live, row.total - live, row.oldest)


def _to_agent(row: Row[Any]) -> tuple[str, int]:
    return row.agent, row.total


def token_columns(record: TokenRecord) -> dict[str, Any]:
    """Return the values of a record by column."""
    columns = {column.name: getattr(record, column.name) for column in auth_tokens.c}
    columns["token_type"] = record.token_type.value
    return columns

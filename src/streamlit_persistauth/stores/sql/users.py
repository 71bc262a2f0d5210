"""Accounts in an SQL database: in our own table or in a table of the app."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from streamlit_persistauth.core.passwords.hash_format import LEAST_ROUNDS, MOST_ROUNDS
from streamlit_persistauth.core.storage.queries import UserPage, UserQuery
from streamlit_persistauth.core.storage.records import Pending, UserChanges, UserRecord
from streamlit_persistauth.errors import ConfigError, EmailTaken, UsernameTaken
from streamlit_persistauth.stores.sql.accounts import FIELDS, NEEDED, OWN, AccountTable, to_fields
from streamlit_persistauth.stores.sql.answers import checked, fetch_all, has_changed, to_only
from streamlit_persistauth.stores.sql.batches import delete_in_batches
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import HasEngine, find_engine
from streamlit_persistauth.stores.sql.tables import MYSQL

R = TypeVar("R")
_TAKEN: Final[Mapping[str, type[EmailTaken] | type[UsernameTaken]]] = {
    "email": EmailTaken,
    "username": UsernameTaken,
}


_REVOKING: Final = frozenset({"password_hash", "security_stamp", "is_active", "roles"})
"""Fields whose change can revoke sessions or rights."""


class SQLUserStore:
    """Accounts in the table `users`, or in an existing table of the app.

    A table of the app needs columns for `id`, `password_hash`, and `email` or `username`. It is not
    altered. Full names and times without a column are not stored. Values that decide who may sign
    in (`email`, `username`, `roles`, `is_active=False`, `pending`) raise `StoreError` if they have
    no column.

    Stores with equal arguments are equal, so an app may create one at each run.
    """

    def __init__(
        self,
        database: Database | Engine | HasEngine | str,
        *,
        table: str | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        """Configure the store; no connection is opened yet.

        Args:
            database: A URL, an SQLAlchemy `Engine` or a Streamlit SQL connection.
            table: The table of the app; None for our own. Its ids are texts, numbers or UUIDs;
                the library can add accounts only where they are texts. Roles are a JSON list in
                a text column.
            columns: The column of each field of an account, such as
                `{"email": "login", "password_hash": "pwhash"}`. Fields that are not named have no
                column, except `id`, `password_hash` and, unless a column for `username` is named,
                `email`, whose columns have these names by default.

        Raises:
            ConfigError: `columns` names a field that accounts do not have.
        """
        self._source = database
        self._table = table
        self._names = _complete(columns) if table else {}
        self.database = (
            database
            if isinstance(database, Database)
            else Database(find_engine(database), tables=())
        )

    def get(self, user_id: str) -> UserRecord | None:
        key, accounts = self._key(user_id), self._accounts
        if key is None:
            return None
        convert = checked(accounts.read_row, lambda found: self._key(found.user.id) == key)
        return self.database.first(accounts.by_id, {"key": key}, convert)

    def get_many(self, user_ids: Collection[str]) -> list[UserRecord]:
        keys = {key for key in map(self._key, user_ids) if key is not None}
        if not keys:
            return []
        accounts = self._accounts
        convert = checked(accounts.read_row, lambda found: self._key(found.user.id) in keys)
        return self.database.read(accounts.by_ids, {"keys": list(keys)}, convert)

    def count_active(self, stamps: Mapping[str, str | None]) -> int | None:
        query = self._accounts.count_active
        if query is None:
            return None
        known = {user_id: stamp for user_id, stamp in stamps.items() if self._key(user_id)}
        wanted = {
            "keys": list(known),
            "stamped": [
                f"{user_id}\n{stamp}" for user_id, stamp in known.items() if stamp is not None
            ],
            "unstamped": [user_id for user_id, stamp in known.items() if stamp is None],
        }
        return self.database.first(query, wanted, lambda row: int(row[0])) or 0

    def find(self, email: str) -> UserRecord | None:
        return self._find("email", email)

    def find_username(self, username: str) -> UserRecord | None:
        return self._find("username", username)

    def find_username_key(self, username_key: str) -> UserRecord | None:
        accounts = self._accounts
        if "username_key" not in accounts.columns:
            return None
        convert = checked(accounts.read_row, lambda found: found.username_key == username_key)
        return self.database.first(
            accounts.by_value("username_key"), {"key": username_key}, convert
        )

    def add(self, record: UserRecord) -> None:
        def insert_row(connection: Connection) -> None:
            columns = self._accounts.new_row(record)
            self._refuse_other_case(connection, to_fields(record))
            connection.execute(insert(self._accounts.table), columns)

        self._write(insert_row, to_fields(record))

    def add_first(self, record: UserRecord) -> bool:
        def insert_row(connection: Connection) -> bool:
            accounts = self._accounts
            if to_only(fetch_all(connection, accounts.has_any), bool):
                return False
            connection.execute(insert(accounts.table), accounts.new_row(record))
            return True

        return self._write(insert_row, to_fields(record), exclusively=True)

    def update(self, user_id: str, changes: UserChanges, *, was: UserRecord | None = None) -> bool:
        key, accounts = self._key(user_id), self._accounts
        if key is None:
            return False
        there = [accounts.id == key, *(accounts.unchanged(was) if was else [])]

        def update_row(connection: Connection) -> bool:
            columns = accounts.changes(changes)
            self._refuse_other_case(connection, changes, but=user_id)
            if not columns:
                return bool(fetch_all(connection, select(accounts.id).where(*there)))
            change = update(accounts.table).where(*there).values(columns)
            return has_changed(connection.execute(change))

        return self._write(update_row, changes, but=user_id)

    def has(self, field: str) -> bool:
        """Return whether the table has a column for a field of an account."""
        return self._table is None or field in self._names

    def can_hold(self, field: str, text: str) -> bool:
        """Return whether the character set of a field's column can hold a text."""
        accounts = self._accounts
        if text.isascii() or field not in accounts.columns:
            return True
        return self.database.can_hold(accounts.by_value(field), {"key": text})

    def delete(self, user_id: str) -> bool:
        key, accounts = self._key(user_id), self._accounts
        if key is None:
            return False
        change = delete(accounts.table).where(accounts.id == key)
        return self.database.write(
            lambda connection: has_changed(connection.execute(change)), revokes=True
        )

    def is_empty(self) -> bool:
        return not self.database.only(self._accounts.has_any, bool)

    def highest_hash_cost(self) -> int:
        costs = self.database.read(self._accounts.hash_costs, {}, lambda row: _to_cost(row[0]))
        return max(costs, default=0)

    def page(self, query: UserQuery) -> UserPage:
        if query.matches_nothing:
            return UserPage((), 0)
        accounts, dialect = self._accounts, self._dialect
        wanted = accounts.matching(query, dialect)
        page = accounts.ordered(wanted, query, dialect).offset(query.offset).limit(query.limit)
        count = wanted.with_only_columns(func.count().label("total"), maintain_column_froms=True)
        total = self.database.count(count)
        users = self.database.read(page, {}, accounts.read_row)
        return UserPage(tuple(users), total)

    def purge_unproven(self, made_before: datetime) -> int:
        columns = self._accounts.columns
        if not {"pending", "created_at"} <= columns.keys():
            return 0
        unconfirmed = columns["pending"] == Pending.CONFIRMATION.value
        old = columns["created_at"] < made_before
        return delete_in_batches(self.database, columns["id"], unconfirmed, old)

    def __eq__(self, other: object) -> bool:
        """Return whether another store uses the same table of the same database."""
        if not isinstance(other, SQLUserStore):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        return (self._source, self._table, frozenset(self._names.items()))

    @property
    def _dialect(self) -> str:
        return self.database.engine.dialect.name

    @cached_property
    def _accounts(self) -> AccountTable:
        if self._table is None:
            return OWN
        with self.database.guarded():
            return AccountTable.reflected(self.database.engine, self._table, self._names)

    def _find(self, field: str, name: str) -> UserRecord | None:
        accounts = self._accounts
        if not name or field not in accounts.columns:
            return None
        query = accounts.by_login_name(field, self._dialect)
        convert = checked(
            accounts.read_row,
            # In a table of the app, MySQL also finds names in other accents, and PostgreSQL has
            # other cases of letters such as İ and Σ than Python; `_pick` leaves them out.
            lambda found: (
                self._dialect in MYSQL
                or not found.user[field].isascii()
                or name in _cases(found.user[field])
            ),
        )
        return _pick(self.database.read(query, {"key": name}, convert), field, name)

    def _key(self, user_id: str) -> object | None:
        """Return an id in the type of its column, or None if the column can't hold it."""
        if "\0" in user_id:
            return None
        try:
            return self._accounts.convert_id(user_id)
        except ValueError:
            return None

    def _write(
        self,
        change: Callable[[Connection], R],
        fields: Mapping[str, Any],
        *,
        but: str = "",
        exclusively: bool = False,
    ) -> R:
        """Run a change that writes these fields.

        Raises:
            EmailTaken: Another account has the address, or the same `email_key`.
            UsernameTaken: Another account has the username, or the same `username_key`.
            StoreError: The database fails, or refuses the change for another reason.
        """
        try:
            return self.database.write(
                lambda connection: _unless_refused(change, connection),
                exclusively=exclusively,
                revokes=not _REVOKING.isdisjoint(fields),
            )
        except _Refused as refusal:
            for field, taken in _TAKEN.items():
                if self._is_taken(field, fields, but):
                    raise taken from None
            raise self.database.availability.refused("writing", str(refusal)) from None

    def _is_taken(self, field: str, fields: Mapping[str, Any], but: str) -> bool:
        """Return whether another account has this address or username, or its key."""
        accounts = self._accounts
        unique = [
            accounts.columns[name] == fields[name]
            for name in (field, f"{field}_key")
            if name in accounts.columns and fields.get(name)
        ]
        if not unique:
            return False
        others = select(accounts.id).where(or_(*unique))
        return any(str(row[0]) != but for row in self.database.read(others, {}, tuple))

    def _refuse_other_case(
        self, connection: Connection, fields: Mapping[str, Any], *, but: str = ""
    ) -> None:
        """Refuse an address or a username that another account has in another case.

        Only accounts that the app has stored itself can have one: the library stores them in lower
        case, which the unique index covers.

        Raises:
            EmailTaken: Another account has the address.
            UsernameTaken: Another account has the username.
        """
        accounts = self._accounts
        for field, taken in _TAKEN.items():
            if self._dialect in MYSQL and field == "email":  # its unique index ignores case
                continue
            if field not in accounts.columns or not fields.get(field):
                continue
            same = func.lower(accounts.columns[field]) == fields[field]
            for (other,) in fetch_all(connection, select(accounts.id).where(same)):
                if str(other) != but:
                    raise taken


class _Refused(Exception):
    """A row violates a constraint; the text is the kind of constraint."""


def _unless_refused(change: Callable[[Connection], R], connection: Connection) -> R:
    try:
        return change(connection)
    except IntegrityError as error:
        raise _Refused(type(error.orig).__name__) from None


def _complete(columns: Mapping[str, str] | None) -> dict[str, str]:
    chosen = dict(columns or {})
    usual = NEEDED if "username" in chosen else {*NEEDED, "email"}
    names = {name: name for name in usual} | chosen
    for name in names:
        if name not in FIELDS:
            raise ConfigError("columns", f"an account has no {name!r}; it has {', '.join(FIELDS)}.")
    return names


def _pick(records: Sequence[UserRecord], field: str, name: str) -> UserRecord | None:
    """Return the account with exactly this name, or the only one with it in another case."""
    exact = [record for record in records if record.user[field] == name]
    alike = exact or [record for record in records if record.user[field].lower() == name]
    return alike[0] if len(alike) == 1 else None


def _cases(text: str) -> tuple[str, str]:
    return text, text.lower()


def _to_cost(text: str) -> int:
    """Return the cost in the text of a hash; 0 for any other text."""
    digits = text.rstrip("$,")
    cost = int(digits) if digits.isdecimal() else 0
    return cost if LEAST_ROUNDS <= cost <= MOST_ROUNDS else 0

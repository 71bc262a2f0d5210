"""Maps the fields of accounts to the columns of a table."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Engine,
    MetaData,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    not_,
    null,
    or_,
    select,
)

from streamlit_persistauth.core.passwords.hash_format import TAG
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.queries import MAX_TEXT, Status, UserQuery
from streamlit_persistauth.core.storage.records import Pending, UserRecord
from streamlit_persistauth.core.text.measure import normal_form
from streamlit_persistauth.models import User
from streamlit_persistauth.stores.sql.answers import WrongAnswer, check_kinds
from streamlit_persistauth.stores.sql.dialects import contains, contains_exactly, missing_last
from streamlit_persistauth.stores.sql.tables import LOGIN_NAMES, MYSQL, UTCDateTime, users

NEEDED: Final = frozenset({"id", "password_hash"})
FIELDS: Final = tuple(column.name for column in users.c)
NEVER_DROPPED: Final = frozenset({"roles", "is_active", "pending", *LOGIN_NAMES})
"""Fields that decide who may sign in, and to what; without a column they can't be dropped."""
_TIMES: Final = frozenset({"created_at", "last_login_at"})


_TEXT: Final = (str, type(None))
_TEXTS: Final = frozenset(
    {"full_name", "password_hash", "email_key", "username_key", "security_stamp", *LOGIN_NAMES}
)


class MissingColumn(ValueError):
    """A table lacks a column; the message holds no stored value."""


class AccountTable:
    """A table of accounts, and the column of each field."""

    def __init__(self, table: Table, names: Mapping[str, str]) -> None:
        """Map the fields to columns.

        Args:
            table: The table, with all these columns.
            names: The column of each field.
        """
        self.table = table
        self.columns: dict[str, Column[Any]] = {
            field: table.c[name] for field, name in names.items()
        }
        self._id_type = _kind_of(self.columns["id"])

    @classmethod
    def reflected(cls, engine: Engine, name: str, names: Mapping[str, str]) -> "AccountTable":
        """Read the structure of a table of the app.

        Raises:
            SQLAlchemyError: The table does not exist.
            MissingColumn: The table lacks a column.
        """
        times = [Column(names[field], UTCDateTime) for field in _TIMES & names.keys()]
        schema, _, plain = name.rpartition(".")
        table = Table(plain, MetaData(), *times, schema=schema or None, autoload_with=engine)
        missing = [column for column in names.values() if column not in table.c]
        if missing:
            raise MissingColumn(f"the table {name} has no column {missing[0]}")
        return cls(table, names)

    @property
    def id(self) -> Column[Any]:
        """The column of the primary key."""
        return self.columns["id"]

    def convert_id(self, user_id: str) -> object:
        """Return an id in the type of the column: text, number or UUID.

        Raises:
            ValueError: The column can't hold this id.
        """
        return self._id_type(user_id)

    @cached_property
    def has_any(self) -> Select[Any]:
        """Selects one row: whether there is any account."""
        return select(exists(select(self.id)).label("has_accounts"))

    @cached_property
    def by_id(self) -> Select[Any]:
        """Selects the account with the id `key`."""
        return self._select.where(self.id == bindparam("key"))

    @cached_property
    def by_ids(self) -> Select[Any]:
        """Selects the accounts with the ids `keys`."""
        return self._select.where(self.id.in_(bindparam("keys", expanding=True)))

    @cached_property
    def count_active(self) -> Select[Any] | None:
        """Counts the active accounts among the ids `keys` whose stamp is the expected one.

        That is the one in `stamped`, texts of an id, a line break and a stamp, or no stamp for the
        ids in `unstamped`. It is None for a table without a column for stamps, or with ids or
        states of other types than in our own table.
        """
        stamp, active = self.columns.get("security_stamp"), self.columns.get("is_active")
        is_boolean = active is None or isinstance(active.type, Boolean)
        if stamp is None or self._id_type is not str or not is_boolean:
            return None
        # Databases look up a text in a list faster than a pair.
        expected = or_(
            self.id.concat("\n").concat(stamp).in_(bindparam("stamped", expanding=True)),
            and_(self.id.in_(bindparam("unstamped", expanding=True)), stamp.is_(None)),
        )
        wanted = self.id.in_(bindparam("keys", expanding=True))
        query = select(func.count().label("active_accounts")).select_from(self.table)
        query = query.where(wanted, expected)
        return query if active is None else query.where(active.is_not(False))  # NULL: never set

    def by_value(self, field: str) -> Select[Any]:
        """Select one account with the value `key` in a field."""
        return self._select.where(self.columns[field] == bindparam("key")).limit(1)

    @cached_property
    def hash_costs(self) -> Select[Any]:
        """Selects the distinct costs of all hashes: two digits, or one digit and a separator."""
        stored = self.columns["password_hash"]
        tagged, plain = stored.like(f"{TAG}%"), stored.like("$2_$__$%")
        cost = case((tagged, func.substr(stored, len(TAG) + 1, 2)), else_=func.substr(stored, 5, 2))
        return select(cost.label("hash_cost")).where(or_(tagged, plain)).distinct()

    def by_login_name(self, field: str, dialect: str) -> Select[Any]:
        """Select accounts by the canonical address or username `key`, in any case.

        Args:
            field: `email` or `username`.
            dialect: The name of the SQL dialect. MySQL and MariaDB compare texts in a table of the
                app without regard to case, and have no index on `lower(email)`.
        """
        column = self.columns[field]
        exact = column == bindparam("key")
        if dialect in MYSQL:
            return self._select.where(exact)
        return self._select.where(or_(exact, func.lower(column) == bindparam("key")))

    def matching(self, query: UserQuery, dialect: str) -> Select[Any]:
        """Select the accounts that match a query, in any order.

        Args:
            query: The conditions.
            dialect: The name of the SQL dialect.
        """
        conditions: list[ColumnElement[bool]] = []
        if query.text:
            searched = (*LOGIN_NAMES, "full_name")
            texts = [self.columns[name] for name in searched if name in self.columns]
            wanted = normal_form(query.text, MAX_TEXT) or query.text
            conditions.append(or_(*[contains(dialect, column, wanted) for column in texts]))
        if query.role is not None:
            conditions.append(self._has_role(query.role, dialect))
        if query.status is not None:
            conditions.append(self._has_status(query.status))
        return self._select.where(*conditions)

    def ordered(self, found: Select[Any], query: UserQuery, dialect: str) -> Select[Any]:
        """Sort selected accounts as a query demands."""
        column = self.columns.get(query.sort)
        order: list[ColumnElement[Any]] = []
        if column is not None:
            key = func.lower(column) if query.sort == "full_name" else column
            order += missing_last(dialect, column, key.desc() if query.descending else key.asc())
        if column is None or column.nullable or not column.unique:
            order.append(self.id)
        return found.order_by(*order)

    def _has_role(self, role: str, dialect: str) -> ColumnElement[bool]:
        """Return whether the JSON list of roles contains one, in any formatting of the JSON."""
        column = self.columns.get("roles")
        if column is None:
            return false()
        items = {json.dumps(role), json.dumps(role, ensure_ascii=False)}
        # The characters before it tell a whole element from a part of another one.
        return or_(
            *[
                contains_exactly(dialect, column, f"{before}{item}")
                for item in sorted(items)
                for before in ("[", ",", ", ")
            ]
        )

    def _has_status(self, status: Status) -> ColumnElement[bool]:
        active, pending = self.columns.get("is_active"), self.columns.get("pending")
        disabled = (
            false() if active is None else active.is_(False)
        )  # NULL: a column that was added and never set
        waiting = false() if pending is None else pending.is_not(None)
        if status == "disabled":
            return disabled
        return and_(not_(disabled), waiting if status == "pending" else not_(waiting))

    def unchanged(self, was: UserRecord) -> list[ColumnElement[bool]]:
        """Return conditions that hold while hash and stamp are those of a record.

        Without a column for the stamp, what it is derived from has to be the same.
        """
        conditions = [self.columns["password_hash"] == was.password_hash]
        stamp, email = self.columns.get("security_stamp"), self.columns.get("email")
        if stamp is not None:
            conditions.append(stamp.is_not_distinct_from(was.security_stamp))
        elif email is not None:
            conditions.append(func.coalesce(email, "") == was.user.email)
        return conditions

    def new_row(self, record: UserRecord) -> dict[str, Any]:
        """Return the values of a new account by column.

        A login name that it does not have is left out: a column of the app may have a default
        other than NULL.

        Raises:
            MissingColumn: As `values`.
        """
        fields = to_fields(record)
        empty = {name for name in LOGIN_NAMES if not fields[name]}
        return self.values({name: fields[name] for name in fields.keys() - empty})

    def changes(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new values of an account by column.

        A login name that is removed becomes NULL, unless it is an empty text already: a column of
        the app may be NOT NULL.

        Raises:
            MissingColumn: As `values`.
        """
        row = self.values(fields)
        for name in LOGIN_NAMES:
            column = self.columns.get(name)
            if column is not None and fields.get(name) == "":
                row[column.name] = case((column == "", column), else_=null())
        return row

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return values by column; fields without a column are dropped.

        Raises:
            MissingColumn: A field that decides who may sign in has no column.
        """
        dropped = sorted(name for name in fields if name not in self.columns)
        lost = [name for name in dropped if name in NEVER_DROPPED and not _is_plain(fields[name])]
        if lost:
            raise MissingColumn(f"the table {self.table.name} has no column for {lost[0]}")
        return {
            self.columns[name].name: _to_column(name, value)
            for name, value in fields.items()
            if name in self.columns
        }

    def read_row(self, row: Row[Any]) -> UserRecord:
        """Return the account of a row."""
        return self.read(row._asdict())

    def read(self, fields: Mapping[str, Any]) -> UserRecord:
        """Return the account of these fields."""
        check_kinds(fields, dict.fromkeys(_TEXTS & fields.keys(), _TEXT))
        if fields["id"] is None:
            raise WrongAnswer("an account has no id")
        user = User(
            id=str(fields["id"]),
            email=fields.get("email") or "",
            full_name=fields.get("full_name") or "",
            roles=_to_roles(fields.get("roles")),
            is_active=fields.get("is_active") in {True, None},  # None: never set
            created_at=fields.get("created_at"),
            last_login_at=fields.get("last_login_at"),
            username=fields.get("username") or "",
        )
        pending = fields.get("pending")
        return UserRecord(
            user,
            fields["password_hash"],
            email_key=fields.get("email_key"),
            security_stamp=self._stamp(fields),
            pending=Pending(pending) if pending else None,
            username_key=fields.get("username_key"),
        )

    @cached_property
    def _select(self) -> Select[Any]:
        return select(*[column.label(field) for field, column in self.columns.items()])

    def _stamp(self, fields: Mapping[str, Any]) -> str | None:
        """Return the security stamp; without a column, one derived from password and address.

        So a new password revokes sessions in a table of the app too.
        """
        if "security_stamp" in self.columns:
            stamp: str | None = fields["security_stamp"]
            return stamp
        return fingerprint(f"{fields['password_hash']}\n{fields.get('email') or ''}")[:32]


def _kind_of(column: Column[Any]) -> type:
    """Return the Python type of the ids in a column; `str` if SQLAlchemy does not know it."""
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return str
    return kind if kind in {int, UUID} else str


OWN: Final = AccountTable(users, {name: name for name in FIELDS})


def to_fields(record: UserRecord) -> dict[str, Any]:
    """Return an account as fields by name."""
    return {
        **record.user,
        "password_hash": record.password_hash,
        "email_key": record.email_key,
        "security_stamp": record.security_stamp,
        "pending": record.pending,
        "username_key": record.username_key,
    }


def _is_plain(value: object) -> bool:
    """Return whether a value equals that of a missing field: active, no roles and so on."""
    return value in (True, (), None, "")


def _to_column(name: str, value: Any) -> str | bool | datetime | None:  # noqa: ANN401 - any field
    if name == "roles":
        return json.dumps(value)
    if name in LOGIN_NAMES:
        return value or None  # unique, so many accounts can have none only as NULL
    return value.value if isinstance(value, Pending) else value


def _to_roles(text: str | None) -> tuple[str, ...]:
    """Return the roles of a JSON list; none if the text is anything else."""
    try:
        roles = json.loads(text or "[]")
    except (ValueError, TypeError):
        roles = None
    return tuple(map(str, roles)) if isinstance(roles, list) else ()

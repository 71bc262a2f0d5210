"""The tables, as SQLAlchemy metadata."""

from datetime import datetime, timezone
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

MYSQL: Final = {"mysql", "mariadb"}


class UTCDateTime(TypeDecorator[datetime]):
    """A UTC time to the microsecond: aware in Python, without a zone if the column has none."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column."""
        if dialect.name not in MYSQL:
            return dialect.type_descriptor(DateTime(timezone=True))
        from sqlalchemy.dialects import mysql

        return dialect.type_descriptor(mysql.DATETIME(fsp=6))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert an aware time to the value of the column."""
        if value is None:
            return None
        value = value.astimezone(timezone.utc)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Convert the value of the column to an aware time."""
        if value is None:
            return None
        if not isinstance(value, datetime):
            raise TypeError("a time is expected")
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value


class ExactString(TypeDecorator[str]):
    """A string that compares byte for byte on every database."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        """Set the maximum length in characters."""
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column."""
        if dialect.name not in MYSQL:
            return dialect.type_descriptor(String(self.length))
        from sqlalchemy.dialects import mysql  # only loaded where it is needed

        # Not utf8mb4_bin: it ignores trailing spaces.
        collation = "utf8mb4_nopad_bin" if _is_mariadb(dialect) else "utf8mb4_0900_bin"
        exact = mysql.VARCHAR(self.length, charset="utf8mb4", collation=collation)
        return dialect.type_descriptor(exact)


def _is_mariadb(dialect: Dialect) -> bool:
    return bool(getattr(dialect, "is_mariadb", False))


metadata: Final = MetaData()
EMAIL_LENGTH: Final = 254
LOGIN_NAMES: Final = ("email", "username")
TEXT_OF_MYSQL: Final[dict[str, Any]] = {"mysql_charset": "utf8mb4", "mariadb_charset": "utf8mb4"}
"""All of Unicode, whatever the default of the server is."""

users: Final = Table(
    "users",
    metadata,
    Column("id", ExactString(36), primary_key=True),
    Column("email", ExactString(EMAIL_LENGTH), unique=True),
    Column("full_name", String(200), nullable=False, default=""),
    Column("password_hash", String(255), nullable=False),
    Column("is_active", Boolean, nullable=False, default=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("last_login_at", UTCDateTime),
    Column("roles", Text),
    Column("email_key", ExactString(64)),
    Column("security_stamp", ExactString(32)),
    Column("pending", String(20)),
    Column("username", ExactString(64)),
    Column("username_key", ExactString(64)),
    Index("ux_users_email_key", "email_key", unique=True),
    Index("ux_users_username", "username", unique=True),
    Index("ux_users_username_key", "username_key", unique=True),
    **TEXT_OF_MYSQL,
)

# Finds accounts that the app stored itself, whose address may be in any case. MySQL and MariaDB
# share no syntax for an index on an expression, and ignore case in such columns anyway.
for _name in LOGIN_NAMES:
    Index(f"ix_users_lower_{_name}", func.lower(users.c[_name])).ddl_if(
        dialect=("sqlite", "postgresql")  # type: ignore[arg-type] # as SQLAlchemy documents
    )

auth_tokens: Final = Table(
    "auth_tokens",
    metadata,
    Column("id", ExactString(36), primary_key=True),
    Column("user_id", ExactString(36), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("token_hash", ExactString(64), nullable=False, unique=True),
    Column("token_type", String(20), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("session_id", ExactString(36)),
    Column("security_stamp", ExactString(32)),
    Column("remember", Boolean),
    Column("last_used_at", UTCDateTime),
    Column("successor_hash", ExactString(64)),
    Column("successor_at", UTCDateTime),
    Column("previous_hash", ExactString(64)),
    Column("rotated_at", UTCDateTime),
    Column("bound_to", ExactString(64)),
    Column("email", ExactString(254)),
    Column("ip_address", String(45)),
    Column("user_agent", String(255)),
    Column("revision", Integer),
    Index("ix_auth_tokens_user_id_token_type", "user_id", "token_type"),
    Index("ix_auth_tokens_session_id", "session_id"),
    # Used by purges, and the only index that `counts` reads.
    Index("ix_auth_tokens_expires_at", "expires_at", "token_type", "created_at"),
    **TEXT_OF_MYSQL,
)

SESSIONS_OF_ALL: Final = Index(
    "ix_auth_tokens_token_type_created_at",
    auth_tokens.c.token_type,
    auth_tokens.c.created_at,
    auth_tokens.c.id,
)
"""Lists the sessions of all users, newest first."""

auth_throttle: Final = Table(
    "auth_throttle",
    metadata,
    Column("key", ExactString(64), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("allowed_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Index("ix_auth_throttle_expires_at", "expires_at"),
    **TEXT_OF_MYSQL,
)

auth_revocations: Final = Table(
    "auth_revocations",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("subject_id", ExactString(36), nullable=False),
    **TEXT_OF_MYSQL,
)

auth_events: Final = Table(
    "auth_events",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("user_id", ExactString(36)),
    Column("event_type", String(40), nullable=False),
    Column("details", Text),
    Column("ip_address", String(45)),
    Column("user_agent", String(255)),
    Column("created_at", UTCDateTime, nullable=False),
    Index("ix_auth_events_created_at", "created_at"),
    Index("ix_auth_events_user_id_created_at", "user_id", "created_at"),
    **TEXT_OF_MYSQL,
)

EVENTS_OF_TYPE: Final = Index(
    "ix_auth_events_event_type_created_at", auth_events.c.event_type, auth_events.c.created_at
)
"""Counts the events of a type."""

auth_schema: Final = Table(
    "auth_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

ALL: Final = tuple(metadata.sorted_tables)
WITHOUT_USERS: Final = tuple(table for table in ALL if table is not users)

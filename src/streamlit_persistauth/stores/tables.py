"""The tables, as SQLAlchemy metadata."""

from datetime import datetime, timezone
from typing import Final

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
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python; to the microsecond, and without a zone where none fits."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> object:  # type: ignore[override]
        """Choose the type of the column."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into what the column holds."""
        if value is None:
            return None
        value = value.astimezone(timezone.utc)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn what the column holds into an aware time."""
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value


def _exact(length: int) -> String:
    """Return a string column that compares byte for byte on every database."""
    text = String(length)
    return text.with_variant(
        mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
    )


metadata: Final = MetaData()

users: Final = Table(
    "users",
    metadata,
    Column("id", _exact(36), primary_key=True),
    Column("email", _exact(254), nullable=False, unique=True),
    Column("full_name", String(200), nullable=False, default=""),
    Column("password_hash", String(255), nullable=False),
    Column("is_active", Boolean, nullable=False, default=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("last_login_at", UTCDateTime),
    Column("roles", Text),
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
)

auth_tokens: Final = Table(
    "auth_tokens",
    metadata,
    Column("id", _exact(36), primary_key=True),
    Column("user_id", _exact(36), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("token_hash", _exact(64), nullable=False, unique=True),
    Column("token_type", String(20), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("session_id", _exact(36)),
    Column("remember", Boolean),
    Column("bound_to", _exact(64)),
    Column("ip_address", String(45)),
    Column("user_agent", String(255)),
    Index("ix_auth_tokens_user_id_token_type", "user_id", "token_type"),
    Index("ix_auth_tokens_session_id", "session_id"),
    Index("ix_auth_tokens_expires_at", "expires_at"),
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
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
    Column("user_id", _exact(36)),
    Column("event_type", String(40), nullable=False),
    Column("details", Text),
    Column("ip_address", String(45)),
    Column("user_agent", String(255)),
    Column("created_at", UTCDateTime, nullable=False),
    Index("ix_auth_events_created_at", "created_at"),
    Index("ix_auth_events_user_id_created_at", "user_id", "created_at"),
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
)

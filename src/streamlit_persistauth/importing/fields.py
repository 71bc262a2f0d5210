"""Maps the columns of a table to the fields of an account."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Any, Final

from streamlit_persistauth.core.accounts.imports import ImportedAccount
from streamlit_persistauth.errors import ConfigError

USUAL_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email", "email_address", "mail"),
    "username": ("username", "user_name", "login"),
    "password_hash": ("password_hash", "hashed_password", "pwhash", "hash", "password"),
    "full_name": ("full_name", "name", "display_name"),
    "roles": ("roles", "role", "groups"),
    "is_active": ("is_active", "active", "enabled"),
    "created_at": ("created_at", "created", "joined", "date_joined"),
    "pending": ("pending",),
}
"""The usual columns of each field, the most likely first."""
REQUIRED: Final = (("email", "username"), ("password_hash",))
"""The required fields; of each group, one is enough."""
_TRUE: Final = frozenset({"1", "1.0", "t", "true", "y", "yes", "on", "active", "enabled", "\x01"})
_FALSE: Final = frozenset({"0", "0.0", "f", "false", "n", "no", "off", "\x00"})
"""Values of Boolean columns, in lower case. The control characters are the bits of MySQL."""


def choose_columns(existing: Collection[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each field.

    Args:
        existing: The columns of the table.
        chosen: The columns of fields that do not have their usual column.

    Raises:
        ConfigError: A chosen field or column does not exist, or a required column is missing.
    """
    for field, column in chosen.items():
        if field not in USUAL_COLUMNS:
            fields = ", ".join(USUAL_COLUMNS)
            raise ConfigError("columns", f"there is no field {field}; try {fields}.")
        if column not in existing:
            raise ConfigError("columns", f"there is no column {column} for {field}.")
    usual = {
        field: name
        for field, names in USUAL_COLUMNS.items()
        for name in reversed(names)  # so that the most likely one is kept
        if name in existing
    }
    columns = {**usual, **chosen}
    for group in REQUIRED:
        if columns.keys().isdisjoint(group):
            fields = " or ".join(group)
            raise ConfigError(
                "columns", f"found no column for {fields}; try --columns {group[0]}=…"
            )
    return columns


def to_account(fields: Mapping[str, Any], label: str) -> ImportedAccount:
    """Return the account of a row.

    Args:
        fields: The values by field.
        label: The name of the row in reports.
    """
    email, username = _text(fields.get("email")), _text(fields.get("username"))
    if "@" in username:  # an address in a column for login names
        email, username = email or username, ""
    return ImportedAccount(
        label=label,
        email=email,
        username=username,
        full_name=_text(fields.get("full_name")),
        password_hash=_text(fields.get("password_hash")),
        roles=_roles(fields.get("roles")),
        # An unknown value disables the account, until an operator has checked it.
        is_active=_text(fields.get("is_active")).lower() in {"", *_TRUE},
        created_at=_moment(fields.get("created_at")),
        is_pending=_text(fields.get("pending")).lower() not in {"", *_FALSE},
    )


def _text(value: object) -> str:
    if isinstance(value, bytes):  # a hash in a BLOB
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value).strip()


def _roles(value: object) -> tuple[str, ...]:
    """Return roles from a JSON list or from names separated by commas."""
    text = _text(value)
    try:
        listed = json.loads(text)
    except ValueError:
        listed = text.split(",")
    names = map(str, listed) if isinstance(listed, list) else [text]
    return tuple(name for name in names if name.strip())


def _moment(value: object) -> datetime | None:
    """Return a time, in UTC if it has no time zone, or None if the value is not a time."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(_text(value).replace("Z", "+00:00"))
        except ValueError:
            return None
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)

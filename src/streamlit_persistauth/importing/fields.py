"""Which column of a foreign table holds what of an account."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Any, Final

from streamlit_persistauth.core.accounts.imports import ImportedAccount
from streamlit_persistauth.errors import ConfigError

USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email", "email_address", "mail", "login", "username"),
    "password_hash": ("password_hash", "hashed_password", "pwhash", "hash", "password"),
    "full_name": ("full_name", "name", "display_name"),
    "roles": ("roles", "role", "groups"),
    "is_active": ("is_active", "active", "enabled"),
    "created_at": ("created_at", "created", "joined", "date_joined"),
    "pending": ("pending",),
}
"""What the column of a field is mostly called, the likeliest first."""
NEEDED: Final = ("email", "password_hash")
_YES: Final = frozenset({"1", "1.0", "t", "true", "y", "yes", "on", "active", "enabled", "\x01"})
_NO: Final = frozenset({"0", "0.0", "f", "false", "n", "no", "off", "\x00"})
"""What columns say, the bits of MySQL too; nothing at all where nobody has ever said it."""


def choose_columns(there: Collection[str], named: Mapping[str, str]) -> dict[str, str]:
    """Return which column holds which field: as named, or else as usual.

    Args:
        there: The columns that there are.
        named: What was said of them.

    Raises:
        ConfigError: A field or column is none, or one that is needed is missing.
    """
    for field, column in named.items():
        if field not in USUAL:
            raise ConfigError("columns", f"there is no field {field}; try {', '.join(USUAL)}.")
        if column not in there:
            raise ConfigError("columns", f"there is no column {column} for {field}.")
    found = {
        field: next((name for name in names if name in there), "") for field, names in USUAL.items()
    }
    chosen = {field: column for field, column in (found | dict(named)).items() if column}
    for field in NEEDED:
        if field not in chosen:
            raise ConfigError(
                "columns", f"none seems to hold the {field}; say which: --columns {field}=…"
            )
    return chosen


def to_account(fields: Mapping[str, Any], label: str) -> ImportedAccount:
    """Return the account of a row.

    Args:
        fields: What it has, by field.
        label: What to call it.
    """
    email = _text(fields.get("email"))
    return ImportedAccount(
        label=label,
        email=email,
        full_name=_text(fields.get("full_name")),
        password_hash=_text(fields.get("password_hash")),
        roles=_roles(fields.get("roles")),
        # What is neither yes nor no keeps somebody out, until an operator has looked.
        is_active=_text(fields.get("is_active")).lower() in {"", *_YES},
        created_at=_moment(fields.get("created_at")),
        is_pending=_text(fields.get("pending")).lower() not in {"", *_NO},
    )


def _text(value: object) -> str:
    if isinstance(value, bytes):  # a hash in a BLOB
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value).strip()


def _roles(value: object) -> tuple[str, ...]:
    """Return roles from a JSON list, or from names between commas."""
    text = _text(value)
    try:
        listed = json.loads(text)
    except ValueError:
        listed = text.split(",")
    names = map(str, listed) if isinstance(listed, list) else [text]
    return tuple(name for name in names if name.strip())


def _moment(value: object) -> datetime | None:
    """Return a time, in UTC where it says no zone; None for what is none."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(_text(value).replace("Z", "+00:00"))
        except ValueError:
            return None
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)

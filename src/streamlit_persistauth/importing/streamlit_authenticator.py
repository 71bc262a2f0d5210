"""Reads accounts from the configuration file of streamlit-authenticator."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit_persistauth.core.accounts.imports import ImportedAccount
from streamlit_persistauth.core.passwords.hash_format import read_hash
from streamlit_persistauth.errors import ConfigError


def read_config(path: Path, *, domain: str | None = None) -> list[ImportedAccount]:
    """Return the accounts in a file.

    A username that is an address becomes the address of a user who has none. With `domain`, other
    users without an address get `name@domain`.

    Args:
        path: The path of the file.
        domain: The domain of users without an address.

    Raises:
        ConfigError: The file can't be read, or has no users.
    """
    config = _read_yaml(path)
    credentials = config.get("credentials", config)
    users = credentials.get("usernames") if isinstance(credentials, Mapping) else None
    if not isinstance(users, Mapping):
        raise ConfigError(path.name, "it has no users: credentials and usernames are expected.")
    found = [_to_account(str(name), user, domain) for name, user in users.items()]
    return found + [
        ImportedAccount(label=f"pre-authorized {email}", email=str(email))
        for email in _pre_authorized(config)
    ]


def _read_yaml(path: Path) -> Mapping[str, Any]:
    try:
        import yaml
    except ImportError:
        raise ConfigError(
            path.name, "PyYAML is not installed; try pip install 'streamlit-persistauth[yaml]'."
        ) from None
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(path.name, f"it can't be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise ConfigError(path.name, "it is not a YAML file.") from None
    if not isinstance(read, Mapping):
        raise ConfigError(path.name, "it has no users: credentials and usernames are expected.")
    return read


def _to_account(name: str, user: object, domain: str | None) -> ImportedAccount:
    fields = user if isinstance(user, Mapping) else {}
    email = str(fields.get("email") or "")
    is_address = "@" in name
    if not email and is_address:
        email = name
    elif not email and domain:
        email = f"{name}@{domain}"
    parts = (fields.get("first_name"), fields.get("last_name"))
    roles = fields.get("roles") or fields.get("role") or ()
    # The file may contain a plain password, which streamlit-authenticator hashes when it starts.
    secret = str(fields.get("password") or "")
    is_hash = read_hash(secret) is not None
    return ImportedAccount(
        label=name,
        email=email,
        username="" if is_address else name,
        full_name=" ".join(str(part) for part in parts if part) or str(fields.get("name") or ""),
        password_hash=secret if is_hash else "",
        password="" if is_hash else secret,
        roles=(roles,) if isinstance(roles, str) else tuple(map(str, roles)),
    )


def _pre_authorized(config: Mapping[str, Any]) -> list[object]:
    """Return the addresses that are allowed to register."""
    for name in ("pre-authorized", "preauthorized", "pre_authorized"):
        entry = config.get(name)
        emails = entry.get("emails") if isinstance(entry, Mapping) else entry
        if isinstance(emails, list):
            return emails
    return []

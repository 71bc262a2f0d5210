"""Reads signing keys and peppers; keeps a generated key beside an SQLite database."""

import logging
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import URL

from streamlit_persistauth.core.sessions.jwt_signer import KeyRing
from streamlit_persistauth.core.sessions.key_strength import find_weakness, generate_key
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.settings import AuthSettings

logger = logging.getLogger("streamlit_persistauth")

_REMEDY = "Run `persistauth secret` and set its output as JWT_SECRET_KEY"
_PEPPER_REMEDY = "Run `persistauth secret` and set its output as PERSISTAUTH_PEPPER"


def open_key_ring(settings: AuthSettings, database: URL) -> KeyRing:
    """Return the signing keys of an app.

    Without JWT_SECRET_KEY, the key is read from the file beside the SQLite database, which is
    created with a new key if it does not exist. A database in memory gets a new key each time.

    Raises:
        ConfigError: A key is weak, or none is set and the database is not SQLite.
    """
    previous = [key.get_secret_value() for key in settings.jwt_previous_keys]
    for key in previous:
        _refuse_weak("JWT_PREVIOUS_KEYS", key)
    if settings.jwt_secret_key is None:
        return KeyRing(_fallback_key(database), previous)
    current = settings.jwt_secret_key.get_secret_value()
    _refuse_weak("JWT_SECRET_KEY", current)
    return KeyRing(current, previous)


def open_peppers(settings: AuthSettings) -> list[str]:
    """Return the pepper of an app followed by former ones; empty if none is set.

    Raises:
        ConfigError: A pepper is weak, or there are former ones but none for new hashes.
    """
    peppers = [pepper.get_secret_value() for pepper in settings.previous_peppers]
    for pepper in peppers:
        _refuse_weak("PERSISTAUTH_PREVIOUS_PEPPERS", pepper)
    if settings.pepper is None:
        if peppers:
            raise ConfigError("PERSISTAUTH_PEPPER", f"it is missing. {_PEPPER_REMEDY}.")
        return []
    current = settings.pepper.get_secret_value()
    _refuse_weak("PERSISTAUTH_PEPPER", current)
    return [current, *peppers]


def key_path(database: URL) -> Path | None:
    """Return the path of the key of an SQLite database; None for one in memory."""
    if database.database in {None, "", ":memory:"}:
        return None
    return Path(str(database.database)).with_suffix(".key")


def _refuse_weak(setting: str, key: str) -> None:
    weakness = find_weakness(key)
    if weakness is not None:
        remedy = _PEPPER_REMEDY if "PEPPER" in setting else _REMEDY
        raise ConfigError(setting, f"the key {weakness}. {remedy}.")


def _fallback_key(database: URL) -> str:
    if database.get_backend_name() != "sqlite":
        raise ConfigError("JWT_SECRET_KEY", f"it is missing. {_REMEDY}.")
    path = key_path(database)
    if path is None:
        return generate_key()
    try:
        return _read_key(path) or _make_key(path)
    except OSError as error:
        reason = error.strerror or "the system refused"
        raise ConfigError(
            "JWT_SECRET_KEY", f"it is missing, and none can be kept in {path}: {reason}. {_REMEDY}."
        ) from None


def _read_key(path: Path) -> str | None:
    """Return the kept key, or None if there is no file."""
    try:
        key = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    if find_weakness(key) is not None:
        raise ConfigError("JWT_SECRET_KEY", f"the key kept in {path} is damaged. {_REMEDY}.")
    return key


def _make_key(path: Path) -> str:
    """Create the file with a new key, readable by its owner only; of several processes one wins."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(generate_key() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(file.name, path)  # atomic: no other process reads half a key
            logger.warning("JWT_SECRET_KEY is not set; a new key is kept in %s. %s.", path, _REMEDY)
    finally:
        Path(file.name).unlink()
    key = _read_key(path)
    if key is None:
        raise FileNotFoundError
    return key

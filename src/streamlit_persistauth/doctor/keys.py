"""The signing key, the pepper, and what a password hash costs."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from streamlit_persistauth.core.sessions.key_strength import find_weakness
from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, note, warning
from streamlit_persistauth.wiring.key_file import key_path

LEAST_ROUNDS: Final = 10
_REMEDY: Final = "Run `persistauth secret` and set what it prints as {setting}."


def check_keys(deployment: Deployment) -> Iterator[Finding]:
    """Find keys and peppers that can be guessed or are known."""
    settings = deployment.settings
    secrets = [
        ("JWT_SECRET_KEY", "key", settings.jwt_secret_key),
        *[("JWT_PREVIOUS_KEYS", "key", key) for key in settings.jwt_previous_keys],
        ("PERSISTAUTH_PEPPER", "pepper", settings.pepper),
        *[("PERSISTAUTH_PREVIOUS_PEPPERS", "pepper", key) for key in settings.previous_peppers],
    ]
    for setting, kind, secret in secrets:
        weakness = find_weakness(secret.get_secret_value()) if secret else None
        if weakness is not None:
            state = "published" if "published" in weakness else "weak"
            yield error(
                f"{kind}-{state}",
                f"{setting} {weakness}: whoever finds it out signs in as anybody."
                if kind == "key"
                else f"{setting} {weakness}.",
                _REMEDY.format(setting=setting),
            )
    if settings.previous_peppers and settings.pepper is None:
        yield error(
            "pepper-missing",
            "PERSISTAUTH_PREVIOUS_PEPPERS is set, but no PERSISTAUTH_PEPPER for new hashes.",
            _REMEDY.format(setting="PERSISTAUTH_PEPPER"),
        )


def check_missing_key(deployment: Deployment) -> Iterator[Finding]:
    """Find a deployment without a key of its own, and what became of the one that was made."""
    engine = deployment.engine
    if deployment.settings.jwt_secret_key is not None or engine is None:
        return
    remedy = _REMEDY.format(setting="JWT_SECRET_KEY")
    if engine.dialect.name != "sqlite":
        yield error("key-missing", "JWT_SECRET_KEY is not set: the app won't start.", remedy)
        return
    path = key_path(engine.url)
    if path is None:
        yield warning(
            "key-missing", "JWT_SECRET_KEY is not set: a restart signs everybody out.", remedy
        )
        return
    yield warning(
        "key-missing",
        f"JWT_SECRET_KEY is not set: the key is kept in {path}, beside the database. Whoever gets "
        "a copy of both signs in as anybody.",
        remedy,
    )
    yield from _check_key_file(path)


def check_rounds(deployment: Deployment) -> Iterator[Finding]:
    """Find hashes that are cheap to guess against."""
    rounds = deployment.settings.bcrypt_rounds
    if rounds < LEAST_ROUNDS:
        yield warning(
            "hash-cheap",
            f"PERSISTAUTH_BCRYPT_ROUNDS={rounds} is for testing only: who steals the database "
            "guesses passwords fast.",
            "Leave it at 12; each hash is made anew at its owner's next sign-in.",
        )


def check_debug(deployment: Deployment) -> Iterator[Finding]:
    """Say that the log holds more than it needs to."""
    if deployment.settings.debug_auth:
        yield note(
            "debug-on",
            "DEBUG_AUTH is on: who signs in when and from where stands in the log.",
            "Unset it once you have seen what you were looking for.",
        )


def _check_key_file(path: Path) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return
    except OSError:
        yield error(
            "key-unreadable",
            f"The key in {path} can't be read by this account.",
            "Run the app, and this command, as the account that owns it.",
        )
        return
    if mode & 0o077:
        yield warning(
            "key-open",
            f"Others on this machine may read the key in {path}.",
            f"chmod 600 {path}",
        )
    if find_weakness(key) is not None:
        yield error(
            "key-damaged",
            f"What is kept in {path} is no key.",
            "Delete the file: a new one is made, and everybody signs in again.",
        )

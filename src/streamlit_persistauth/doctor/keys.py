"""Checks of the signing key, the pepper and the cost of password hashes."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from streamlit_persistauth.core.sessions.key_strength import find_weakness
from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, note, warning
from streamlit_persistauth.wiring.key_file import key_path

LEAST_ROUNDS: Final = 10
_REMEDY: Final = "Set {setting} to the output of `persistauth secret`."


def check_keys(deployment: Deployment) -> Iterator[Finding]:
    """Find keys and peppers that are weak or published."""
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
                f"{setting} {weakness}: an attacker who knows the key can sign in as any user."
                if kind == "key"
                else f"{setting} {weakness}.",
                _REMEDY.format(setting=setting),
            )
    if settings.previous_peppers and settings.pepper is None:
        yield error(
            "pepper-missing",
            "PERSISTAUTH_PREVIOUS_PEPPERS is set without PERSISTAUTH_PEPPER for new hashes.",
            _REMEDY.format(setting="PERSISTAUTH_PEPPER"),
        )


def check_missing_key(deployment: Deployment) -> Iterator[Finding]:
    """Find a missing key, and problems of the key file that replaces it."""
    engine = deployment.engine
    if deployment.settings.jwt_secret_key is not None or engine is None:
        return
    remedy = _REMEDY.format(setting="JWT_SECRET_KEY")
    if engine.dialect.name != "sqlite":
        yield error("key-missing", "JWT_SECRET_KEY is not set: the app does not start.", remedy)
        return
    path = key_path(engine.url)
    if path is None:
        yield warning(
            "key-missing", "JWT_SECRET_KEY is not set: a restart signs out all users.", remedy
        )
        return
    yield warning(
        "key-missing",
        f"JWT_SECRET_KEY is not set: the key is stored in {path}, beside the database. An "
        "attacker with a copy of both can sign in as any user.",
        remedy,
    )
    yield from _check_key_file(path)


def check_rounds(deployment: Deployment) -> Iterator[Finding]:
    """Find a cost that makes passwords easy to guess from their hashes."""
    rounds = deployment.settings.bcrypt_rounds
    if rounds < LEAST_ROUNDS:
        yield warning(
            "hash-cheap",
            f"PERSISTAUTH_BCRYPT_ROUNDS={rounds} is for tests only: passwords are easily guessed "
            "from a stolen database.",
            "Leave it at 12. Each hash is replaced at the user's next sign-in.",
        )


def check_debug(deployment: Deployment) -> Iterator[Finding]:
    """Report a log with personal data."""
    if deployment.settings.debug_auth:
        yield note(
            "debug-on",
            "DEBUG_AUTH is on: the log shows which users sign in, when, and from where.",
            "Unset it when you have finished debugging.",
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
            f"The operating system user of this command can't read the key in {path}.",
            "Run the app, and this command, as the user that owns the file.",
        )
        return
    if mode & 0o077:
        yield warning(
            "key-open",
            f"Other users of this machine can read the key in {path}.",
            f"chmod 600 {path}",
        )
    if find_weakness(key) is not None:
        yield error(
            "key-damaged",
            f"The file {path} does not contain a valid key.",
            "Delete the file. The app creates a new one, and all users have to sign in again.",
        )

"""Hash, verify and upgrade passwords; the policy for new ones."""

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from typing import Final

import bcrypt

from streamlit_persistauth.errors import InvalidPassword

DEFAULT_ROUNDS: Final = 12
"""2 to the power of this many iterations: about a quarter of a second (ASVS 11.4.2)."""
TESTING_ROUNDS: Final = 4
"""Only for testing."""
MAX_LENGTH: Final = 256
"""Characters; longer ones are refused before anything is hashed (ASVS 6.2.9 asks for 64)."""

_PREFIX: Final = "$bcrypt-sha256$"
_TAGGED: Final = re.compile(
    r"\$bcrypt-sha256\$v=2,t=2b,r=(?P<rounds>[0-9]{1,2})"
    r"\$(?P<salt>[./A-Za-z0-9]{21}[.Oeu])\$(?P<digest>[./A-Za-z0-9]{31})"
)
_PLAIN: Final = re.compile(
    r"\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}"
)
"""The last character of a salt carries two bits only, so there are four of them."""
_BCRYPT_ALPHABET: Final = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BCRYPT_BYTES: Final = 72


class PasswordHasher:
    """bcrypt over a keyed pre-hash, tagged with its parameters.

    A stored hash reads `$bcrypt-sha256$v=2,t=2b,r=12$<salt>$<digest>`: bcrypt of the base64 of
    HMAC-SHA-256(key=salt, message=password). So every byte counts at any length, NUL included,
    and the HMAC's key keeps unsalted SHA-256 values leaked elsewhere from being tried on it. The
    format is the one passlib documents, so other software can read it.

    Plain bcrypt hashes of an adopted table verify as they were made: over the first 72 bytes.
    """

    def __init__(self, rounds: int = DEFAULT_ROUNDS) -> None:
        """Set the cost.

        Args:
            rounds: The base-2 logarithm of the number of iterations, 4 to 31.
        """
        self.rounds = rounds
        self._nobody = self._made_up_hash()

    def hash(self, password: str) -> str:
        """Return the stored form of a password. Takes as long as the cost says."""
        setting = bcrypt.gensalt(self.rounds).decode()
        salt = setting[-22:]
        digest = _bcrypt(password, setting, salt)[-31:]
        return f"{_PREFIX}v=2,t=2b,r={self.rounds}${salt}${digest}"

    def verify(self, password: str, stored: str | None) -> bool:
        """Return whether a password is the one that was stored.

        Does the work of exactly one hash whatever the answer, also for None (no such account) and
        for a stored text that is no hash (ASVS 6.3.8).
        """
        tagged = _TAGGED.fullmatch(stored or "")
        if tagged is not None and 4 <= int(tagged["rounds"]) <= 31:  # noqa: PLR2004 - bcrypt's
            return _verify_tagged(password, tagged)
        if stored is not None and _PLAIN.fullmatch(stored):
            return _verify_plain(password, stored)
        nobody = _TAGGED.fullmatch(self._nobody)
        return nobody is not None and _verify_tagged(password, nobody) and False

    def needs_upgrade(self, stored: str) -> bool:
        """Return whether a stored hash was made otherwise than `hash` makes them now."""
        tagged = _TAGGED.fullmatch(stored)
        return tagged is None or int(tagged["rounds"]) != self.rounds

    def _made_up_hash(self) -> str:
        """Return a well-formed hash of nothing: random, at this cost, made without hashing."""
        salt = bcrypt.gensalt(self.rounds).decode()[-22:]
        digest = "".join(secrets.choice(_BCRYPT_ALPHABET) for _ in range(31))
        return f"{_PREFIX}v=2,t=2b,r={self.rounds}${salt}${digest}"


def check_policy(password: str, *, min_length: int, email: str = "", full_name: str = "") -> None:
    """Refuse a new password that is too short, too long or the account's own words.

    Length is counted in characters after NFC; there are no composition rules
    (NIST SP 800-63B-4 3.1.1.2, ASVS 6.2.1 and 6.2.5).

    Raises:
        InvalidPassword: The message says why.
    """
    if is_too_long(password):
        raise InvalidPassword(f"The password may have at most {MAX_LENGTH} characters.")
    normal = unicodedata.normalize("NFC", password)
    if len(normal) < min_length:
        raise InvalidPassword(f"The password needs at least {min_length} characters.")
    if normal.casefold() in {email.casefold(), full_name.casefold()}:
        raise InvalidPassword("The password must not be your name or email.")


def is_too_long(password: str) -> bool:
    """Return whether a text is too long for a password, before and after NFC.

    NFC joins at most a handful of characters into one; so what is far too long need not be
    normalised, which takes time.
    """
    if len(password) > 8 * MAX_LENGTH:
        return True
    return len(unicodedata.normalize("NFC", password)) > MAX_LENGTH


def _verify_tagged(password: str, tagged: re.Match[str]) -> bool:
    setting = f"$2b${int(tagged['rounds']):02d}${tagged['salt']}"
    digest = _bcrypt(password, setting, tagged["salt"])[-31:]
    return hmac.compare_digest(digest, tagged["digest"])


def _verify_plain(password: str, stored: str) -> bool:
    try:
        return bcrypt.checkpw(_encode(password)[:_BCRYPT_BYTES], stored.encode())
    except ValueError:
        return False


def _bcrypt(password: str, setting: str, salt: str) -> str:
    """Return bcrypt of the keyed pre-hash of a password in NFC (RFC 8265 4.2.2)."""
    normal = unicodedata.normalize("NFC", password)
    keyed = hmac.new(salt.encode(), _encode(normal), hashlib.sha256).digest()
    return bcrypt.hashpw(base64.b64encode(keyed), setting.encode()).decode()


def _encode(password: str) -> bytes:
    """Return the bytes of a password; lone surrogates, which no browser sends, are kept apart."""
    return password.encode("utf-8", "surrogatepass")

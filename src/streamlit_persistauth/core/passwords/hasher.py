"""Hash, verify and upgrade passwords."""

import base64
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import bcrypt

from streamlit_persistauth.core.passwords.hash_format import StoredHash, read_hash
from streamlit_persistauth.core.passwords.hash_queue import HashQueue
from streamlit_persistauth.core.text.measure import normal_form

DEFAULT_ROUNDS: Final = 12
"""2 to the power of this many iterations: about a quarter of a second (ASVS 11.4.2)."""
TESTING_ROUNDS: Final = 4
"""Only for testing."""
MAX_LENGTH: Final = 256
"""Characters; longer ones are refused before anything is hashed (ASVS 6.2.9 asks for 64)."""
MAX_WORKERS: Final = max(1, (os.cpu_count() or 1) // 2)
"""How many hashes are worked on at once: half of the processors are left to the pages."""

QUEUE: Final = HashQueue(MAX_WORKERS)
"""Of this process: all its apps share the processors."""
_BCRYPT_BYTES: Final = 72


class PasswordHasher:
    """bcrypt over a keyed pre-hash, tagged with its parameters.

    A stored hash reads `$bcrypt-sha256$v=2,t=2b,r=12$<salt>$<digest>`: bcrypt of the base64 of
    HMAC-SHA-256(key=salt, message=password). So every byte counts at any length, NUL included,
    and the HMAC's key keeps unsalted SHA-256 values leaked elsewhere from being tried on it. The
    format is the one passlib documents, so other software can read it.

    With a pepper, the pre-hash goes through HMAC-SHA-256(key=pepper) as well, and the tag names
    the pepper by an id (`,p=<id>`). Whoever has the database alone has nothing to guess against
    (NIST SP 800-63B-4 3.1.1.2).

    Plain bcrypt hashes of an adopted table verify as they were made: over the first 72 bytes.
    """

    def __init__(self, rounds: int = DEFAULT_ROUNDS, *, peppers: Sequence[str] = ()) -> None:
        """Set the cost and the peppers.

        Args:
            rounds: The base-2 logarithm of the number of iterations, 4 to 20.
            peppers: The one that new hashes get, then older ones that still verify. None of them
                is in the database.
        """
        self.rounds = rounds
        self._peppers = {pepper_id(pepper): _encode(pepper) for pepper in peppers}
        self._pepper = pepper_id(peppers[0]) if peppers else None
        self._nobody = self._new()

    def hash(self, password: str, *, network: str = "") -> str:
        """Return the stored form of a password. Takes as long as the cost says.

        Args:
            password: As typed.
            network: Where it comes from, which decides about the turn; empty for a program.
        """
        new = self._new()
        with QUEUE.turn(network):
            return str(replace(new, digest=self._digest(password, new)))

    def verify(
        self, password: str, stored: str | None, *, highest: int = 0, network: str = ""
    ) -> bool:
        """Return whether a password is the one that was stored.

        Does the same work whatever the answer, also for None (no such account) and for a stored
        text that can't be read (ASVS 6.3.8): one hash at the cost of `hash`, or at `highest`
        where that is more. A hash of a lower cost is made up for.

        Args:
            password: As typed.
            stored: The stored form, if there is one.
            highest: The highest cost of a hash in the store.
            network: As for `hash`.
        """
        known = self._read(stored or "")
        told = known or self._nobody
        with QUEUE.turn(network):
            digest = self._digest(password, told)
            # 2^4 + 2^4 + 2^5 + ... + 2^11 is 2^12
            for rounds in range(told.rounds, max(self.rounds, highest)):
                self._digest(password, replace(self._nobody, rounds=rounds))
        return hmac.compare_digest(digest, told.digest) and known is not None

    def can_read(self, stored: str) -> bool:
        """Return whether a stored text is a hash, made with a pepper that is known here."""
        return self._read(stored) is not None

    def needs_upgrade(self, stored: str) -> bool:
        """Return whether a stored hash was made otherwise than `hash` makes them now."""
        known = self._read(stored)
        present = (self.rounds, self._pepper, None)
        return known is None or (known.rounds, known.pepper, known.plain) != present

    def _new(self) -> StoredHash:
        salt = bcrypt.gensalt(self.rounds)[-22:].decode()
        return StoredHash(self.rounds, salt, pepper=self._pepper)

    def _read(self, stored: str) -> StoredHash | None:
        """Return a stored hash that can be verified here, or None."""
        known = read_hash(stored)
        return known if known and known.pepper in {None, *self._peppers} else None

    def _digest(self, password: str, told: StoredHash) -> str:
        """Return what bcrypt makes of a password, by the scheme of a stored hash."""
        if told.plain is not None:
            return _bcrypt(_encode(password)[:_BCRYPT_BYTES], told)
        normal = unicodedata.normalize("NFC", password)  # RFC 8265 4.2.2
        keyed = hmac.digest(told.salt.encode(), _encode(normal), hashlib.sha256)
        if told.pepper is not None:
            keyed = hmac.digest(self._peppers[told.pepper], keyed, hashlib.sha256)
        return _bcrypt(base64.b64encode(keyed), told)


def is_too_long(password: str) -> bool:
    """Return whether a text has too many characters for a password, counted in NFC."""
    return normal_form(password, MAX_LENGTH) is None


def pepper_id(pepper: str) -> str:
    """Return the id by which a stored hash names its pepper: 64 bits of its SHA-256."""
    return hashlib.sha256(b"pepper:" + _encode(pepper)).hexdigest()[:16]


def _bcrypt(data: bytes, told: StoredHash) -> str:
    """Return bcrypt's digest of at most 72 bytes."""
    return bcrypt.hashpw(data, told.setting).decode()[-31:]


def _encode(password: str) -> bytes:
    """Return the bytes of a password; lone surrogates, which no browser sends, are kept apart."""
    return password.encode("utf-8", "surrogatepass")

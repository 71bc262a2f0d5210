"""Hash, verify and upgrade passwords."""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import bcrypt

from streamlit_persistauth.core.passwords.hash_format import StoredHash, read_hash
from streamlit_persistauth.core.passwords.hash_queue import HashQueue
from streamlit_persistauth.core.passwords.processors import count_processors
from streamlit_persistauth.core.text.measure import normal_form

DEFAULT_ROUNDS: Final = 12
"""The base-2 logarithm of the iterations: about a quarter of a second (ASVS 11.4.2)."""
TESTING_ROUNDS: Final = 4
"""The minimum cost, for tests."""
MAX_LENGTH: Final = 256
"""The maximum length in characters, checked before hashing (ASVS 6.2.9 requires at least 64)."""
MAX_WORKERS: Final = max(1, count_processors() - 1)
"""Concurrent hashes. One processor is left for pages, whose Python code cannot use a second one."""

QUEUE: Final = HashQueue(MAX_WORKERS)
"""The queue of this process, because all its apps share the processors."""
_BCRYPT_BYTES: Final = 72


class PasswordHasher:
    """Computes bcrypt over a keyed pre-hash and stores its parameters with it.

    The format is `$bcrypt-sha256$v=2,t=2b,r=12$<salt>$<digest>`: bcrypt of the base64 of
    HMAC-SHA-256(key=salt, message=password). The pre-hash uses every byte of a password of any
    length, including NUL. Its key prevents testing unsalted SHA-256 values from other leaks.
    passlib documents the same format, so other software can read it.

    With a pepper, the pre-hash also passes through HMAC-SHA-256(key=pepper), and `,p=<id>` names
    the pepper. The database alone then allows no offline guessing (NIST SP 800-63B-4 3.1.1.2).

    Plain bcrypt hashes from another system are verified over the first 72 bytes, as bcrypt does.
    """

    def __init__(self, rounds: int = DEFAULT_ROUNDS, *, peppers: Sequence[str] = ()) -> None:
        """Set the cost and the peppers.

        Args:
            rounds: The base-2 logarithm of the number of iterations, 4 to 20.
            peppers: The pepper of new hashes, then older ones for verification.
        """
        self.rounds = rounds
        self._peppers = {pepper_id(pepper): _encode(pepper) for pepper in peppers}
        self._pepper = pepper_id(peppers[0]) if peppers else None
        self._dummy = self._new()

    def hash(self, password: str, *, network: str = "") -> str:
        """Return the hash to store for a password.

        Args:
            password: The password as entered.
            network: The network of the client, for fair scheduling; empty for a program.
        """
        new = self._new()
        with QUEUE.worker(network):
            return str(replace(new, digest=self._digest(password, new)))

    def verify(
        self, password: str, stored: str | None, *, highest: int = 0, network: str = ""
    ) -> bool:
        """Return whether a password matches a stored hash.

        The work is the same for every answer, including None (no account) and unreadable text
        (ASVS 6.3.8): that of one hash at the cost of `hash`, or at `highest` if that is higher. For
        a hash with a lower cost, further hashes make up the difference.

        Args:
            password: The password as entered.
            stored: The stored hash, if any.
            highest: The highest cost of a hash in the store.
            network: As for `hash`.
        """
        known = self._read(stored or "")
        scheme = known or self._dummy
        with QUEUE.worker(network):
            digest = self._digest(password, scheme)
            # 2^4 + 2^4 + 2^5 + ... + 2^11 is 2^12
            for rounds in range(scheme.rounds, max(self.rounds, highest)):
                self._digest(password, replace(self._dummy, rounds=rounds))
        return hmac.compare_digest(digest, scheme.digest) and known is not None

    def can_read(self, stored: str) -> bool:
        """Return whether a stored text is a hash without a pepper or with a known one."""
        return self._read(stored) is not None

    def needs_upgrade(self, stored: str) -> bool:
        """Return whether a stored hash differs in scheme, cost or pepper from new ones."""
        known = self._read(stored)
        present = (self.rounds, self._pepper, None)
        return known is None or (known.rounds, known.pepper, known.plain) != present

    def _new(self) -> StoredHash:
        salt = bcrypt.gensalt(self.rounds)[-22:].decode()
        return StoredHash(self.rounds, salt, pepper=self._pepper)

    def _read(self, stored: str) -> StoredHash | None:
        """Return a hash that can be verified, or None."""
        known = read_hash(stored)
        return known if known and known.pepper in {None, *self._peppers} else None

    def _digest(self, password: str, scheme: StoredHash) -> str:
        """Return the digest of a password with the parameters of a hash."""
        if scheme.plain is not None:
            return _bcrypt(_encode(password)[:_BCRYPT_BYTES], scheme)
        normal = unicodedata.normalize("NFC", password)  # RFC 8265 4.2.2
        keyed = hmac.digest(scheme.salt.encode(), _encode(normal), hashlib.sha256)
        if scheme.pepper is not None:
            keyed = hmac.digest(self._peppers[scheme.pepper], keyed, hashlib.sha256)
        return _bcrypt(base64.b64encode(keyed), scheme)


def is_too_long(password: str) -> bool:
    """Return whether a password has too many characters in NFC."""
    return normal_form(password, MAX_LENGTH) is None


def pepper_id(pepper: str) -> str:
    """Return the id of a pepper in stored hashes: 64 bits of its SHA-256."""
    return hashlib.sha256(b"pepper:" + _encode(pepper)).hexdigest()[:16]


def _bcrypt(data: bytes, scheme: StoredHash) -> str:
    """Return the bcrypt digest of at most 72 bytes."""
    return bcrypt.hashpw(data, scheme.setting).decode()[-31:]


def _encode(password: str) -> bytes:
    """Return the UTF-8 bytes of a password; lone surrogates are allowed."""
    return password.encode("utf-8", "surrogatepass")

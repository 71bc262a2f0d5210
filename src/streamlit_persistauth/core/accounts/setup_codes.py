"""Set-up codes, which let a visitor from elsewhere create the first account."""

import logging
import secrets
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import CounterRecord, EventRecord
from streamlit_persistauth.core.text.measure import MAX_WORD, fits
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import ATTEMPTS, Throttle
from streamlit_persistauth.errors import InvalidSetupCode, RegistrationClosed, StoreError
from streamlit_persistauth.models import NOBODY, Client

LIFETIME: Final = timedelta(hours=1)
"""How long a code is valid."""
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32, which has no letters that look like digits."""
GROUPS: Final = 4
GROUP_LENGTH: Final = 4
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_SERIES: Final = fingerprint("setup codes")
"""The counter of the series. Without it no code is valid."""
_HIGHEST: Final = 2**31 - 1
"""The tries of a code: a memory store that is full drops counters with few tries first."""

logger = logging.getLogger("streamlit_persistauth")


@dataclass(frozen=True, slots=True)
class SetupCode:
    """A code for the creation of the first account.

    Attributes:
        text: The code, in groups of four characters.
        expires_at: The time at which it expires (UTC).
    """

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(eq=False, repr=False)
class SetupCodes:
    """Creates and checks set-up codes: 80 random bits, stored as SHA-256 only.

    A code is a counter whose key is the hash of the code and of the current series. Each process
    and each command makes its own code, and all of them are valid until they expire. Creating an
    account ends the series, which revokes all codes at once.
    """

    counters: TokenStore
    users: UserStore
    _: KW_ONLY
    throttle: Throttle
    events: Events
    clock: Clock
    _announced: SetupCode | None = field(default=None, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def create(self) -> SetupCode:
        """Return a new code. Earlier ones stay valid.

        Raises:
            RegistrationClosed: An account exists.
            StoreError: The store failed, or other callers kept changing the series.
        """
        if not self.users.is_empty():
            raise RegistrationClosed
        groups = ["".join(map(secrets.choice, [ALPHABET] * GROUP_LENGTH)) for _ in range(GROUPS)]
        code = SetupCode("-".join(groups), self.clock() + LIFETIME)
        key = _key(self._prolong_series(code.expires_at), code.text)
        self.counters.swap_count(key, None, _counter(_HIGHEST, code.expires_at))
        return code

    def announce(self) -> None:
        """Log a code for the operator, unless this process has logged one that is still valid.

        A failing store is ignored: the page reports it elsewhere.
        """
        with self._lock, suppress(StoreError, RegistrationClosed):
            if self._announced is not None and self._is_valid(self._announced.text):
                return
            self._announced = code = self.create()
            logger.warning(
                "there is no account yet. Set-up code for the first administrator: %s (valid until "
                "%s UTC)",
                code.text,
                f"{code.expires_at:%Y-%m-%d %H:%M}",
            )

    def check(self, typed: str, *, client: Client = NOBODY) -> None:
        """Check a code as entered; case, spaces and hyphens do not matter.

        Refused codes are counted for the client's network and for all clients together.

        Raises:
            InvalidSetupCode: The code is unknown, expired or revoked.
            RegistrationClosed: An account exists.
            Throttled: Too many codes were refused.
        """
        buckets = limits.setup_codes_from(client)
        self.throttle.take(*buckets, client=client)
        if not self._is_valid(typed):
            if not self.users.is_empty():  # another visitor was first, which revoked the codes
                raise RegistrationClosed
            self.events.record(EventType.SETUP_CODE_REFUSED, client=client)
            raise InvalidSetupCode
        for bucket in buckets:
            self.throttle.give_back(bucket)

    def revoke_with_account(self, event: EventRecord) -> None:
        """Revoke all codes once an account exists; listens to events."""
        if event.event_type in _ACCOUNT_EVENTS:
            with suppress(StoreError):  # while an account exists, no code is accepted anyway
                self._end_series()

    def _is_valid(self, typed: str) -> bool:
        if not fits(typed, MAX_WORD):
            return False
        series = self._live(_SERIES)
        code = self._live(_key(series.tries if series else 0, typed))  # reads in any case
        return series is not None and code is not None

    def _live(self, key: str) -> CounterRecord | None:
        """Return a counter that has not expired, or None."""
        counter = self.counters.count(key)
        return counter if counter is not None and self.clock() < counter.expires_at else None

    def _prolong_series(self, until: datetime) -> int:
        """Return the number of the current series, or of a new one, which lasts at least so long.

        Raises:
            StoreError: The store failed, or other callers kept changing the series.
        """
        for _ in range(ATTEMPTS):
            stored = self.counters.count(_SERIES)
            live = stored if stored is not None and self.clock() < stored.expires_at else None
            number = secrets.randbelow(_HIGHEST) if live is None else live.tries
            new = _counter(number, max(until, live.expires_at) if live else until)
            if new == stored or self.counters.swap_count(_SERIES, stored, new):
                return number
        raise StoreError("The set-up code could not be stored.")

    def _end_series(self) -> None:
        for _ in range(ATTEMPTS):
            stored = self.counters.count(_SERIES)
            if stored is None or self.counters.swap_count(_SERIES, stored, None):
                return


def _counter(number: int, expires_at: datetime) -> CounterRecord:
    return CounterRecord(number, expires_at, expires_at)


def _key(series: int, typed: str) -> str:
    """Return the key of the counter of a code."""
    return fingerprint(f"setup code\n{series}\n{typed.upper().translate(_READ_AS)}")


_ACCOUNT_EVENTS: Final = {EventType.REGISTERED.value, EventType.INVITED.value}
"""The events of every way to create an account."""

"""To which sign-in each Streamlit session of this process belongs."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from time import monotonic
from typing import Final

from streamlit_persistauth.runtime.streamlit_session import may_exist
from streamlit_persistauth.web.messages import PageAddress

MAX_RECORDS: Final = 10_000
KEPT_SECONDS: Final = 24 * 60 * 60
"""How long a record outlives its Streamlit session, for a page that was offline meanwhile."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The sign-in to which a Streamlit session belongs.

    Attributes:
        session_id: The sign-in.
        browser: The browser cookie that may continue the Streamlit session without the credential;
            None while a former user of the browser may know its value.
        page: The address of its page.
    """

    session_id: str
    browser: str | None = field(repr=False)
    page: PageAddress = field(default_factory=PageAddress, repr=False)


@dataclass(slots=True)
class _Record:
    """What is known of one Streamlit session.

    Attributes:
        owner: Its last owner; None if it was buried without one.
        used_at: When a run used it last, on the monotonic clock.
        is_dead: Whether no connection may continue it.
        successor: The Streamlit session that its page has instead, as soon as there is one.
    """

    owner: Owner | None
    used_at: float
    is_dead: bool = False
    successor: str | None = None


class Owners:
    """Remembers the owner of each Streamlit session.

    A Streamlit session keeps its last owner. After that sign-in has been revoked or has expired,
    the Streamlit session is dead, and no connection continues it.

    A record is dropped once Streamlit no longer has the Streamlit session, which then nothing can
    continue, and no run has used it for `KEPT_SECONDS`, or earlier when there are more than
    `MAX_RECORDS`. If Streamlit still has all of them, the oldest record is dropped, and
    `is_complete` is False from then on.

    A record takes at most `LONGEST_ADDRESS` bytes for the address of its page and about 1 kB for
    the rest: less than 95 MB in all.
    """

    def __init__(self, limit: int = MAX_RECORDS) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._limit = limit
        self._lock = Lock()
        self.is_complete = True
        """Whether each Streamlit session that ever had an owner, and still exists, has a record."""

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._records)

    def put(self, streamlit_session: str, owner: Owner) -> None:
        """Remember to whom a Streamlit session belongs now; a dead one stays dead.

        While it belongs to the same sign-in, the browser is the one of the first call, or of
        `rename_browser`: another connection may present an older cookie beside the credential.
        """
        with self._lock:
            known = self._records.get(streamlit_session)
            if known is not None and known.is_dead:
                return
            before = known.owner if known is not None else None
            if before is not None and before.session_id == owner.session_id:
                owner = replace(owner, browser=before.browser)
            self._write(streamlit_session, _Record(owner, monotonic()))

    def get(self, streamlit_session: str) -> Owner | None:
        """Return the owner of a Streamlit session that is not dead; None if it has none."""
        record = self._records.get(streamlit_session)
        return record.owner if record is not None and not record.is_dead else None

    def retire(self, streamlit_session: str, session_id: str) -> bool:
        """Declare a Streamlit session dead because this sign-in was revoked or has expired.

        Returns:
            Whether it is dead now. It is not if another sign-in owns it meanwhile.
        """
        with self._lock:
            owner = self.get(streamlit_session)
            if owner is None or owner.session_id != session_id:
                return False
            self._bury(streamlit_session)
            return True

    def bury(self, streamlit_session: str) -> None:
        """Declare a Streamlit session dead, with or without an owner."""
        with self._lock:
            self._bury(streamlit_session)

    def replace(self, streamlit_session: str, successor: str) -> None:
        """Remember which Streamlit session the page of a dead one has instead."""
        record = self._records.get(streamlit_session)
        if record is not None and record.is_dead:
            record.successor = successor

    def living(self, streamlit_session: str) -> str | None:
        """Return a Streamlit session, or the one that its page has instead; None if it is dead."""
        found: str | None = streamlit_session
        while found is not None and (record := self._records.get(found)) and record.is_dead:
            found = record.successor
        return found

    def former(self, streamlit_session: str) -> Owner | None:
        """Return the last owner of a dead Streamlit session, or None."""
        record = self._records.get(streamlit_session)
        return record.owner if record is not None and record.is_dead else None

    def rename_browser(self, held: str, session_id: str | None, value: str) -> None:
        """Replace the browser cookie of the owners that had it, and of those of a sign-in."""
        with self._lock:
            for record in self._records.values():
                owner = record.owner
                if owner is not None and (owner.browser == held or owner.session_id == session_id):
                    record.owner = replace(owner, browser=value)

    def _bury(self, streamlit_session: str) -> None:
        known = self._records.get(streamlit_session)
        owner, successor = (known.owner, known.successor) if known is not None else (None, None)
        dead = _Record(owner, monotonic(), is_dead=True, successor=successor)
        self._write(streamlit_session, dead)

    def _write(self, streamlit_session: str, record: _Record) -> None:
        self._records[streamlit_session] = record
        self._records.move_to_end(streamlit_session)
        self._drop_old(record.used_at)

    def _drop_old(self, now: float) -> None:
        """Drop what nothing can continue, the oldest first, as far as it is old or too much."""
        for _ in range(len(self._records)):
            name, record = next(iter(self._records.items()))
            if len(self._records) <= self._limit and now < record.used_at + KEPT_SECONDS:
                return
            if may_exist(name) or may_exist(self.living(name)):
                record.used_at = now
                self._records.move_to_end(name)
            else:
                del self._records[name]
        if len(self._records) > self._limit:
            self._records.popitem(last=False)
            self.is_complete = False


owners: Final = Owners()
"""Of this process: Streamlit runs its scripts in the process that holds their connections."""

"""List and count the sessions of all users."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import count
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.devices import Device, device_of
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.models import Session

BATCH: Final = 1000
"""Sessions that `every` reads at a time."""
MAX_AGENTS: Final = 1000
"""The number of most frequent `User-Agent` headers that `live_per_device` reads."""


@dataclass(frozen=True, eq=False, repr=False)
class SessionQueries:
    """Reads the sessions of all users, for administrators."""

    tokens: TokenStore
    _: KW_ONLY
    lifetime: Lifetime
    clock: Clock

    def page(self, *, offset: int, limit: int) -> list[Session]:
        """Return a page of live sessions, newest first.

        The page is shorter where sessions have exceeded the idle timeout.

        Args:
            offset: The number of sessions to skip.
            limit: The maximum number of sessions to return.
        """
        now = self.clock()
        records = self.tokens.page_sessions(now, offset=offset, limit=limit)
        return [record.to_session() for record in self.lifetime.unexpired(records, now)]

    def every(self) -> Iterator[Session]:
        """Yield all live sessions, newest first, reading them in batches."""
        now = self.clock()
        for offset in count(0, BATCH):
            records = self.tokens.page_sessions(now, offset=offset, limit=BATCH)
            for record in self.lifetime.unexpired(records, now):
                yield record.to_session()
            if len(records) < BATCH:
                return

    def live_per_device(self) -> dict[Device, int]:
        """Return the number of live sessions per device, without the rarest devices."""
        agents = self.tokens.sessions_per_agent(self.clock(), limit=MAX_AGENTS)
        counts: Counter[Device] = Counter()
        for agent, number in agents.items():
            counts[device_of(agent)] += number
        return dict(counts)

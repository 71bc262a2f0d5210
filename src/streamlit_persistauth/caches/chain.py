"""Several caches, tried in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from streamlit_persistauth.caches.base import (
    CacheBackend,
    CacheCapabilities,
    CredentialIssuer,
    PresentedCredential,
)
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask


@dataclass(frozen=True, slots=True)
class ChainCache:
    """Reads its caches, writes to the first that works, and clears all others.

    A cache that needs a round trip is read only where no earlier one can hold the credential: not
    behind a cache that works here without a round trip, nor after another one has presented
    something. So a visitor whose cookies arrive sees the page in the first run.

    Attributes:
        caches: The caches, in order.
    """

    caches: Sequence[CacheBackend]

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        """Return those of the first cache that works here, combined with the reading of all."""
        found = [capabilities for _, capabilities in self._usable(context)]
        works = next((one for one in found if one.persistent), None)
        return CacheCapabilities(
            persistent=works is not None,
            http_only=works is None or works.http_only,
            round_trip=any(one.round_trip for one in found),
            blocked=works is None and any(one.blocked for one in found),
            in_address=works is not None and works.in_address,
        )

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        usable = self._usable(context)
        at_once = [cache for cache, capabilities in usable if not capabilities.round_trip]
        later = [cache for cache, capabilities in usable if capabilities.round_trip]
        return _read(at_once, context) or _read(later, context)

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        for cache, capabilities in self._usable(context):
            task = cache.keep(issuer, context) if capabilities.persistent else None
            if task is not None:
                others = [other.forget(context) for other in self.caches if other is not cache]
                return together([task, *others])
        return None

    def forget(self, context: RequestContext) -> PageTask | None:
        return together([cache.forget(context) for cache in self.caches])

    def _usable(self, context: RequestContext) -> list[tuple[CacheBackend, CacheCapabilities]]:
        """Return the caches that are read and written here, each with its capabilities."""
        usable: list[tuple[CacheBackend, CacheCapabilities]] = []
        is_known = False
        for cache in self.caches:
            capabilities = cache.capabilities(context)
            if not (is_known and capabilities.round_trip):
                usable.append((cache, capabilities))
            is_known = is_known or (capabilities.persistent and not capabilities.round_trip)
        return usable


@dataclass(frozen=True, slots=True)
class CombinedTask:
    """Several page tasks as one."""

    tasks: tuple[PageTask, ...]

    @property
    def lasts(self) -> bool:
        return any(task.lasts for task in self.tasks)

    def draw(self) -> bool:
        failed = [task.draw() for task in self.tasks]
        return any(failed)


def together(tasks: Sequence[PageTask | None]) -> PageTask | None:
    """Return one task for those that are not None, or None if all are."""
    due = tuple(task for task in tasks if task is not None)
    return CombinedTask(due) if due else None


def _read(
    caches: Sequence[CacheBackend], context: RequestContext
) -> tuple[PresentedCredential, ...]:
    return tuple(presented for cache in caches for presented in cache.read(context))

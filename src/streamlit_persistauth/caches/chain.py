"""Several caches, one after the other."""

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


class ChainCache:
    """Reads its caches, writes to the first that works, clears all the others.

    A cache that needs a round trip is read only where no other one can know: not behind a cache
    that works here without one, in which the credential would be, nor where another one has
    presented something. So a visitor whose cookies arrive sees the page in the first run.
    """

    def __init__(self, caches: Sequence[CacheBackend]) -> None:
        """Ask these, in this order."""
        self._caches = tuple(caches)

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        """See `CacheBackend.promise`: what the first that works here can, read with all others."""
        all_capabilities = [capabilities for _, capabilities in self._usable(context)]
        works = next(
            (capabilities for capabilities in all_capabilities if capabilities.persistent), None
        )
        return CacheCapabilities(
            persistent=works is not None,
            http_only=works is None or works.http_only,
            round_trip=any(capabilities.round_trip for capabilities in all_capabilities),
            blocked=works is None
            and any(capabilities.blocked for capabilities in all_capabilities),
        )

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        """See `CacheBackend.read`."""
        usable = self._usable(context)
        at_once = [cache for cache, capabilities in usable if not capabilities.round_trip]
        asked = [cache for cache, capabilities in usable if capabilities.round_trip]
        return _read(at_once, context) or _read(asked, context)

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        """See `CacheBackend.keep`."""
        for cache, capabilities in self._usable(context):
            task = cache.keep(issuer, context) if capabilities.persistent else None
            if task is not None:
                others = [other.forget(context) for other in self._caches if other is not cache]
                return together([task, *others])
        return None

    def forget(self, context: RequestContext) -> PageTask | None:
        """See `CacheBackend.forget`."""
        return together([cache.forget(context) for cache in self._caches])

    def _usable(self, context: RequestContext) -> list[tuple[CacheBackend, CacheCapabilities]]:
        """Return the caches that are read and written here, each with what it promises."""
        usable: list[tuple[CacheBackend, CacheCapabilities]] = []
        is_known = False
        for cache in self._caches:
            capabilities = cache.capabilities(context)
            if not (is_known and capabilities.round_trip):
                usable.append((cache, capabilities))
            is_known = is_known or (capabilities.persistent and not capabilities.round_trip)
        return usable


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several errands, run together."""

    tasks: tuple[PageTask, ...]

    @property
    def lasts(self) -> bool:
        """See `PageTask.lasts`."""
        return any(task.lasts for task in self.tasks)

    def draw(self) -> bool:
        """See `PageTask.draw`."""
        in_vain = [task.draw() for task in self.tasks]
        return any(in_vain)


def _read(
    caches: Sequence[CacheBackend], context: RequestContext
) -> tuple[PresentedCredential, ...]:
    return tuple(presented for cache in caches for presented in cache.read(context))


def together(tasks: Sequence[PageTask | None]) -> PageTask | None:
    """Return one errand for those that are due, or None where none is."""
    due = tuple(task for task in tasks if task is not None)
    return AllOf(due) if due else None

"""Several caches, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from streamlit_persistauth.caches.base import CacheBackend, Grant, Presented, Promise
from streamlit_persistauth.caller import Caller
from streamlit_persistauth.visit import Errand


class ChainCache:
    """Reads its caches, writes to the first that works, clears all the others.

    A cache that needs a round trip is read only where no other one can know: not behind a cache
    that works here without one, in which the credential would be, nor where another one has
    presented something. So a visitor whose cookies arrive sees the page in the first run.
    """

    def __init__(self, caches: Sequence[CacheBackend]) -> None:
        """Ask these, in this order."""
        self._caches = tuple(caches)

    def promise(self, caller: Caller) -> Promise:
        """See `CacheBackend.promise`: what the first that works here can, read with all others."""
        promises = [promise for _, promise in self._usable(caller)]
        works = next((promise for promise in promises if promise.persistent), None)
        return Promise(
            persistent=works is not None,
            http_only=works is None or works.http_only,
            round_trip=any(promise.round_trip for promise in promises),
            blocked=works is None and any(promise.blocked for promise in promises),
        )

    def read(self, caller: Caller) -> tuple[Presented, ...]:
        """See `CacheBackend.read`."""
        usable = self._usable(caller)
        at_once = [cache for cache, promise in usable if not promise.round_trip]
        asked = [cache for cache, promise in usable if promise.round_trip]
        return _read(at_once, caller) or _read(asked, caller)

    def keep(self, grant: Grant, caller: Caller) -> Errand | None:
        """See `CacheBackend.keep`."""
        for cache, promise in self._usable(caller):
            errand = cache.keep(grant, caller) if promise.persistent else None
            if errand is not None:
                others = [other.forget(caller) for other in self._caches if other is not cache]
                return together([errand, *others])
        return None

    def forget(self, caller: Caller) -> Errand | None:
        """See `CacheBackend.forget`."""
        return together([cache.forget(caller) for cache in self._caches])

    def _usable(self, caller: Caller) -> list[tuple[CacheBackend, Promise]]:
        """Return the caches that are read and written here, each with what it promises."""
        usable: list[tuple[CacheBackend, Promise]] = []
        is_known = False
        for cache in self._caches:
            promise = cache.promise(caller)
            if not (is_known and promise.round_trip):
                usable.append((cache, promise))
            is_known = is_known or (promise.persistent and not promise.round_trip)
        return usable


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several errands, run together."""

    errands: tuple[Errand, ...]

    @property
    def lasts(self) -> bool:
        """See `Errand.lasts`."""
        return any(errand.lasts for errand in self.errands)

    def draw(self) -> bool:
        """See `Errand.draw`."""
        in_vain = [errand.draw() for errand in self.errands]
        return any(in_vain)


def _read(caches: Sequence[CacheBackend], caller: Caller) -> tuple[Presented, ...]:
    return tuple(presented for cache in caches for presented in cache.read(caller))


def together(errands: Sequence[Errand | None]) -> Errand | None:
    """Return one errand for those that are due, or None where none is."""
    due = tuple(errand for errand in errands if errand is not None)
    return AllOf(due) if due else None

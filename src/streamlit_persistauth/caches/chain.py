"""Several caches, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from streamlit_persistauth.caches.base import CacheBackend, Grant, Presented, Promise
from streamlit_persistauth.caller import Caller
from streamlit_persistauth.visit import Errand


class ChainCache:
    """Reads all of its caches, writes to the first that works, clears all the others."""

    def __init__(self, caches: Sequence[CacheBackend]) -> None:
        """Ask these, in this order."""
        self._caches = tuple(caches)

    def promise(self, caller: Caller) -> Promise:
        """See `CacheBackend.promise`: what the first that works here can, read with all others."""
        promises = [cache.promise(caller) for cache in self._caches]
        works = next((promise for promise in promises if promise.persistent), None)
        return Promise(
            persistent=works is not None,
            http_only=works is None or works.http_only,
            round_trip=any(promise.round_trip for promise in promises),
            blocked=works is None and any(promise.blocked for promise in promises),
        )

    def read(self, caller: Caller) -> tuple[Presented, ...]:
        """See `CacheBackend.read`."""
        return tuple(presented for cache in self._caches for presented in cache.read(caller))

    def keep(self, grant: Grant, caller: Caller) -> Errand | None:
        """See `CacheBackend.keep`."""
        for cache in self._caches:
            errand = cache.keep(grant, caller) if cache.promise(caller).persistent else None
            if errand is not None:
                others = [other.forget(caller) for other in self._caches if other is not cache]
                return together([errand, *others])
        return None

    def forget(self, caller: Caller) -> Errand | None:
        """See `CacheBackend.forget`."""
        return together([cache.forget(caller) for cache in self._caches])


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


def together(errands: Sequence[Errand | None]) -> Errand | None:
    """Return one errand for those that are due, or None where none is."""
    due = tuple(errand for errand in errands if errand is not None)
    return AllOf(due) if due else None

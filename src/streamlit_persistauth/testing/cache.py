"""What every cache has to do, as tests."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import pytest

from streamlit_persistauth.caches.base import CacheBackend, Presented, Promise
from streamlit_persistauth.caller import Caller
from streamlit_persistauth.core.clock import utc_now
from streamlit_persistauth.core.secrets import new_secret
from streamlit_persistauth.models import Credential
from streamlit_persistauth.visit import Errand


class BrowserDouble(Protocol):
    """Stands in for a browser with your app in it."""

    def open(self) -> Caller:
        """Open the page anew: a new connection and a new Streamlit session.

        What the browser keeps comes with it, as far as it comes by itself.
        """
        ...

    def answer(self, caller: Caller) -> None:
        """Let the next reading have what the page was asked for; nothing if it was not asked."""
        ...

    def carry_out(self, errand: Errand) -> None:
        """Do what an errand has the page do."""
        ...


@dataclass
class GrantDouble:
    """A sign-in that is handed out, however it is asked for; see `Grant`.

    Attributes:
        given: Everything that was handed out.
    """

    given: list[str] = field(default_factory=list, repr=False)

    def credential(self) -> Credential:
        """See `Grant.credential`."""
        return Credential(self._give(), utc_now() + timedelta(hours=1))

    def handoff_code(self, browser: str) -> str:  # noqa: ARG002 - the protocol's signature
        """See `Grant.handoff_code`. A route that redeems it gives the code itself."""
        return self._give()

    def handle(self) -> str:
        """See `Grant.handle`."""
        return self._give()

    def _give(self) -> str:
        self.given.append(new_secret())
        return self.given[-1]


class CacheSuite:
    """What `CacheBackend` states; subclass it with the fixtures `cache` and `browser`."""

    @pytest.fixture
    def cache(self) -> CacheBackend:
        """A cache: yours."""
        raise NotImplementedError

    @pytest.fixture
    def browser(self) -> BrowserDouble:
        """A browser that keeps nothing yet, for that cache."""
        raise NotImplementedError

    @pytest.fixture
    def grant(self) -> GrantDouble:
        """A sign-in to be kept."""
        return GrantDouble()

    def test_promise(self, cache: CacheBackend, browser: BrowserDouble) -> None:
        """It promises the same on every page of one browser."""
        promise = cache.promise(browser.open())
        assert isinstance(promise, Promise)
        assert cache.promise(browser.open()) == promise
        assert not (promise.persistent and promise.blocked)

    def test_nothing_at_first(self, cache: CacheBackend, browser: BrowserDouble) -> None:
        """A browser that keeps nothing presents nothing."""
        assert presented(cache, browser) == []

    def test_keeps(self, cache: CacheBackend, browser: BrowserDouble, grant: GrantDouble) -> None:
        """What it was given is what the next pages present."""
        keep(cache, browser, grant)
        for _ in range(2):
            found = presented(cache, browser)
            assert [one.text for one in found] == grant.given

    def test_what_follows(
        self, cache: CacheBackend, browser: BrowserDouble, grant: GrantDouble
    ) -> None:
        """What follows a credential is kept where that one was, if not by our middleware."""
        keep(cache, browser, grant)
        for found in presented(cache, browser):
            if found.keeper is not None:
                keep(found.keeper, browser, grant)
        assert [one.text for one in presented(cache, browser)] == grant.given[-1:]

    def test_replaces(
        self, cache: CacheBackend, browser: BrowserDouble, grant: GrantDouble
    ) -> None:
        """What it is given later takes the place of what was there."""
        keep(cache, browser, grant)
        keep(cache, browser, grant)
        assert [found.text for found in presented(cache, browser)] == grant.given[-1:]

    def test_takes_only_what_it_keeps(
        self, cache: CacheBackend, browser: BrowserDouble, grant: GrantDouble
    ) -> None:
        """Where it keeps nothing it has asked for nothing, and otherwise once."""
        caller = browser.open()
        persistent = cache.promise(caller).persistent
        errand = cache.keep(grant, caller)
        assert (errand is not None) == persistent
        assert len(grant.given) == int(persistent)

    def test_forgets(self, cache: CacheBackend, browser: BrowserDouble, grant: GrantDouble) -> None:
        """What was kept is presented no more; where there is nothing, forgetting does no harm."""
        for _ in range(2):
            keep(cache, browser, grant)
            forget(cache, browser)
            forget(cache, browser)
            assert presented(cache, browser) == []

    def test_again(self, cache: CacheBackend, browser: BrowserDouble, grant: GrantDouble) -> None:
        """An errand that is drawn again does nothing more."""
        first = cache.keep(grant, browser.open())
        last = cache.forget(browser.open())
        for errand in filter(None, (first, first, last, last)):
            browser.carry_out(errand)
        assert presented(cache, browser) == []

    def test_says_nothing(
        self, cache: CacheBackend, browser: BrowserDouble, grant: GrantDouble
    ) -> None:
        """No repr shows what is kept."""
        errand = cache.keep(grant, browser.open())
        if errand is not None:
            browser.carry_out(errand)
        shown = repr((errand, presented(cache, browser), cache))
        assert not any(text in shown for text in grant.given)


def presented(cache: CacheBackend, browser: BrowserDouble) -> list[Presented]:
    """Open the page, and return what the browser presents, at once or asked for it."""
    caller = browser.open()
    found = cache.read(caller)
    if not found:
        browser.answer(caller)
        found = cache.read(caller)
    return list(found)


def keep(cache: CacheBackend, browser: BrowserDouble, grant: GrantDouble) -> None:
    """Have the browser keep a sign-in."""
    errand = cache.keep(grant, browser.open())
    if errand is not None:
        browser.carry_out(errand)


def forget(cache: CacheBackend, browser: BrowserDouble) -> None:
    """Have the browser forget what it keeps."""
    errand = cache.forget(browser.open())
    if errand is not None:
        browser.carry_out(errand)

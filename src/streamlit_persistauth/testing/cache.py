"""What every cache has to do, as tests."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import pytest

from streamlit_persistauth.caches.base import CacheBackend, CacheCapabilities, PresentedCredential
from streamlit_persistauth.core.clock import utc_now
from streamlit_persistauth.core.secrets import new_secret
from streamlit_persistauth.models import Credential
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask


class BrowserDouble(Protocol):
    """Stands in for a browser with your app in it."""

    def open(self) -> RequestContext:
        """Open the page anew: a new connection and a new Streamlit session.

        What the browser keeps comes with it, as far as it comes by itself.
        """
        ...

    def answer(self, context: RequestContext) -> None:
        """Let the next reading have what the page was asked for; nothing if it was not asked."""
        ...

    def carry_out(self, task: PageTask) -> None:
        """Do what an errand has the page do."""
        ...


@dataclass
class FakeIssuer:
    """A sign-in that is handed out, however it is asked for; see `CredentialIssuer`.

    Attributes:
        given: Everything that was handed out.
    """

    given: list[str] = field(default_factory=list, repr=False)

    def credential(self) -> Credential:
        """See `CredentialIssuer.credential`."""
        return Credential(self._give(), utc_now() + timedelta(hours=1))

    def handoff_code(self, browser: str) -> str:  # noqa: ARG002 - the protocol's signature
        """See `CredentialIssuer.handoff_code`. A route that redeems it gives the code itself."""
        return self._give()

    def url_token(self) -> str:
        """See `CredentialIssuer.handle`."""
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
    def issuer(self) -> FakeIssuer:
        """A sign-in to be kept."""
        return FakeIssuer()

    def test_promise(self, cache: CacheBackend, browser: BrowserDouble) -> None:
        """It promises the same on every page of one browser."""
        capabilities = cache.capabilities(browser.open())
        assert isinstance(capabilities, CacheCapabilities)
        assert cache.capabilities(browser.open()) == capabilities
        assert not (capabilities.persistent and capabilities.blocked)

    def test_nothing_at_first(self, cache: CacheBackend, browser: BrowserDouble) -> None:
        """A browser that keeps nothing presents nothing."""
        assert presented(cache, browser) == []

    def test_keeps(self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
        """What it was given is what the next pages present."""
        keep(cache, browser, issuer)
        for _ in range(2):
            found = presented(cache, browser)
            assert [one.text for one in found] == issuer.given

    def test_what_follows(
        self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer
    ) -> None:
        """What follows a credential is kept where that one was, if not by our middleware."""
        keep(cache, browser, issuer)
        for found in presented(cache, browser):
            if found.keeper is not None:
                keep(found.keeper, browser, issuer)
        assert [one.text for one in presented(cache, browser)] == issuer.given[-1:]

    def test_replaces(
        self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer
    ) -> None:
        """What it is given later takes the place of what was there."""
        keep(cache, browser, issuer)
        keep(cache, browser, issuer)
        assert [found.text for found in presented(cache, browser)] == issuer.given[-1:]

    def test_takes_only_what_it_keeps(
        self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer
    ) -> None:
        """Where it keeps nothing it has asked for nothing, and otherwise once."""
        context = browser.open()
        persistent = cache.capabilities(context).persistent
        task = cache.keep(issuer, context)
        assert (task is not None) == persistent
        assert len(issuer.given) == int(persistent)

    def test_forgets(self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
        """What was kept is presented no more; where there is nothing, forgetting does no harm."""
        for _ in range(2):
            keep(cache, browser, issuer)
            forget(cache, browser)
            forget(cache, browser)
            assert presented(cache, browser) == []

    def test_again(self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
        """An errand that is drawn again does nothing more."""
        first = cache.keep(issuer, browser.open())
        last = cache.forget(browser.open())
        for task in filter(None, (first, first, last, last)):
            browser.carry_out(task)
        assert presented(cache, browser) == []

    def test_says_nothing(
        self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer
    ) -> None:
        """No repr shows what is kept."""
        task = cache.keep(issuer, browser.open())
        if task is not None:
            browser.carry_out(task)
        shown = repr((task, presented(cache, browser), cache))
        assert not any(text in shown for text in issuer.given)


def presented(cache: CacheBackend, browser: BrowserDouble) -> list[PresentedCredential]:
    """Open the page, and return what the browser presents, at once or asked for it."""
    context = browser.open()
    found = cache.read(context)
    if not found:
        browser.answer(context)
        found = cache.read(context)
    return list(found)


def keep(cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
    """Have the browser keep a sign-in."""
    task = cache.keep(issuer, browser.open())
    if task is not None:
        browser.carry_out(task)


def forget(cache: CacheBackend, browser: BrowserDouble) -> None:
    """Have the browser forget what it keeps."""
    task = cache.forget(browser.open())
    if task is not None:
        browser.carry_out(task)

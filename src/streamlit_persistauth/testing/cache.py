"""The tests that every cache has to pass."""

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
    """A simulated browser that shows your app."""

    def open(self) -> RequestContext:
        """Open the page again, with a new connection and a new Streamlit session.

        The context contains what the browser sends by itself, such as cookies.
        """
        ...

    def answer(self, context: RequestContext) -> None:
        """Make the answer of the page available to the next `read`, if `read` asked for one."""
        ...

    def carry_out(self, task: PageTask) -> None:
        """Execute a task in the page."""
        ...


@dataclass
class FakeIssuer:
    """A `CredentialIssuer` for tests.

    Attributes:
        given: All texts that were issued.
    """

    given: list[str] = field(default_factory=list, repr=False)

    def credential(self) -> Credential:
        return Credential(self._give(), utc_now() + timedelta(hours=1))

    def handoff_code(self, browser: str) -> str:  # noqa: ARG002 - the protocol's signature
        """Return a code. A route that redeems it uses the code itself as the credential."""
        return self._give()

    def url_token(self) -> str:
        return self._give()

    def _give(self) -> str:
        self.given.append(new_secret())
        return self.given[-1]


class CacheSuite:
    """Tests of the `CacheBackend` protocol. Subclasses define fixtures `cache` and `browser`."""

    @pytest.fixture
    def cache(self) -> CacheBackend:
        """The cache under test."""
        raise NotImplementedError

    @pytest.fixture
    def browser(self) -> BrowserDouble:
        """A browser that has stored nothing yet."""
        raise NotImplementedError

    @pytest.fixture
    def issuer(self) -> FakeIssuer:
        """Issues credentials to store."""
        return FakeIssuer()

    def test_capabilities(self, cache: CacheBackend, browser: BrowserDouble) -> None:
        """The capabilities are the same on every page of a browser."""
        capabilities = cache.capabilities(browser.open())
        assert isinstance(capabilities, CacheCapabilities)
        assert cache.capabilities(browser.open()) == capabilities
        assert not (capabilities.persistent and capabilities.blocked)

    def test_empty(self, cache: CacheBackend, browser: BrowserDouble) -> None:
        """A browser that has stored nothing presents no credential."""
        assert presented(cache, browser) == []

    def test_keeps(self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
        """A stored credential is presented by the next pages."""
        keep(cache, browser, issuer)
        for _ in range(2):
            found = presented(cache, browser)
            assert [one.text for one in found] == issuer.given

    def test_renewal(self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
        """The keeper of a credential stores its successor in its place."""
        keep(cache, browser, issuer)
        for found in presented(cache, browser):
            if found.keeper is not None:
                keep(found.keeper, browser, issuer)
        assert [one.text for one in presented(cache, browser)] == issuer.given[-1:]

    def test_replaces(
        self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer
    ) -> None:
        """A later credential replaces the earlier one."""
        keep(cache, browser, issuer)
        keep(cache, browser, issuer)
        assert [found.text for found in presented(cache, browser)] == issuer.given[-1:]

    def test_issues_once(
        self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer
    ) -> None:
        """A persistent cache issues one credential, any other cache none."""
        context = browser.open()
        persistent = cache.capabilities(context).persistent
        task = cache.keep(issuer, context)
        assert (task is not None) == persistent
        assert len(issuer.given) == int(persistent)

    def test_forgets(self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
        """A forgotten credential is not presented. Forgetting twice has no effect."""
        for _ in range(2):
            keep(cache, browser, issuer)
            forget(cache, browser)
            forget(cache, browser)
            assert presented(cache, browser) == []

    def test_repeated_tasks(
        self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer
    ) -> None:
        """A task that is executed twice has no further effect."""
        first = cache.keep(issuer, browser.open())
        last = cache.forget(browser.open())
        for task in filter(None, (first, first, last, last)):
            browser.carry_out(task)
        assert presented(cache, browser) == []

    def test_repr(self, cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
        """No repr contains a credential."""
        task = cache.keep(issuer, browser.open())
        if task is not None:
            browser.carry_out(task)
        shown = repr((task, presented(cache, browser), cache))
        assert not any(text in shown for text in issuer.given)


def presented(cache: CacheBackend, browser: BrowserDouble) -> list[PresentedCredential]:
    """Open the page; return the credentials that the browser presents, at once or on request."""
    context = browser.open()
    found = cache.read(context)
    if not found:
        browser.answer(context)
        found = cache.read(context)
    return list(found)


def keep(cache: CacheBackend, browser: BrowserDouble, issuer: FakeIssuer) -> None:
    """Store a credential in the browser."""
    task = cache.keep(issuer, browser.open())
    if task is not None:
        browser.carry_out(task)


def forget(cache: CacheBackend, browser: BrowserDouble) -> None:
    """Delete the credential from the browser."""
    task = cache.forget(browser.open())
    if task is not None:
        browser.carry_out(task)

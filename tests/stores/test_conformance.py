"""Every store that ships passes the conformance suite of `streamlit_persistauth.testing`."""

import pytest
from tests.stores.conftest import Stores

from streamlit_persistauth.core.storage.protocols import EventStore, TokenStore, UserStore
from streamlit_persistauth.testing import (
    AccountCounterSuite,
    EventStoreSuite,
    RevocationLogSuite,
    SessionCounterSuite,
    TokenStoreSuite,
    UserStoreSuite,
)


class TestUsers(UserStoreSuite):
    """The suite for accounts."""

    @pytest.fixture
    def users(self, stores: Stores) -> UserStore:
        """A store of each kind that ships."""
        return stores.users


class SignInsOfEachKind:
    """The stores of a suite that tests sign-ins."""

    @pytest.fixture
    def users(self, stores: Stores) -> UserStore:
        """The store of the accounts that own the records."""
        return stores.users

    @pytest.fixture
    def tokens(self, stores: Stores) -> TokenStore:
        """A store of each kind that ships."""
        return stores.tokens


class TestTokens(SignInsOfEachKind, TokenStoreSuite):
    """The suite for sessions, single-use tokens and counters."""


class TestRevocations(SignInsOfEachKind, RevocationLogSuite):
    """The suite for the log of revocations."""


class TestSessionCounts(SignInsOfEachKind, SessionCounterSuite):
    """The suite for counts of sessions."""


class TestAccountCounts(AccountCounterSuite):
    """The suite for counts of accounts."""

    @pytest.fixture
    def users(self, stores: Stores) -> UserStore:
        """A store of each kind that ships."""
        return stores.users


class TestEvents(EventStoreSuite):
    """The suite for events."""

    @pytest.fixture
    def events(self, stores: Stores) -> EventStore:
        """A store of each kind that ships."""
        return stores.events

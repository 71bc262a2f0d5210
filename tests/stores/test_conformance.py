"""What `core/storage/protocols.py` states, held against every store."""

import pytest
from tests.stores.conftest import Stores

from streamlit_persistauth.core.storage.protocols import EventStore, TokenStore, UserStore
from streamlit_persistauth.testing import EventStoreSuite, TokenStoreSuite, UserStoreSuite


class TestUsers(UserStoreSuite):
    """Accounts."""

    @pytest.fixture
    def users(self, stores: Stores) -> UserStore:
        """Each kind of store that ships."""
        return stores.users


class TestTokens(TokenStoreSuite):
    """Sign-ins, single-use tokens and counters."""

    @pytest.fixture
    def users(self, stores: Stores) -> UserStore:
        """The accounts that they belong to."""
        return stores.users

    @pytest.fixture
    def tokens(self, stores: Stores) -> TokenStore:
        """Each kind of store that ships."""
        return stores.tokens


class TestEvents(EventStoreSuite):
    """Events."""

    @pytest.fixture
    def events(self, stores: Stores) -> EventStore:
        """Each kind of store that ships."""
        return stores.events

"""The fixtures of every suite that tests a store of sign-ins."""

import pytest

from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.stores.memory import MemoryUserStore


class SignInFixtures:
    """The store under test, and the one of the accounts."""

    @pytest.fixture
    def users(self) -> UserStore:
        """The store of the accounts that sign-ins belong to; by default in memory."""
        return MemoryUserStore()

    @pytest.fixture
    def tokens(self) -> TokenStore:
        """An empty store, the one under test."""
        raise NotImplementedError

"""Tests for a store or a cache of your own, to be run by pytest.

One that passes them is one that the library can be trusted with::

    import pytest
    from streamlit_persistauth.testing import TokenStoreSuite

    class TestMyTokens(TokenStoreSuite):
        @pytest.fixture
        def tokens(self):
            return MyTokenStore()
"""

import pytest

pytest.register_assert_rewrite(
    "streamlit_persistauth.testing.cache",
    "streamlit_persistauth.testing.counters",
    "streamlit_persistauth.testing.event_store",
    "streamlit_persistauth.testing.token_store",
    "streamlit_persistauth.testing.user_store",
)

from streamlit_persistauth.testing.cache import (  # noqa: E402 - after the line above
    BrowserDouble,
    CacheSuite,
    GrantDouble,
)
from streamlit_persistauth.testing.event_store import EventStoreSuite  # noqa: E402
from streamlit_persistauth.testing.token_store import TokenStoreSuite  # noqa: E402
from streamlit_persistauth.testing.user_store import UserStoreSuite  # noqa: E402

__all__ = [
    "BrowserDouble",
    "CacheSuite",
    "EventStoreSuite",
    "GrantDouble",
    "TokenStoreSuite",
    "UserStoreSuite",
]

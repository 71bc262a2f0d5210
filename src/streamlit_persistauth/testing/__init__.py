"""Tests for a store of your own, to be run by pytest.

A store that passes them is one that the library can be trusted with::

    import pytest
    from streamlit_persistauth.testing import TokenStoreSuite

    class TestMyTokens(TokenStoreSuite):
        @pytest.fixture
        def tokens(self):
            return MyTokenStore()
"""

import pytest

pytest.register_assert_rewrite(
    "streamlit_persistauth.testing.counters",
    "streamlit_persistauth.testing.token_store",
    "streamlit_persistauth.testing.user_store",
)

from streamlit_persistauth.testing.token_store import TokenStoreSuite  # noqa: E402 - after the line above
from streamlit_persistauth.testing.user_store import UserStoreSuite  # noqa: E402

__all__ = ["TokenStoreSuite", "UserStoreSuite"]

"""Helpers for testing apps, and test suites for stores and caches.

`signed_in` runs a page of Streamlit's `AppTest` as a signed-in user::

    at = signed_in(AppTest.from_file("app.py"), "ada@example.org").run()

A store or cache of your own works with the library if it passes the suite of its kind::

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
    "streamlit_persistauth.testing.open_pages",
    "streamlit_persistauth.testing.revocations",
    "streamlit_persistauth.testing.token_store",
    "streamlit_persistauth.testing.user_store",
)

from streamlit_persistauth.runtime.state_keys import widget_key  # noqa: E402 - after the line above
from streamlit_persistauth.testing.app import signed_in  # noqa: E402
from streamlit_persistauth.testing.cache import (  # noqa: E402
    BrowserDouble,
    CacheSuite,
    FakeIssuer,
)
from streamlit_persistauth.testing.event_store import EventStoreSuite  # noqa: E402
from streamlit_persistauth.testing.open_pages import (  # noqa: E402
    AccountCounterSuite,
    SessionCounterSuite,
)
from streamlit_persistauth.testing.revocations import RevocationLogSuite  # noqa: E402
from streamlit_persistauth.testing.token_store import TokenStoreSuite  # noqa: E402
from streamlit_persistauth.testing.user_store import UserStoreSuite  # noqa: E402

__all__ = [
    "AccountCounterSuite",
    "BrowserDouble",
    "CacheSuite",
    "EventStoreSuite",
    "FakeIssuer",
    "RevocationLogSuite",
    "SessionCounterSuite",
    "TokenStoreSuite",
    "UserStoreSuite",
    "signed_in",
    "widget_key",
]

"""A store by a third party passes the suite as it ships, and serves an app."""

from pathlib import Path

import pytest
from tests.support.core_app import CoreApp
from tests.support.failing import FailingStore
from tests.support.filestore import FileTokenStore

from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.testing import TokenStoreSuite


class TestFile(TokenStoreSuite):
    """The suite on a store in a file."""

    @pytest.fixture
    def tokens(self, tmp_path: Path) -> FileTokenStore:
        """An empty store."""
        return FileTokenStore(tmp_path)


def test_two_apps(tmp_path: Path) -> None:
    """Two processes share the file: a session is valid, and revoked, in both."""
    one = CoreApp(tokens=FailingStore(FileTokenStore(tmp_path)))
    other = CoreApp(users=one.users, tokens=FailingStore(FileTokenStore(tmp_path)))
    credential = one.sessions.issue(one.sign_in(one.add_user())).text
    session = other.sessions.resume(credential).session
    assert one.sessions.end(session.id)
    with pytest.raises(InvalidToken):
        other.sessions.resume(credential)

"""The fragment that removes the frame of `CookieController` again."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, serve
from tests.support.account import ADA
from tests.support.raw import opened

WRITTEN = re.compile(rb'"method": "set", "name": "persistauth", "value": "(eyJ[\w.-]+)"')


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Cases]:
    """A plain app that keeps its credential through streamlit-cookies-controller."""
    yield from serve("plain", tmp_path, TEST_CACHES="cookies_controller")


def test_credential_is_for_the_page_alone(app: Cases) -> None:
    """The run that signs in sends the credential; a run of the fragment does not.

    A fragment runs for any later connection of the Streamlit session, and the credential belongs to
    the connection that signed in.
    """
    with opened(app.url) as client:
        client.run()
        page = client.sign_in(ADA.email, ADA.password)
        (credential,) = set(WRITTEN.findall(page.raw))
        assert b"getAll" not in page.raw
        assert page.fragments
        for fragment in page.fragments:
            client.send(client.asked(fragment))
            assert credential not in client.wait().raw

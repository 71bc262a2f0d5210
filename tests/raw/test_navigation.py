"""What a visitor who is not signed in gets of the pages of `st.navigation`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, serve
from tests.support.account import ADA
from tests.support.raw import opened

SECRET = b"Titanic"
"""In the title of each page, and of their section."""


@pytest.fixture(params=["menu_plain", "menu_served"], scope="module")
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cases]:
    """An app whose page titles are for its users only."""
    home = tmp_path_factory.mktemp("menu")
    yield from serve(request.param, home, PERSISTAUTH_HIDE_NAVIGATION="on")


def test_titles_are_for_users(app: Cases) -> None:
    """No message has a title before the sign-in or after the sign-out, whatever is requested."""
    with opened(app.url) as client:
        first = client.run(path="payroll")
        assert SECRET not in first.raw
        assert b"payroll" in first.raw  # what the visitor asked for, which keeps the address
        asked = client.page_hash
        for page in (client.run(page=asked), client.run(path="nothing"), client.run(path="a/b")):
            assert SECRET not in page.raw
            assert "Sign in" in page.buttons
            assert b"overview" not in page.raw
        client.run(path="payroll")
        page = client.sign_in(ADA.email, ADA.password)
        assert "payroll of the house" in page.texts
        assert SECRET in page.raw
        page = client.press("Log out")
        page = client.run(page=client.page_hash)
        assert "Sign in" in page.buttons
        assert SECRET not in page.raw


def test_titles_after_the_end(app: Cases) -> None:
    """Once the end of a sign-in has been seen, no further message has a title."""
    with opened(app.url) as client:
        client.run()
        assert SECRET in client.sign_in(ADA.email, ADA.password).raw
        app.end_all()
        client.run(page=client.page_hash)
        assert "Sign in" in client.page.buttons
        assert SECRET not in client.run(page=client.page_hash).raw


def test_titles_after_the_end_elsewhere(app: Cases) -> None:
    """That holds, too, where the visitor asks for what is no page, so no navigation is built."""
    with opened(app.url) as client:
        client.run()
        assert SECRET in client.sign_in(ADA.email, ADA.password).raw
        app.end_all()
        client.run(path="a/b")
        assert "Sign in" in client.page.buttons
        assert SECRET not in client.run(path="a/b").raw


def test_page_hash_is_that_of_the_page(app: Cases) -> None:
    """The kept address leads to the app's page of this address."""
    with opened(app.url) as client:
        client.run(path="payroll")
        before = client.page_hash
        client.sign_in(ADA.email, ADA.password)
        assert client.pages["Titanic payroll"] == before


def test_auto_login_keeps_the_address(tmp_path: Path) -> None:
    """A visitor of an app that builds its navigation for users only gets the page requested.

    The navigation goes with the sign-in, and the address stays.
    """
    for app in serve("menu_resumed", tmp_path):
        with opened(app.url) as client:
            client.run(path="payroll")
            page = client.sign_in(ADA.email, ADA.password)
            assert "payroll of the house" in page.texts
            assert b"overview" in page.raw
            client.press("Log out")
            page = client.run(page=client.page_hash)
            assert "Sign in" in page.buttons
            assert b"overview" not in page.raw
            assert "payroll of the house" in client.sign_in(ADA.email, ADA.password).texts

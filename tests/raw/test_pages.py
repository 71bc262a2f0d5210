"""Apps of several pages, where a client requests a page by its hash."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, serve
from tests.support.account import ADA
from tests.support.raw import opened

APPS = ["multipage/app", "navigation"]


@pytest.fixture(params=APPS)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cases]:
    """A guarded app of several pages."""
    yield from serve(request.param, tmp_path)


@pytest.fixture(params=APPS)
def open_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cases]:
    """The same app with a guard that lets every visitor in."""
    yield from serve(request.param, tmp_path, UNPROTECTED="1")


def test_nobody_gets_in(app: Cases) -> None:
    """A page that is requested directly shows the sign-in form, and then itself."""
    with opened(app.url) as client:
        client.run()
        page = client.run(page=client.pages["inside"])
        assert "Sign in" in page.buttons
        assert b"of the house" not in page.raw
        assert app.witnessed() == []
        page = client.sign_in(ADA.email, ADA.password)
        assert b"of the house" in page.raw


def test_without_a_guard(open_app: Cases) -> None:
    """The same visit shows the page if no guard protects it."""
    with opened(open_app.url) as client:
        client.run()
        assert b"of the house" in client.run(page=client.pages["inside"]).raw


def test_folder_beside_the_navigation(tmp_path: Path) -> None:
    """In a plain app, the log says once that the folder `pages/` is open after a start."""
    for app in serve("old_folder/app", tmp_path):
        for _ in range(2):
            with opened(app.url) as client:
                client.run()
                client.run()
        assert app.server.log.count("give the folder another name") == 1


def test_our_navigation_beside_the_folder(tmp_path: Path) -> None:
    """A visitor of an app with `auth.navigation` closes the folder, without signing in."""
    for app in serve("old_folder/ours", tmp_path):
        with opened(app.url) as client:
            client.run()
        with opened(app.url) as client:
            page = client.run(path="inside")
            assert "Sign in" in page.buttons
            assert b"of the house" not in page.raw

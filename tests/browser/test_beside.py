"""A FastAPI program beside the app, as a browser reaches both through nginx with TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.tab import Tab
from tests.support.account import ADA
from tests.support.beside import Front, serve
from tests.support.nginx import Nginx

pytestmark = pytest.mark.browser

FETCH = """async ([path, method]) => {
    const answer = await fetch(path, {method});
    return [answer.status, await answer.json()];
}"""
SUBMIT = """address => {
    const form = document.createElement("form");
    form.method = "POST";
    form.action = address;
    document.body.append(form);
    form.submit();
}"""


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """Both, on HTTPS."""
    yield from serve(tmp_path, tls=True)


@pytest.fixture
def tab(front: Front, engine: Browser) -> Iterator[Tab]:
    """A tab with the app open in it."""
    context = engine.new_context(ignore_https_errors=True)
    tab = Tab(context.new_page(), front.url)
    tab.open()
    yield tab
    context.close()


def fetched(page: Page, path: str, method: str = "GET") -> tuple[int, object]:
    """Return what a script of a page gets."""
    status, body = page.evaluate(FETCH, [path, method])
    return status, body


@pytest.fixture
def neighbour(front: Front, tmp_path: Path) -> Iterator[str]:
    """A page of another origin on the same site: a form of it sends the cookie along."""
    proxy = Nginx(tmp_path / "neighbour", front.app.port, tls=True)
    proxy.start()
    yield proxy.url
    proxy.stop()


def test_main_way(tab: Tab, front: Front, neighbour: str) -> None:
    """A script of the page uses the program as its user, until the page signs out.

    A form of another origin is refused.
    """
    page = tab.page
    assert fetched(page, "/api/me")[0] == 401
    tab.sign_in(ADA)
    cookie = tab.jar.stored()
    assert (cookie["name"], cookie["httpOnly"]) == ("__Host-persistauth", True)
    assert fetched(page, "/api/me") == (200, ADA.email)
    assert fetched(page, "/api/notes?text=x", "POST") == (200, f"{ADA.email}: x")
    elsewhere = page.context.new_page()
    elsewhere.goto(neighbour)
    with elsewhere.expect_navigation() as navigation:
        elsewhere.evaluate(SUBMIT, f"{front.url}api/notes?text=forged")
    assert navigation.value is not None
    assert navigation.value.status == 403
    tab.button("Log out").click()
    tab.expect_login_page()
    assert fetched(page, "/api/me")[0] == 401

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.polling import wait_until_still
from tests.browser.selection import cases
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.gallery import EMAIL, PASSWORD, Subject, gallery, pressable
from tests.support.server import AppServer

pytestmark = [pytest.mark.browser, pytest.mark.chromium]

Gallery = tuple[AppServer, dict[str, Subject]]
ROBIN = Account("Robin Rivers", EMAIL, PASSWORD)
GRAVE = {"serious", "critical"}
NOT_OURS = {"exclude": [["[data-testid=stToast]"]]}
"""Streamlit's toasts refer to a label that does not exist."""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """A served gallery of every form and panel."""
    with gallery(tmp_path_factory.mktemp("gallery")) as opened:
        yield opened


@pytest.fixture(params=cases(["light", "dark"], quick=[("light",)]))
def scheme(request: pytest.FixtureRequest) -> Literal["light", "dark"]:
    """The browser's preferred colour scheme."""
    scheme: Literal["light", "dark"] = request.param
    return scheme


@pytest.fixture
def page(engine: Browser, scheme: Literal["light", "dark"]) -> Iterator[Page]:
    """A page of an empty browser."""
    context = engine.new_context(color_scheme=scheme)
    yield context.new_page()
    context.close()


def faults(page: Page) -> dict[str, str]:
    """Return the serious violations that axe-core finds, with the first element of each.

    While something fades in, its contrast is too low.
    """
    wait_until_still(page)
    violations = Axe().run(page, NOT_OURS).response["violations"]
    return {
        found["id"]: found["nodes"][0]["html"] for found in violations if found["impact"] in GRAVE
    }


def hold(shown: Gallery, page: Page, *, signed_in: bool) -> None:
    """Expect no serious violation on any subject, before and after its button is pressed."""
    server, subjects = shown
    tab = Tab(page, server.url)
    for name, subject in subjects.items():
        if subject.signed_in is not signed_in:
            continue
        page.goto(f"{server.url}?{subject.query}")
        button = pressable(page, subject.button)
        expect(button).to_be_visible()
        tab.expect_settled()
        assert faults(page) == {}, name
        if not (subject.typed or subject.opens):
            continue
        before = page.locator("body").inner_text()
        for label, text in subject.typed.items():
            tab.type(label, text)
        button.click()
        expect(page.locator("body")).not_to_have_text(before, use_inner_text=True)
        tab.expect_settled()
        assert faults(page) == {}, f"{name}, pressed"


def test_forms(shown: Gallery, page: Page) -> None:
    """axe-core finds nothing serious on the forms for signed-out users."""
    hold(shown, page, signed_in=False)


@pytest.mark.slow
def test_signed_in(shown: Gallery, page: Page) -> None:
    """axe-core finds nothing serious on the forms and panels for signed-in users."""
    tab = Tab(page, shown[0].url)
    tab.open()
    tab.fill_sign_in(ROBIN.email, ROBIN.password)
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    BrowserStorage(page).wait()
    hold(shown, page, signed_in=True)


def test_that_faults_are_found(page: Page) -> None:
    """axe-core reports a field without a label, so the tests above can fail."""
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input></main></html>")
    assert list(faults(page)) == ["label"]

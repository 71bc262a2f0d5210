from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.browser.browser_storage import BrowserStorage
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
"""Streamlit names the element that labels its toasts, and makes none."""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """A gallery of everything that a person sees."""
    with gallery(tmp_path_factory.mktemp("gallery")) as opened:
        yield opened


@pytest.fixture(params=cases(["light", "dark"], quick=[("light",)]))
def scheme(request: pytest.FixtureRequest) -> Literal["light", "dark"]:
    """The colours that the browser asks for."""
    scheme: Literal["light", "dark"] = request.param
    return scheme


@pytest.fixture
def page(engine: Browser, scheme: Literal["light", "dark"]) -> Iterator[Page]:
    """A page of a browser that has seen nothing yet."""
    context = engine.new_context(color_scheme=scheme)
    yield context.new_page()
    context.close()


def faults(page: Page) -> dict[str, str]:
    """Return what axe-core finds serious, with the first element each."""
    violations = Axe().run(page, NOT_OURS).response["violations"]
    return {
        found["id"]: found["nodes"][0]["html"] for found in violations if found["impact"] in GRAVE
    }


def hold(shown: Gallery, page: Page, *, signed_in: bool) -> None:
    """Hold that nothing serious is found on any subject, as it comes and pressed."""
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
    """On no form for who is signed out axe-core finds anything serious."""
    hold(shown, page, signed_in=False)


@pytest.mark.slow
def test_signed_in(shown: Gallery, page: Page) -> None:
    """On no form or panel for who is signed in axe-core finds anything serious."""
    tab = Tab(page, shown[0].url)
    tab.open()
    tab.fill_sign_in(ROBIN.email, ROBIN.password)
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    BrowserStorage(page).wait()
    hold(shown, page, signed_in=True)


def test_that_faults_are_found(page: Page) -> None:
    """A page with a field that has no name is told to have a fault."""
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input></main></html>")
    assert list(faults(page)) == ["label"]

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from tests.browser.tab import type_into
from tests.support.naughty import TEXTS
from tests.support.server import ROOT, AppServer

from streamlit_persistauth.ui.plain import one_line

pytestmark = pytest.mark.browser

MARKUP = "a, img, b, strong, em, del, code, pre, ul, ol, li, h1, blockquote, table, hr, .katex"
ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """An app that shows each of the texts."""
    return AppServer(ROOT / "tests" / "apps" / "naughty.py", tmp_path_factory.mktemp("app"), {})


@pytest.fixture
def page(app: AppServer, browser: BrowserContext) -> Page:
    """Its page, drawn."""
    page = browser.new_page()
    page.goto(app.url)
    expect(page.get_by_text("All shown")).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    return page


def shown(place: Locator) -> str:
    """Return what a person reads there."""
    return place.inner_text().translate(ISOLATES)


def test_text_is_text_wherever_markdown_is_read(page: Page) -> None:
    """Each naughty text is on the page as it was typed, in every widget that reads Markdown."""
    for number, text in enumerate(TEXTS):
        place = page.locator(f".st-key-text-{number}")
        items = place.get_by_test_id("stMarkdownContainer").all()
        assert [shown(item) for item in items] == [one_line(text)] * len(items), text
        between = page.locator(f".st-key-between-{number}").inner_text()
        assert between.translate(ISOLATES) == f"Before {one_line(text)}: after"
        assert [item.inner_html() for item in place.locator(MARKUP).all()] == [], text


def test_text_is_text_in_a_toast(page: Page) -> None:
    """So it is in a toast."""
    for number, text in enumerate(TEXTS):
        type_into(page.get_by_label("Toast"), str(number))
        page.get_by_label("Toast").press("Enter")
        toast = page.get_by_test_id("stToast").last
        expect(toast).to_contain_text(one_line(text))
        expect(toast.locator(MARKUP)).to_have_count(0)

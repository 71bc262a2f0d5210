import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.tab import type_into
from tests.support.naughty import TEXTS
from tests.support.server import ROOT, AppServer
from tests.support.shared_servers import SharedServers

from streamlit_persistauth.ui.plain_text import one_line

pytestmark = pytest.mark.browser

MARKUP = (
    "a, img, b, strong, em, del, code, pre, ul, ol, li, h1, blockquote, table, hr, .katex, "
    "[aria-label$=' icon'], .stMarkdownColoredText, .stMarkdownColoredBackground, "
    ".stMarkdownBadge, .stMarkdownShimmer"
)
READ = "[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]"
WIDGETS = 12
ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))


@pytest.fixture
def server(servers: SharedServers) -> AppServer:
    """An app that shows each of the texts."""
    return servers.find(ROOT / "tests" / "apps" / "naughty.py", {})


@pytest.fixture
def page(app: AppServer, browser: BrowserContext) -> Page:
    """Its page, drawn."""
    page = browser.new_page()
    page.goto(app.url)
    return page


def seen(page: Page, number: int) -> None:
    """Show one of the texts, and wait until it is drawn in full."""
    type_into(page.get_by_label("Number"), str(number))
    page.get_by_label("Number").press("Enter")
    expect(page.locator(f".st-key-last-{number}")).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def test_text_is_text_wherever_markdown_is_read(page: Page) -> None:
    """Each text is shown as it was typed, in every widget that reads Markdown."""
    for number, text in enumerate(TEXTS):
        seen(page, number)
        place = page.locator(f".st-key-text-{number}")
        expect(place.locator(READ)).to_have_count(WIDGETS)  # the former text's ones are gone
        shown = place.locator(READ).all_inner_texts()
        assert {item.translate(ISOLATES) for item in shown} == {one_line(text)}, text
        between = page.locator(f".st-key-between-{number}").inner_text()
        assert between.translate(ISOLATES) == f"Before {one_line(text)}: after"
        toast = page.get_by_test_id("stToast").last
        expect(toast.get_by_test_id("stMarkdownContainer").last).to_have_text(
            re.compile(f"^\u2068?{re.escape(one_line(text))}\u2069?$")
        )
        assert place.or_(toast).locator(MARKUP).all_inner_texts() == [], text

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.selection import cases
from tests.browser.tab import Tab
from tests.support.catalogue import TRANSLATIONS, read
from tests.support.gallery import EMAIL, PASSWORD, Subject, gallery, pressable
from tests.support.server import AppServer

from streamlit_persistauth.core.text.languages import translator_for

pytestmark = [pytest.mark.browser, pytest.mark.chromium]

Gallery = tuple[AppServer, dict[str, Subject]]
LOCALES = {
    "de": "de-AT",
    "es": "es-419",
    "fr": "fr-CA",
    "ja": "ja-JP",
    "pt": "pt-BR",
    "zh": "zh-CN",
}
SPOKEN = """() => [
  ...document.body.innerText.split('\\n'),
  ...Array.from(document.querySelectorAll('[aria-label], [placeholder], [title]'))
    .filter((item) => !item.closest('[data-testid="stElementToolbar"]'))
    .map((item) => ['aria-label', 'placeholder', 'title'].map((name) => item.getAttribute(name)))
    .flat(),
].filter(Boolean).map((text) => text.trim())"""
"""The texts that a user reads or a screen reader speaks.

Streamlit shows a toolbar of its own, in English, while the mouse is over a table.
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """A served gallery of every form and panel."""
    with gallery(tmp_path_factory.mktemp("gallery")) as opened:
        yield opened


@pytest.fixture(params=cases(TRANSLATIONS, quick=[("de",)]))
def language(request: pytest.FixtureRequest) -> str:
    """One of our languages."""
    return str(request.param)


@pytest.fixture
def page(engine: Browser, language: str) -> Iterator[Page]:
    """A page of a browser with this language."""
    context = engine.new_context(locale=LOCALES[language])
    yield context.new_page()
    context.close()


def english(language: str) -> re.Pattern[str]:
    """Return a pattern of the English texts that this language translates."""
    texts = [text for text, words in read(language).items() if text != words]
    patterns = [re.sub(r"\\{\w+\\}", ".{1,80}", re.escape(text)) for text in texts]
    return re.compile(
        "|".join(pattern for pattern in patterns if re.search(r"[A-Za-z]{2}", pattern))
    )


def test_no_english_is_left(shown: Gallery, page: Page, language: str) -> None:
    """Every form and panel, and its messages, are entirely in the browser's language."""
    server, subjects = shown
    server.database.execute("DELETE FROM auth_throttle")  # failed tries in other languages
    say = translator_for(language)
    tab = Tab(page, server.url)
    left: dict[str, list[str]] = {}

    def look(name: str) -> None:
        tab.expect_settled()
        spoken = page.evaluate(SPOKEN)
        assert spoken
        left[name] = [text for text in spoken if english(language).fullmatch(text)]

    for name, subject in sorted(subjects.items(), key=lambda item: item[1].signed_in):
        if subject.signed_in and not tab.jar.credential():
            tab.open()
            tab.type(say("Email"), EMAIL)
            tab.type(say("Password"), PASSWORD)
            tab.button(say("Sign in")).click()
            expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
            BrowserStorage(page).wait()
            page.reload()
            expect(page.get_by_text(say("Welcome back!"))).to_be_visible()
            look("welcomed back")
        page.goto(f"{server.url}?{subject.query}")
        button = pressable(page, say(subject.button))
        expect(button).to_be_visible()
        look(name)
        if not (subject.typed or subject.opens):
            continue
        before = page.locator("body").inner_text()
        for label, text in subject.typed.items():
            tab.type(say(label), text)
        button.click()
        if subject.opens:
            expect(page.locator("body")).not_to_have_text(before, use_inner_text=True)
        else:
            expect(page.get_by_role("alert").first).to_be_visible()
        look(f"{name}, pressed")
    assert {name: texts for name, texts in left.items() if texts} == {}


def test_that_english_would_be_found() -> None:
    """The pattern matches texts with and without values, and no data."""
    german = english("de")
    for text in ("Sign in", "3 days ago", "Too many attempts. Please try again in 3 seconds."):
        assert german.fullmatch(text)
    for text in ("Robin Rivers", "Anmelden", "robin@example.com", "vor 3 Tagen", "Nothing here"):
        assert not german.fullmatch(text)

"""The table in docs/explanation/caches.md says what browsers do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect
from tests.browser import watcher
from tests.browser.browser_storage import BrowserStorage
from tests.browser.conftest import launch_kept
from tests.browser.frames import Frames
from tests.browser.polling import until
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.nginx import Nginx
from tests.support.server import ROOT, AppServer

pytestmark = [pytest.mark.browser, pytest.mark.chromium, pytest.mark.slow]

PAGE = ROOT / "docs" / "explanation" / "caches.md"
MODES = {"plain": "plain", "st.App": "served"}


def read_table() -> dict[str, dict[str, str]]:
    """Return the rows of the page's first table, by their first cell."""
    text = PAGE.read_text(encoding="utf-8")
    lines = text[text.index("| cache |") :].partition("\n\n")[0].splitlines()
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


TABLE = read_table()
CASES = [
    (row, mode)
    for row in TABLE
    for name, mode in MODES.items()
    if name in row or not any(other in row for other in MODES)
]
"""Each row in the way to serve an app that it speaks of, or in both."""


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A row, and a way to serve the app."""
    row, mode = request.param
    return row, mode


@pytest.fixture
def mode(case: tuple[str, str]) -> str:
    """How the app is served."""
    return case[1]


@pytest.fixture
def cache(case: tuple[str, str]) -> str:
    """The cache of the row."""
    found = re.match(r"`(\w+)`", case[0])
    assert found
    return found[1]


@pytest.fixture
def settings(cache: str) -> dict[str, str]:
    """The app uses this cache."""
    return {"TEST_CACHES": cache}


@pytest.fixture
def proxy(app: AppServer, tmp_path: Path) -> Iterator[Nginx]:
    """A proxy in front of the app, which writes a log as proxies do."""
    proxy = Nginx(tmp_path / "nginx", app.port, tls=False)
    proxy.start()
    yield proxy
    proxy.stop()


@dataclass
class Observer:
    """Signs in, and observes what the session survives."""

    playwright: Playwright
    profile: Path
    url: str
    account: Account
    keeps: bool

    def __post_init__(self) -> None:
        """Start the browser."""
        self._start()

    def start_again(self) -> None:
        """End the browser, and start it with the same profile."""
        self.context.close()
        self._start()

    def sign_in(self) -> Tab:
        """Sign in unless that is done, and return the tab."""
        tab = self.tab
        if not self.is_in(tab):
            remember = True if self.keeps else None
            tab.fill_sign_in(self.account.email, self.account.password, remember=remember)
            tab.expect_dashboard_of(self.account)
        if self.keeps:
            BrowserStorage(tab.page).wait()
        tab.expect_settled()
        return tab

    def is_in(self, tab: Tab) -> bool:
        """Return whether a page that has just been opened shows the app or the login form."""
        heading = tab.page.get_by_role("heading", name="Dashboard").first
        expect(heading.or_(tab.button("Sign in"))).to_be_visible()
        return heading.is_visible()

    def after(self, tab: Tab) -> str:
        """Return whether the session stays or ends, in the words of the table."""
        return "stays" if self.is_in(tab) else "ends"

    def _start(self) -> None:
        self.context: BrowserContext = launch_kept(self.playwright, self.profile)
        watcher.watch(self.context)
        self.tab = Tab(self.context.pages[0], self.url)
        self.tab.open()


@pytest.fixture
def observer(
    playwright: Playwright, proxy: Nginx, ada: Account, cache: str, tmp_path: Path
) -> Iterator[Observer]:
    """Ada, with a browser whose profile survives a restart."""
    observer = Observer(playwright, tmp_path / "profile", proxy.url, ada, keeps=cache != "session")
    yield observer
    observer.context.close()


def test_row(observer: Observer, app: AppServer, case: tuple[str, str], tmp_path: Path) -> None:
    """The browser behaves as each cell of the table says."""
    seen = lasting(observer, app)
    seen |= readable(observer, app, tmp_path / "nginx" / "access.log")
    seen |= cost(observer)
    assert seen == TABLE[case[0]]


def lasting(observer: Observer, app: AppServer) -> dict[str, str]:
    """Observe what a session survives."""
    seen = {}
    tab = observer.sign_in()
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    seen["rerun"] = observer.after(tab)
    tab.reload()
    seen["F5"] = observer.after(tab)
    other = observer.sign_in().another()
    seen["new tab"] = observer.after(other)
    other.page.close()
    observer.sign_in()
    app.restart()
    tab.reload()
    seen["app restart"] = observer.after(tab)
    address = observer.sign_in().page.url
    observer.start_again()
    seen["browser restart"] = observer.after(observer.tab)
    if seen["browser restart"] == "ends":
        observer.tab.page.goto(address)
        if observer.is_in(observer.tab):
            seen["browser restart"] = "with its address"
    return seen


def readable(observer: Observer, app: AppServer, log: Path) -> dict[str, str]:
    """Observe who else can read what is stored. The proxy's log has addresses and referrers."""
    tab = observer.sign_in()
    kept = BrowserStorage(tab.page).everything()
    tab.reload()
    observer.is_in(tab)
    tab.expect_settled()
    is_url_token = "query_param" in kept
    if is_url_token:
        until(
            tab.page,
            lambda: BrowserStorage(tab.page).everything() != kept,
            "a new URL token is there",
        )
    what = "a URL token" if is_url_token else "the credential"
    script = tab.page.evaluate(
        "document.cookie + JSON.stringify([localStorage, sessionStorage]) + location.href"
    )
    now = BrowserStorage(tab.page).everything()
    assert not any(value in app.log for value in (kept | now).values())

    def shows(text: str, kept: dict[str, str]) -> str:
        return what if any(value in text for value in kept.values()) else "nothing"

    return {
        "a script in the page reads": shows(script, now),
        "the address has": shows(tab.page.url, now),
        "a server's log has": shows(log.read_text(encoding="utf-8"), kept),
    }


def cost(observer: Observer) -> dict[str, str]:
    """Observe how often the page runs at a refresh."""
    tab = observer.sign_in()
    frames = Frames(tab.page)
    tab.reload()
    if observer.is_in(tab):
        tab.button("Click me").click()
        expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    tab.expect_settled()
    more = frames.runs() - (2 if observer.keeps else 1)
    return {"a refresh costs": {0: "no extra run", 1: "one extra run"}[more]}

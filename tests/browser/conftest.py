"""Servers, accounts and browsers for the tests of this folder."""

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser import watcher
from tests.browser.recording import Recorder
from tests.browser.tab import Tab
from tests.support.account import ADA, BOB, Account
from tests.support.replicas import Replicas
from tests.support.server import ROOT, AppServer
from tests.support.shared_servers import SharedServers

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FIREFOX = Path("/usr/bin/firefox-esr")
PROGRAM = FIREFOX if os.environ.get("TEST_BROWSER") == "firefox" else CHROMIUM
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=30_000)  # on a busy machine a first run takes long


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print the server's log under a test that failed."""
    report = yield
    for served in map(item.funcargs.get, ("app", "replicas")):
        if report.failed and isinstance(served, AppServer | Replicas):
            report.sections.append(("server log", served.log))
    return report


# Not for the whole session: while Playwright runs, no test of another folder could use asyncio.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, running."""
    if not PROGRAM.exists():
        missing = f"{PROGRAM} is missing: apt-get install {PROGRAM.name}"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def engine(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests of this folder, or one Firefox."""
    if PROGRAM == FIREFOX:
        browser = playwright.firefox.launch(channel="moz-firefox", executable_path=FIREFOX)
    else:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


def launch_kept(playwright: Playwright, profile: Path) -> BrowserContext:
    """Start another Chromium, with its profile in a folder."""
    return playwright.chromium.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=FLAGS
    )


@pytest.fixture
def browser(engine: Browser) -> Iterator[BrowserContext]:
    """An empty browser context whose documents are watched."""
    context = engine.new_context()
    watcher.watch(context)
    yield context
    context.close()


@pytest.fixture(params=["plain", "served"])
def mode(request: pytest.FixtureRequest) -> str:
    """How the app is served: plain `streamlit run`, or `st.App` with HttpOnly cookies."""
    return cast("str", request.param)


@pytest.fixture
def settings() -> dict[str, str]:
    """Environment variables for the app; modules override this."""
    return {}


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServers]:
    """Servers that stay up: starting one takes longer than most tests."""
    servers = SharedServers(tmp_path_factory.mktemp("servers"))
    yield servers
    servers.close()


@pytest.fixture
def server(mode: str, settings: dict[str, str], servers: SharedServers) -> AppServer:
    """The test app on a server with an empty database, which may not be up yet."""
    return servers.find(ROOT / "tests" / "apps" / f"{mode}.py", settings)


@pytest.fixture
def ada(server: AppServer) -> Account:
    """A user of the app."""
    ADA.register(server.settings)
    return ADA


@pytest.fixture
def bob(server: AppServer) -> Account:
    """Another user of the app."""
    BOB.register(server.settings)
    return BOB


@pytest.fixture
def app(server: AppServer, request: pytest.FixtureRequest) -> Iterator[AppServer]:
    """The test app, serving; the accounts that a test requests exist before it starts."""
    for person in {"ada", "bob"}.intersection(request.fixturenames):
        request.getfixturevalue(person)
    server.start()
    yield server
    assert "Traceback" not in server.log
    assert ADA.password not in server.log


@pytest.fixture
def tab(app: AppServer, browser: BrowserContext) -> Tab:
    """A tab with the app open in it."""
    tab = Tab(browser.new_page(), app.url)
    tab.open()
    return tab


@pytest.fixture
def recorder(tab: Tab) -> Recorder:
    """The page of the tab, opened again and recorded."""
    recorder = Recorder(tab.page)
    tab.reload()
    tab.expect_settled()
    return recorder

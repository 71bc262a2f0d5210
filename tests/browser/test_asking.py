"""What a page shows until the browser has answered what its local storage holds."""

import json

import pytest
from playwright.sync_api import Browser, BrowserContext, WebSocketRoute, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.frames import Frames
from tests.browser.polling import until, wait_until_still
from tests.browser.selection import MODES, cases, plain_first
from tests.browser.tab import Tab
from tests.browser.watcher import views
from tests.support.account import Account

pytestmark = pytest.mark.browser

ANSWER = b"keepsItems"
NO_CHANNEL = "globalThis.BroadcastChannel = class { postMessage() {} };"


@pytest.fixture
def caches() -> str:
    """The caches of the app."""
    return "local_storage"


@pytest.fixture
def settings(caches: str) -> dict[str, str]:
    """The form is shown soon where there is no answer."""
    return {"TEST_CACHES": caches, "PERSISTAUTH_ANSWER_SECONDS": "1"}


class Delay:
    """Holds back the answer of a page."""

    def __init__(self, tab: Tab) -> None:
        """Hold back the answers of this tab, from its next document on."""
        self._held: list[tuple[WebSocketRoute, bytes | str]] = []
        tab.page.route_web_socket("**/stream", self._open)

    @property
    def holds(self) -> bool:
        """Whether the page has answered."""
        return bool(self._held)

    def end(self) -> None:
        """Pass the answer on."""
        for server, message in self._held:
            server.send(message)

    def _open(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda message: self._pass(server, message))

    def _pass(self, server: WebSocketRoute, message: bytes | str) -> None:
        if ANSWER in (message.encode() if isinstance(message, str) else message):
            self._held.append((server, message))
        else:
            server.send(message)


def put(tab: Tab, text: str) -> None:
    """Store a text where local storage keeps the credential."""
    tab.page.evaluate("text => localStorage.setItem('persistauth', text)", text)


@plain_first
def test_late_answer(tab: Tab, ada: Account) -> None:
    """A placeholder is shown first, then the form, and a late answer still signs in."""
    tab.sign_in(ada)
    delay = Delay(tab)
    tab.reload()
    tab.expect_login_page()
    assert views(tab.page) == ["placeholder", "form"]
    expect(tab.page.get_by_role("status", name="Signing in")).to_have_count(0)
    until(tab.page, lambda: delay.holds, "the page has answered")
    delay.end()
    tab.expect_dashboard_of(ada)
    tab.expect_settled()
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()


@pytest.mark.slow
def test_a_form_that_was_begun(tab: Tab, ada: Account, bob: Account) -> None:
    """A user who signs in before the answer arrives stays that user."""
    tab.sign_in(ada)
    delay = Delay(tab)
    tab.reload()
    tab.fill_sign_in(bob.email, bob.password)
    tab.expect_dashboard_of(bob)
    delay.end()
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    tab.expect_dashboard_of(bob)


@pytest.mark.slow
def test_signed_out_before_the_answer(tab: Tab, ada: Account, engine: Browser) -> None:
    """An answer that arrives after a log-out does not sign in again."""
    tab.sign_in(ada)
    with engine.new_context() as context:
        elsewhere = Tab(context.new_page(), tab.url)
        elsewhere.open()
        elsewhere.sign_in(ada)
        kept = json.dumps({"text": BrowserStorage(elsewhere.page).item, "until": 10**13})
    delay = Delay(tab)
    put(tab, kept)
    tab.reload()
    tab.fill_sign_in(ada.email, ada.password)
    tab.expect_dashboard_of(ada)
    until(tab.page, lambda: delay.holds, "the page has answered")
    tab.button("Log out").click()
    tab.expect_login_page()
    delay.end()
    tab.fill_sign_in(ada.email, "not hers")
    tab.expect_refusal()


RUNS = {
    "session": 1,
    "cookie": 1,
    "query_param": 1,
    "local_storage": 2,
    "cookie,local_storage": 1,
}
"""How often the script runs at a refresh, by the caches of the app."""
NONSENSE = [
    "",
    "eyJ",
    "null",
    "[]",
    '{"text": 5, "until": 10e13}',
    '{"text": {}, "until": 10e13}',
    '{"text": "\ud83d\udca5", "until": 10e13}',
    json.dumps({"text": "a" * 1_000_000, "until": 10**13}),
]


@pytest.mark.slow
@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("mode", ["plain"])
def test_nonsense_in_the_storage(tab: Tab) -> None:
    """Invalid content of local storage shows the form, however odd or long it is."""
    for text in NONSENSE:
        put(tab, text)
        tab.reload()
        tab.expect_login_page()


@pytest.mark.chromium
@pytest.mark.parametrize(("mode", "caches"), cases(MODES, RUNS, quick=[("plain", "local_storage")]))
def test_runs_of_a_refresh(tab: Tab, ada: Account, caches: str) -> None:
    """Only a page that has to wait for an answer runs once more, and no page runs in a loop."""
    frames = Frames(tab.page)
    tab.fill_sign_in(ada.email, ada.password, remember=None if caches == "session" else True)
    tab.expect_dashboard_of(ada)
    if caches != "session":
        BrowserStorage(tab.page).wait()
    for _ in range(2):
        before = frames.runs()
        tab.reload()
        if caches == "session":
            tab.expect_login_page()
        else:
            tab.expect_dashboard_of(ada)
        tab.expect_settled()
        # A click is handled after everything that the page sends by itself.
        if caches != "session":
            tab.button("Click me").click()
            expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
            before += 1
        assert frames.runs() - before == RUNS[caches]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["plain"])
def test_no_gap(tab: Tab, ada: Account) -> None:
    """The hidden element takes no space, and nothing moves when it appears and disappears."""
    tab.sign_in(ada)
    tab.reload()
    tab.expect_dashboard_of(ada)
    tab.expect_settled()
    wait_until_still(tab.page)
    title = tab.page.get_by_role("heading", name="Dashboard").first
    place = title.bounding_box()
    tab.page.evaluate(
        """() => {
            const hidden = document.querySelector('[class*="st-key-persistauth-hidden"]');
            if (!hidden) throw Error("nothing is hidden here");
            hidden.closest('[data-testid="stLayoutWrapper"]').style.setProperty(
                "position", "absolute", "important");
        }"""
    )
    assert title.bounding_box() == place


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["plain"])
def test_log_out_by_the_storage_event(tab: Tab, ada: Account, browser: BrowserContext) -> None:
    """Another tab learns of a log-out by the storage event, where there is no BroadcastChannel."""
    browser.add_init_script(NO_CHANNEL)
    tab.open()
    tab.sign_in(ada)
    other = tab.another()
    other.expect_dashboard_of(ada)
    other.expect_notified()
    tab.button("Log out").click()
    tab.expect_login_page()
    other.expect_login_page()

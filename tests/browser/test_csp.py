"""An app under a strict Content-Security-Policy: sent by the middleware, or by nginx."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.tab import Tab
from tests.support.account import ADA
from tests.support.gallery import EMAIL, PASSWORD, Subject, gallery, pressable
from tests.support.nginx import Nginx
from tests.support.server import ROOT, AppServer

pytestmark = pytest.mark.browser

NGINX = (ROOT / "docs" / "how-to" / "nginx.md").read_text(encoding="utf-8")
REPORT = """
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
    reportViolation(`${effectiveDirective} ${blockedURI}`));
"""
INJECTED = """
const script = document.createElement("script");
script.textContent = "window.injected = true";
document.head.append(script);
"""


@pytest.fixture
def settings(mode: str) -> dict[str, str]:
    """Under `st.App` the policy is a setting."""
    policy = {"PERSISTAUTH_CSP": "strict"} if mode == "served" else {}
    return {"PERSISTAUTH_REGISTRATION": "open", **policy}


@pytest.fixture
def url(app: AppServer, mode: str, tmp_path: Path) -> Iterator[str]:
    """The address of the app; a plain one is behind nginx, with the line of our documentation."""
    if mode == "served":
        yield app.url
        return
    lines = re.findall(r"^ *(add_header Content-Security-Policy .*)$", NGINX, re.MULTILINE)
    assert len(lines) == 1
    proxy = Nginx(tmp_path / "nginx", app.port, tls=False, extra=lines[0])
    proxy.start()
    yield proxy.url
    proxy.stop()


@pytest.fixture
def violations(browser: BrowserContext) -> list[str]:
    """What the policy has blocked in all pages of the browser."""
    blocked: list[str] = []

    def report(violation: str) -> None:  # Playwright takes no built-in method
        blocked.append(violation)

    browser.expose_function("reportViolation", report)
    browser.add_init_script(REPORT)
    return blocked


@pytest.mark.usefixtures("bob")  # because the first account needs a set-up code behind nginx
def test_journey(url: str, browser: BrowserContext, violations: list[str]) -> None:
    """A user registers, stays signed in and signs out; only an injected script is blocked."""
    tab = Tab(browser.new_page(), url)
    tab.open()
    tab.register(ADA)
    tab.expect_dashboard_of(ADA)
    tab.reload()
    tab.expect_dashboard_of(ADA)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.sign_in(ADA)
    tab.reload()
    tab.expect_dashboard_of(ADA)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.reload()
    tab.expect_login_page()
    assert violations == []
    tab.page.evaluate(INJECTED)
    assert tab.page.evaluate("window.injected") is None
    assert violations == ["script-src-elem inline"]


@pytest.mark.slow
def test_every_form_and_panel(
    browser: BrowserContext, violations: list[str], tmp_path: Path
) -> None:
    """No form or panel, opened or submitted, breaks the strict policy."""
    with gallery(tmp_path, PERSISTAUTH_CSP="strict") as (server, subjects):
        tab = Tab(browser.new_page(), server.url)
        show(tab, [each for each in subjects.values() if not each.signed_in])
        tab.open()
        tab.fill_sign_in(EMAIL, PASSWORD)
        expect(tab.page.get_by_role("heading", name="Nothing here")).to_be_visible()
        tab.jar.stored()
        show(tab, [each for each in subjects.values() if each.signed_in])
    assert violations == []


def show(tab: Tab, subjects: list[Subject]) -> None:
    """Open each form or panel, fill it in and press its button."""
    for subject in subjects:
        tab.page.goto(f"{tab.url}?{subject.query}")
        button = pressable(tab.page, subject.button)
        expect(button).to_be_visible()
        tab.expect_settled()
        for label, text in subject.typed.items():
            tab.type(label, text)
        if subject.typed or subject.opens:  # the others would sign this browser out
            button.click()
            tab.expect_settled()

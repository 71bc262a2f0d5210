"""Two replicas behind nginx, in turn, with one database, and with Redis."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.selection import cases
from tests.browser.tab import Tab
from tests.browser.watcher import login_form_was_drawn
from tests.support.account import ADA
from tests.support.replicas import RECONNECT_SECONDS, Replicas
from tests.support.setup_code import logged_codes

pytestmark = pytest.mark.browser

DRAWN_BY = re.compile(r"^Drawn by (\S+), process (\d+)$")
MANY = 20
"""More reloads than one of two replicas serves in a row by chance."""


@pytest.fixture
def tab(replicas: Replicas, browser: BrowserContext) -> Tab:
    """A tab with the app open in it."""
    tab = Tab(browser.new_page(), replicas.url)
    tab.open()
    return tab


def drawn_by(tab: Tab) -> tuple[str, str]:
    """Return the name and the process of the replica that drew the dashboard."""
    tab.expect_dashboard_of(ADA)
    tab.expect_settled()
    found = DRAWN_BY.match(tab.page.get_by_text(DRAWN_BY).inner_text())
    assert found is not None
    return found[1], found[2]


def register(tab: Tab, replicas: Replicas) -> None:
    """Create the first account with the code that a replica has logged."""
    tab.open_register()
    tab.type("Set-up code", logged_codes(replicas.log)[0])
    tab.fill_register(ADA, ADA.password)


def take_a_turn(tab: Tab) -> None:
    """Send one more request, so that the other replica is next."""
    tab.page.request.get(f"{tab.url}_stcore/health")


def reload_until_elsewhere(tab: Tab) -> None:
    """Press F5 until the other replica draws the page."""
    here, _ = drawn_by(tab)
    for _ in range(MANY):
        take_a_turn(tab)
        tab.reload()
        expect_resumed(tab)
        if drawn_by(tab)[0] != here:
            return
    raise AssertionError("every page is drawn by the same replica")


def kill(replicas: Replicas, name: str, tab: Tab) -> None:
    """Kill a replica that has a page open in a tab, and wait until the tab is connected again."""
    expect_connected(tab)
    with tab.page.expect_websocket(timeout=RECONNECT_SECONDS * 1000):
        replicas.kill(name)
    expect_connected(tab)


def expect_connected(tab: Tab) -> None:
    """Wait until the page has a connection."""
    page = tab.page.get_by_test_id("stApp")
    expect(page).to_have_attribute("data-test-connection-state", "CONNECTED")


def expect_resumed(tab: Tab) -> None:
    """The dashboard came with no login form before it."""
    drawn_by(tab)
    assert not login_form_was_drawn(tab.page)


@pytest.mark.parametrize(
    "replicas",
    cases(
        ["postgresql", "postgresql and redis"],
        quick=[("postgresql and redis",)],
    ),
    indirect=True,
)
def test_five_journeys(tab: Tab, replicas: Replicas) -> None:
    """A user registers, signs in, reloads on both replicas, survives a restart, and logs out."""
    register(tab, replicas)
    tab.expect_dashboard_of(ADA)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.sign_in(ADA)
    assert tab.jar.stored()["httpOnly"]
    for _ in range(2):
        reload_until_elsewhere(tab)
    replicas.restart()
    for _ in range(2):
        reload_until_elsewhere(tab)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    for _ in range(2):
        take_a_turn(tab)
        tab.reload()
        tab.expect_login_page()


@pytest.mark.slow
def test_signed_out_on_the_other(tab: Tab, replicas: Replicas) -> None:
    """A log-out on one replica signs out on the other, without a click or reload."""
    register(tab, replicas)
    copy = tab.jar.stored()
    other = tab.another()
    reload_until_elsewhere(other)
    if drawn_by(other)[0] == drawn_by(tab)[0]:
        reload_until_elsewhere(other)
    tab.button("Log out").click()
    tab.expect_login_page()
    other.expect_login_page()
    for _ in range(2):
        take_a_turn(other)
        other.come_back_with(copy)
        other.expect_login_page()


@pytest.mark.slow
def test_killed_replica(tab: Tab, replicas: Replicas) -> None:
    """Pages of a killed replica reconnect by themselves, and go on at the other one."""
    register(tab, replicas)
    tab.jar.stored()
    drawn_by(tab)
    reloaded = tab.another()
    name, process = drawn_by(reloaded)
    kill(replicas, name, reloaded)
    expect(reloaded.page.get_by_role("dialog")).to_have_count(0)  # "Connection error"
    expect_resumed(reloaded)
    for each in (reloaded, tab):
        expect_connected(each)
        each.button("Draw again").click()
        expect(each.page.get_by_text(f"process {process}")).to_have_count(0)
        drawn_by(each)
    assert not login_form_was_drawn(reloaded.page)


@pytest.mark.slow
def test_not_remembered(tab: Tab, replicas: Replicas) -> None:
    """A session that is not remembered ends with its replica."""
    register(tab, replicas)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.sign_in(ADA, remember=False)
    name, _ = drawn_by(tab)
    kill(replicas, name, tab)
    tab.button("Draw again").click()
    tab.expect_login_page()

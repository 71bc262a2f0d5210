"""Measure how soon an idle page shows the sign-in form after its sign-in was deleted by SQL.

Two servers share one database; each has one idle page of the same browser open, under `st.App`.
The time is from the commit of the DELETE until the page shows the form and no protected content.

Run it on a quiet machine: `python benchmarks/revocation.py`.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import FLAGS  # noqa: E402 - needs the path
from tests.browser.tab import Tab  # noqa: E402
from tests.support.account import ADA  # noqa: E402
from tests.support.server import AppServer  # noqa: E402

WATCHER = """() => {
    window.turned = null
    const look = () => {
        const gone = !document.body.innerText.includes("Dashboard")
        const form = document.querySelector('input[type="password"]')
        if (gone && form) window.turned = Date.now()
        else requestAnimationFrame(look)
    }
    look()
}"""


def main() -> None:
    """Delete the sign-ins repeatedly, and print how long the pages took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with ExitStack() as stack:
        here, there = servers(stack)
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        stack.callback(browser.close)
        tabs = {
            server.url: Tab(browser.new_context().new_page(), server.url)
            for server in (here, there)
        }
        for tab in tabs.values():
            tab.open()
        samples = [one_round(here, list(tabs.values())) for _ in range(rounds)]
    print("| page of | median, s | longest, s |\n|---|---:|---:|")
    for name, seconds in zip(
        ("one server", "another server"), zip(*samples, strict=True), strict=True
    ):
        print(f"| {name} | {median(seconds):.2f} | {max(seconds):.2f} |")


def servers(stack: ExitStack) -> tuple[AppServer, AppServer]:
    """Start two servers with one database."""
    app = ROOT / "tests" / "apps" / "served.py"
    folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
    here = AppServer(app, folders[0], {})
    there = AppServer(app, folders[1], here.settings)
    ADA.register(here.settings)
    for server in (here, there):
        stack.callback(server.stop)
        server.start()
    return here, there


def one_round(server: AppServer, tabs: list[Tab]) -> list[float]:
    """Sign in on every page, delete the sign-ins, and return after how long each had turned."""
    for tab in tabs:
        tab.sign_in(ADA)
        tab.page.evaluate(WATCHER)
    server.database.execute("DELETE FROM auth_tokens")
    deleted = time.time()
    return [when_turned(tab.page) - deleted for tab in tabs]


def when_turned(page: Page) -> float:
    """Wait until a page has turned; return when that was."""
    page.wait_for_function("window.turned !== null")
    return float(page.evaluate("window.turned")) / 1000


if __name__ == "__main__":
    main()

"""Take screenshots of every form and panel, and of the demo, in a browser.

All of them go to `.screenshots`, to be looked at one by one. Those that the docs show are cropped
to their content and go to `docs/images`, with the overview that README shows.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from demo_server import running_demo
from pictures import crop, lay_out
from playwright.sync_api import Browser, Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.gallery import EMAIL, PASSWORD, TURNED, Subject, gallery, pressable  # noqa: E402

ALL: Final = ROOT / ".screenshots"
SHOWN: Final = ROOT / "docs" / "images"
SETTLES: Final = 600
"""Milliseconds until animations have finished."""
IN_DOCS: Final = (
    "register-filled-light",
    "devices-phone",
    "menu-open-light",
    "admin_users-light",
    "admin_charts-open-dark",
    "arabic-light",
)
OVERVIEW: Final = (("login-light", "menu-open-light"), ("admin_users-light",))
"""The pictures of the overview, by columns."""
NO_TOOLBAR: Final = "[data-testid=stToolbar] {display: none}"
"""Hides Streamlit's own menu, which only the developer of an app sees like this."""
CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 780}, "color_scheme": "light"},
}


def main() -> None:
    """Take every picture in every look."""
    shutil.rmtree(ALL, ignore_errors=True)
    ALL.mkdir()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take_gallery(browser, Path(folder))
        take_demo(browser, Path(folder))
        browser.close()
    for name in IN_DOCS:
        crop(ALL / f"{name}.png").save(SHOWN / f"{name}.png", optimize=True)
    columns = [[crop(ALL / f"{name}.png") for name in column] for column in OVERVIEW]
    lay_out(columns).save(SHOWN / "overview.png", optimize=True)


def take_gallery(browser: Browser, folder: Path) -> None:
    """Take each form and panel: as it comes, filled in, and refused."""
    with gallery(folder) as (server, subjects):
        for look in LOOKS:
            with opened(browser, look) as page:
                for signed_in in (False, True):
                    if signed_in:
                        page.goto(server.url)
                        sign_in(page, EMAIL, PASSWORD)
                        page.get_by_text("Nothing here").wait_for()
                    for name, subject in {**subjects, **TURNED}.items():
                        if subject.signed_in == signed_in:
                            page.goto(f"{server.url}?{subject.query}")
                            put_away_toast(page, there=signed_in)
                            take(page, subject, name, look)


def put_away_toast(page: Page, *, there: bool) -> None:
    """Close the greeting, which covers a part of the page."""
    if there:
        toast = page.get_by_test_id("stToast")
        toast.get_by_role("button").click()
        toast.wait_for(state="detached")


def take(page: Page, subject: Subject, name: str, look: str) -> None:
    """Take one subject in one look."""
    button = pressable(page, subject.button)
    button.wait_for()
    shoot(page, f"{name}-{look}")
    if subject.opens:
        button.click()
        shoot(page, f"{name}-open-{look}")
    if not subject.typed:
        return
    for label, text in subject.typed.items():
        page.get_by_label(label, exact=True).fill(text)
    shoot(page, f"{name}-filled-{look}")
    button.click()
    page.get_by_role("alert").first.wait_for()
    shoot(page, f"{name}-error-{look}")


def take_demo(browser: Browser, folder: Path) -> None:
    """Take the example's first page."""
    with running_demo(Path(sys.executable).parent, folder) as demo:
        for look in LOOKS:
            with opened(browser, look) as page:
                page.goto(demo.url)
                sign_in(page, demo.email, demo.password)
                page.get_by_role("heading", name="Overview", level=1).wait_for()
                page.locator("canvas, svg.marks").first.wait_for()
                shoot(page, f"dashboard-{look}")


@contextmanager
def opened(browser: Browser, look: str) -> Iterator[Page]:
    """Open a page in a new browser context."""
    context = browser.new_context(**LOOKS[look])
    yield context.new_page()
    context.close()


def sign_in(page: Page, email: str, password: str) -> None:
    """Fill in the sign-in form and send it."""
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def shoot(page: Page, name: str) -> None:
    """Take a picture when the page has settled."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLES)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
    page.screenshot(path=ALL / f"{name}.png", animations="disabled", style=NO_TOOLBAR)


if __name__ == "__main__":
    main()

"""Take the pictures of README and docs: the demo, in a real browser."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Literal

from demo_server import Demo, running_demo
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    """Take every picture, in light and dark, and on a phone."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(sys.executable).parent, Path(folder)) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take(browser, demo, "light", (1280, 800))
        take(browser, demo, "dark", (1280, 800))
        take(browser, demo, "phone", (390, 780))
        browser.close()


def take(browser: Browser, demo: Demo, name: str, size: tuple[int, int]) -> None:
    """Sign in and take the login form, its error, and the dashboard."""
    scheme: Literal["dark", "light"] = "dark" if name == "dark" else "light"
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    page = context.new_page()
    page.goto(demo.url)
    page.get_by_role("button", name="Sign in").wait_for()
    shoot(page, f"login-{name}")
    page.get_by_label("Email").fill(demo.email)
    page.get_by_label("Password", exact=True).fill("a wrong one")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Invalid email or password.").wait_for()
    shoot(page, f"login-error-{name}")
    page.get_by_label("Password", exact=True).fill(demo.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview", level=1).wait_for()
    page.locator("canvas, svg.marks").first.wait_for()
    shoot(page, f"dashboard-{name}")
    context.close()


def shoot(page: Page, name: str) -> None:
    """Take a picture once the page has come to rest."""
    page.wait_for_load_state("networkidle")
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()

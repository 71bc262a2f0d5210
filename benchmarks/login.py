"""Measure a sign-in, from the click on the button to the protected content.

The floor is measured in the same rounds: one bcrypt verification (cost 12, in this process), plus
the same click on a page without authentication that shows the same content.

Each variant has a server of its own, all up at once. In every round each signs in once, in a
shuffled order that is the same in every run. Then its browser context is closed. The time is
taken inside the page, from the click's event to the first moment the content is in the DOM. A
ratio is the median over the rounds of the variant's time divided by the floor of the same round.
The first round warms up.

For the plain variants the time until the browser keeps the credential is measured too: a page that
is reloaded earlier shows the form again.

Run it on a quiet machine: `python benchmarks/login.py`.
"""

import argparse
import os
import random
import secrets
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from statistics import median
from sys import executable

import bcrypt
from playwright.sync_api import Browser, Page, sync_playwright
from refresh import EMAIL, FLAGS, NAME, PASSWORD, chromium
from server import serving

from streamlit_persistauth import Authenticator

BAR = 1.15
SEED = 0
WATCHER = """
window.seen = { click: null, content: null };
addEventListener("click", () => { window.seen.click ??= performance.now(); }, true);
new MutationObserver(() => {
  const box = document.querySelector(".st-key-protected");
  if (window.seen.content === null && box?.textContent.includes("Protected content"))
    window.seen.content = performance.now();
}).observe(document, { childList: true, subtree: true, characterData: true });
"""
KEPT = """() => {
  const places = [document.cookie, Object.keys(localStorage).join(), location.search];
  return places.some((text) => /\\bpersistauth\\b/.test(text)) && performance.now();
}"""
AT_REST = """document.querySelector('[data-test-script-state="notRunning"]') !== null"""


@dataclass
class Variant:
    """A page that shows the content after a click on a button."""

    name: str
    app: str
    cache: str = ""
    milliseconds: list[float] = field(default_factory=list)
    until_kept: list[float] = field(default_factory=list)

    def measure(self, browser: Browser, url: str) -> tuple[float, float]:
        """Open the page in a new browser context, and click.

        Returns:
            The milliseconds until the content is there, and until the credential is kept, which is
            NaN where no script can see it.
        """
        context = browser.new_context()
        context.add_init_script(WATCHER)
        page = context.new_page()
        page.goto(url)
        if self.cache:
            page.get_by_label("Email", exact=True).fill(EMAIL)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
        button = page.get_by_role("button", name="Sign in" if self.cache else "Show", exact=True)
        button.wait_for()
        _rest(page)
        page.evaluate("window.seen.click = null")
        button.click()
        page.wait_for_function("window.seen.content !== null")
        is_seen = self.cache and self.app == "plain.py"
        kept = page.wait_for_function(KEPT, polling=5).json_value() if is_seen else nan
        _rest(page)
        seen = page.evaluate("window.seen")
        context.close()
        return float(seen["content"] - seen["click"]), float(kept - seen["click"])


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="timed sign-ins of each (15)")
    rounds = parser.parse_args().rounds
    variants = [
        Variant("bare", "bare_rerun.py"),
        Variant("cookie, streamlit run", "plain.py", "cookie"),
        Variant("cookie, st.App", "served.py", "cookie"),
        Variant("cookies_controller, streamlit run", "plain.py", "cookies_controller"),
        Variant("local_storage, streamlit run", "plain.py", "local_storage"),
        Variant("query_param, streamlit run", "plain.py", "query_param"),
    ]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ["PERSISTAUTH_DATABASE_URL"] = f"sqlite:///{folder}/auth.db"
        os.environ["JWT_SECRET_KEY"] = secrets.token_urlsafe(48)
        Authenticator().register(EMAIL, PASSWORD, full_name=NAME)
        hashing = _measure(variants, folder, rounds)
    _print(variants, hashing)


def _measure(variants: list[Variant], folder: Path, rounds: int) -> list[float]:
    """Sign in to each variant in each round; return the time of one bcrypt in each round."""
    hashed, hashing = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)), []
    order = random.Random(SEED)  # noqa: S311 - an order, no secret
    with ExitStack() as stack:
        urls = {
            variant.name: stack.enter_context(
                serving(
                    variant.app,
                    python=executable,
                    folder=folder,
                    more={"BENCH_CACHE": variant.cache},
                )
            ).url
            for variant in variants
        }
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=chromium(), args=FLAGS
        )
        stack.callback(browser.close)
        for number in range(rounds + 1):
            started = time.perf_counter()
            bcrypt.checkpw(PASSWORD.encode(), hashed)
            verification = (time.perf_counter() - started) * 1000
            for variant in order.sample(variants, len(variants)):
                taken, until_kept = variant.measure(browser, urls[variant.name])
                if number:
                    variant.milliseconds.append(taken)
                    variant.until_kept.append(until_kept)
            if number:
                hashing.append(verification)
    return hashing


def _rest(page: Page) -> None:
    page.wait_for_function(AT_REST)
    page.wait_for_load_state("networkidle")


def _print(variants: list[Variant], hashing: list[float]) -> None:
    """Print the table as Markdown."""
    bare = variants[0].milliseconds
    floors = [rerun + verification for rerun, verification in zip(bare, hashing, strict=True)]
    print(f"One bcrypt verification: {median(hashing):.0f} ms; a bare rerun: {median(bare):.0f} ms")
    print("\n| variant | median, ms | ratio to the floor | kept after, ms |\n|---|---:|---:|---:|")
    for variant in variants[1:]:
        ratio = median(a / b for a, b in zip(variant.milliseconds, floors, strict=True))
        kept = f"{median(variant.until_kept):.0f}" if variant.app == "plain.py" else ""
        print(f"| {variant.name} | {median(variant.milliseconds):.0f} | {ratio:.3f} | {kept} |")
    print(f"\nMedian of {len(hashing)} rounds; the bar is {BAR} times the floor.")


if __name__ == "__main__":
    main()

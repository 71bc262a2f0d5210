"""How long a refresh takes, from the start of the navigation to the protected content.

The same page is served in five ways, each by a server of its own, all up at once:

- bare: without authentication; the floor;
- bare, again: the same once more, which shows the noise of this machine;
- plain: behind streamlit-persistauth in a plain `streamlit run`;
- served: behind streamlit-persistauth, served by st.App with HttpOnly cookies;
- peer: behind streamlit-authenticator 0.4.2, in an environment of its own.

Each is signed in once. Then, in every round, each is reloaded once, in a shuffled order. The time
is taken in the page: from `performance.timeOrigin` to the first moment the content is in the DOM.
Ratios are medians over the rounds of each round's own ratio to bare. A watcher that runs from the
start of the document counts the reloads in which a password field was ever drawn.

Run it: `make bench`, or `python benchmarks/refresh.py --rounds 25 --json figures.json`.
"""

import argparse
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import timeit
import venv
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import bcrypt
from playwright.sync_api import Browser, Page, sync_playwright
from server import serving

from streamlit_persistauth import Authenticator

EMAIL, NAME = "ada@example.com", "Ada Lovelace"
PASSWORD = secrets.token_urlsafe(16)
PEER = "streamlit-authenticator==0.4.2"
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
WATCHER = """
window.seen = { content: null, form: false };
new MutationObserver(() => {
  const here = document.documentElement.textContent.includes("Protected content");
  if (here && window.seen.content === null) window.seen.content = performance.now();
  if (document.querySelector("input[type=password]")) window.seen.form = true;
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


@dataclass
class Variant:
    """One way to serve the page, and what was measured of it."""

    name: str
    app: str
    sign_in: Callable[[Page], None] | None = None
    python: str = sys.executable
    milliseconds: list[float] = field(default_factory=list)
    flashes: int = 0
    page: Page | None = None

    def refresh(self, *, keep: bool) -> None:
        """Reload the page once and take the time to its content."""
        assert self.page is not None  # noqa: S101 - prepared before
        self.page.reload(wait_until="commit")
        self.page.wait_for_function("window.seen && window.seen.content !== null")
        seen = self.page.evaluate("window.seen")
        self.page.get_by_text("Protected content").wait_for()
        if keep:
            self.milliseconds.append(seen["content"])
            self.flashes += seen["form"]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peer-venv", type=Path, default=Path(".venv-bench"))
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    variants = [
        Variant("bare", "bare.py"),
        Variant("bare, again", "bare.py"),
        Variant("plain", "plain.py", sign_in_ours),
        Variant("served", "served.py", sign_in_ours),
    ]
    if not options.no_peer:
        python = peer_python(options.peer_venv)
        variants.append(Variant("peer", "peer.py", sign_in_peer, python))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        environment = prepare_accounts(folder)
        for variant in variants:
            url = stack.enter_context(
                serving(variant.app, python=variant.python, environment=environment, folder=folder)
            )
            variant.page = open_page(browser, url, variant.sign_in)
        measure(variants, options.rounds)
        browser.close()
    report(variants, rebuild_milliseconds(), options.json)


def measure(variants: list[Variant], rounds: int) -> None:
    """Reload every variant once a round, in shuffled order; the first round only warms up."""
    order = random.Random(0)  # noqa: S311 - an order, no secret
    for number in range(rounds + 1):
        for variant in order.sample(variants, len(variants)):
            variant.refresh(keep=number > 0)


def report(variants: list[Variant], rebuild: float, target: Path | None) -> None:
    """Print the table, and write the figures where asked."""
    floor = variants[0].milliseconds
    rows = [
        {
            "variant": variant.name,
            "median_ms": round(median(variant.milliseconds), 1),
            "ratio": round(
                median(ours / bare for ours, bare in zip(variant.milliseconds, floor, strict=True)),
                3,
            ),
            "flashes": variant.flashes,
            "rounds": len(variant.milliseconds),
        }
        for variant in variants
    ]
    print("| variant | median ms | ratio to bare | reloads that drew a login form |")
    print("|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['variant']} | {row['median_ms']} | {row['ratio']} "
            f"| {row['flashes']} of {row['rounds']} |"
        )
    print(f"\nBuilding an Authenticator again: {rebuild:.4f} ms")
    if target:
        figures = {"refresh": rows, "rebuild_ms": rebuild}
        target.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def rebuild_milliseconds() -> float:
    """Return the median time to build an Authenticator a second time."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/auth.db"
        Authenticator(url)
        times = timeit.repeat(lambda: Authenticator(url), number=100, repeat=50)
    return median(times) / 100 * 1000


def prepare_accounts(folder: Path) -> dict[str, str]:
    """Make the account everywhere; return the environment that leads to it."""
    environment = {
        "PERSISTAUTH_DATABASE_URL": f"sqlite:///{folder}/auth.db",
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "PEER_PASSWORD_HASH": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)).decode(),
    }
    os.environ["JWT_SECRET_KEY"] = environment["JWT_SECRET_KEY"]
    url = environment["PERSISTAUTH_DATABASE_URL"]
    Authenticator(url).register(EMAIL, PASSWORD, full_name=NAME)
    return environment


def open_page(browser: Browser, url: str, sign_in: Callable[[Page], None] | None) -> Page:
    """Open a page in a browser of its own, and sign in where that is asked for."""
    context = browser.new_context()
    context.add_init_script(WATCHER)
    page = context.new_page()
    page.goto(url)
    if sign_in:
        sign_in(page)
        page.get_by_text("Protected content").wait_for()
        before = {"persistauth", "peer"}
        while not any(cookie.get("name") in before for cookie in context.cookies()):
            page.wait_for_timeout(100)
    page.get_by_text("Protected content").wait_for()
    return page


def sign_in_ours(page: Page) -> None:
    """Fill our form."""
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_in_peer(page: Page) -> None:
    """Fill the peer's form."""
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Login").click()


def peer_python(path: Path) -> str:
    """Return the interpreter of the peer's environment, which is made if it is not there."""
    python = path.resolve() / "bin" / "python"
    if not python.exists():
        import streamlit

        venv.create(path, with_pip=True)
        packages = [f"streamlit=={streamlit.__version__}", PEER]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return str(python)


if __name__ == "__main__":
    main()

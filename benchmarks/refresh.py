"""Measure a refresh, from the start of the navigation to the protected content.

The same page is served in several ways, each by a server of its own, all up at once:

- bare: without authentication; the floor;
- bare, again: a second time; its distance from 1.0 is the noise of the machine;
- persistauth, streamlit run: behind this library, as a plain app;
- persistauth, st.App: behind this library, with HttpOnly cookies;
- the same two with each other cache (`cookies_controller` as a plain app only: under `st.App` it is
  the same as `cookie`);
- streamlit-authenticator 0.4.2: behind that library, with its defaults, in an environment of its
  own that has the same Streamlit.

Each has a browser context of its own and is signed in once, through its form. Then, in every
round, each is reloaded once, in a shuffled order that is the same in every run (the seed is
fixed). The next reload begins 0.6 s after the one before has come to rest, because a plain app
postpones a collection of garbage, which would fall into the next server's time. The first round
warms up and is not in the times.

The time is taken inside the page, by a script that runs before any other: from
`performance.timeOrigin`, the start of the navigation, to the first moment the content is in the
DOM. A ratio is the median, over the rounds, of the variant's time divided by the bare page's time
in the same round. The same script notes whether a password field was ever drawn, from the start of
the document until it is at rest; that is counted over every reload, and over 20 at least (more
reloads, outside the times, follow where there were fewer).

Below the table: the median time to build `Authenticator()` once more, in this process, with the
arguments and the environment of the first.

Run it on a quiet machine: `make bench`, or `python benchmarks/refresh.py --json figures.json`.
"""

import argparse
import gc
import json
import os
import platform
import random
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from sys import executable

import bcrypt
import peer_environment
from playwright.sync_api import sync_playwright
from server import serving
from tab import Refresh, SignIn, Tab

from streamlit_persistauth import Authenticator

EMAIL, NAME = "ada@example.com", "Ada Lovelace"
PASSWORD = secrets.token_urlsafe(16)
OURS = SignIn((("Email", EMAIL), ("Password", PASSWORD)), "Sign in", "persistauth")
PEERS = SignIn((("Username", "ada"), ("Password", PASSWORD)), "Login", "peer")
PEER_VENV = Path(__file__).resolve().parents[1] / ".venv-bench"
LEAST_WATCHED = 20
REBUILDS = 5000
SEED = 0
PAUSE_SECONDS = 0.6
RATIO_BARS = {
    "cookie": 1.05,
    "cookies_controller": 1.05,
    "query_param": 1.10,
    "local_storage": 1.50,
}
SAME_AS_COOKIE = ("cookies_controller", "st.App")
REBUILD_BAR_MS = 0.2
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Variant:
    """One way to serve the page."""

    name: str
    app: str
    sign_in: SignIn | None = None
    python: str = executable
    cache: str = "cookie"


@dataclass
class Record:
    """The refreshes of one variant.

    Attributes:
        milliseconds: One time per round, in the order of the rounds.
        watched: Reloads in which a login form was looked for.
        forms: Reloads in which one was drawn.
    """

    milliseconds: list[float] = field(default_factory=list)
    watched: int = 0
    forms: int = 0

    def add(self, refresh: Refresh, *, timed: bool) -> None:
        """Add the figures of a refresh."""
        self.watched += 1
        self.forms += refresh.form
        if timed:
            self.milliseconds.append(refresh.milliseconds)


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    variant: str
    median_ms: float
    ratio_to_bare: float
    forms: int
    watched: int
    milliseconds: list[float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the table."""
    options = _options(arguments)
    variants = _variants(None if options.no_peer else options.peer_venv)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ.update(_settings(folder))
        Authenticator().register(EMAIL, PASSWORD, full_name=NAME)
        rows = _rows(_measure_all(variants, folder, options.rounds))
        rebuild = _rebuild_milliseconds()
    print(_table(rows, rebuild))
    if options.json:
        options.json.write_text(_figures(rows, rebuild, options.rounds), encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=_positive, default=25, help="timed reloads of each (25)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--peer-venv",
        type=Path,
        default=PEER_VENV,
        metavar="FOLDER",
        help="environment of streamlit-authenticator, made if missing (.venv-bench)",
    )
    parser.add_argument("--no-peer", action="store_true", help="leave streamlit-authenticator out")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _variants(peer_venv: Path | None) -> list[Variant]:
    variants = [
        Variant("bare", "bare.py"),
        Variant("bare, again", "bare.py"),
        *(
            Variant(f"persistauth, {cache}, {served}", app, OURS, cache=cache)
            for cache in RATIO_BARS
            for served, app in (("streamlit run", "plain.py"), ("st.App", "served.py"))
            if (cache, served) != SAME_AS_COOKIE
        ),
    ]
    if peer_venv:
        peer = peer_environment.NAME, peer_environment.VERSION
        wanted = {"streamlit": version("streamlit"), peer[0]: peer[1]}
        python = peer_environment.peer_python(peer_venv, wanted)
        name = " ".join(peer)
        variants.append(Variant(name, "peer.py", PEERS, python))
    return variants


def _settings(folder: Path) -> dict[str, str]:
    """Return the environment of every server, and of this process."""
    return {
        "PERSISTAUTH_DATABASE_URL": f"sqlite:///{folder}/auth.db",
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "PEER_COOKIE_KEY": secrets.token_urlsafe(48),
        "PEER_PASSWORD_HASH": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt()).decode(),
    }


def _measure_all(
    variants: Sequence[Variant], folder: Path, rounds: int
) -> list[tuple[Variant, Record]]:
    """Start all variants, sign in to each, and measure.

    The browser closes before the servers stop, which would wait for its connections.
    """
    with ExitStack() as stack:
        urls = [
            stack.enter_context(
                serving(
                    variant.app,
                    python=variant.python,
                    folder=folder,
                    more={"BENCH_CACHE": variant.cache},
                )
            ).url
            for variant in variants
        ]
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        stack.callback(browser.close)
        tabs = [
            Tab(browser, url, variant.sign_in) for url, variant in zip(urls, variants, strict=True)
        ]
        records = _measure(tabs, rounds)
    return list(zip(variants, records, strict=True))


def chromium() -> str:
    """Return the path of Chromium."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        raise SystemExit("Chromium is missing: install it, or set CHROMIUM to where it is.")
    return path


def _measure(tabs: Sequence[Tab], rounds: int) -> list[Record]:
    """Reload every tab once a round: one round to warm up, the timed ones, more to watch."""
    records = [Record() for _ in tabs]
    order = random.Random(SEED)  # noqa: S311 - an order, no secret
    for number in range(max(rounds + 1, LEAST_WATCHED)):
        for index in order.sample(range(len(tabs)), len(tabs)):
            records[index].add(tabs[index].refresh(), timed=0 < number <= rounds)
            time.sleep(PAUSE_SECONDS)
    return records


def _rebuild_milliseconds() -> float:
    """Return the median time to build an `Authenticator` that was built before."""
    Authenticator()
    gc.disable()
    try:
        return median(_build_nanoseconds() for _ in range(REBUILDS)) / 1e6
    finally:
        gc.enable()


def _build_nanoseconds() -> int:
    start = time.perf_counter_ns()
    Authenticator()
    return time.perf_counter_ns() - start


def _rows(measured: Sequence[tuple[Variant, Record]]) -> list[Row]:
    bare = measured[0][1].milliseconds
    return [
        Row(
            variant.name,
            median(record.milliseconds),
            median(a / b for a, b in zip(record.milliseconds, bare, strict=True)),
            record.forms,
            record.watched,
            record.milliseconds,
        )
        for variant, record in measured
    ]


def _table(rows: Sequence[Row], rebuild: float) -> str:
    """Return the table as Markdown."""
    lines = [
        "| variant | median, ms | ratio to bare | reloads that drew a login form |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {row.variant} | {row.median_ms:.0f} | {row.ratio_to_bare:.3f} "
        f"| {row.forms} of {row.watched} |"
        for row in rows
    ]
    rounds = len(rows[0].milliseconds)
    bars = ", ".join(f"{cache} {bar}" for cache, bar in RATIO_BARS.items())
    bar = f"Median of {rounds} rounds; the bars for ours, times bare: {bars}"
    again = f"Building `Authenticator()` again: {rebuild:.4f} ms, median of {REBUILDS}"
    lines += ["", f"{bar}, and no login form.", f"{again}; the bar is {REBUILD_BAR_MS} ms."]
    return "\n".join(lines)


def _figures(rows: Sequence[Row], rebuild: float, rounds: int) -> str:
    """Return everything as JSON."""
    figures = {
        "rounds": rounds,
        "python": platform.python_version(),
        "streamlit": version("streamlit"),
        "processors": os.cpu_count(),
        "refresh": [asdict(row) for row in rows],
        "rebuild_ms": rebuild,
        "bars": {"ratio_to_bare": RATIO_BARS, "rebuild_ms": REBUILD_BAR_MS},
    }
    return json.dumps(figures, indent=2) + "\n"


if __name__ == "__main__":
    main()

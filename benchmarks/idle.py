"""Measure what idle signed-in tabs cost.

Two servers serve the same trivial page by `st.App`, one of them with our routes and middleware,
whose tabs are signed in by a cookie. Each has the same number of open WebSockets, which are idle.
Rounds alternate between the servers: the CPU time that a server's process uses in some idle
seconds, then the time of some reruns on one more connection. A ratio is the median over the rounds
of each round's own ratio.

Run it on a quiet machine: `python benchmarks/idle.py`.
"""

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from load import rerun
from server import Served, serving
from websockets.asyncio.client import ClientConnection, connect

from streamlit_persistauth.models import Client
from streamlit_persistauth.wiring.services import AppConfig, services_for

APPS = {"st.App": "trivial.py", "st.App with us": "trivial_guarded.py"}
EMAIL, PASSWORD = "ada@example.com", secrets.token_urlsafe(16)
WARM_UP_SECONDS = 5
CONTENT = b"Hello"


@dataclass
class Tabs:
    """The idle tabs of one server, and one more connection that reruns.

    Attributes:
        served: The server.
        idle: The connections of the tabs.
        active: The connection that reruns the page.
        cpu: Seconds of CPU time for each idle second, of each round.
        reruns: The median seconds of a rerun, of each round.
    """

    served: Served
    idle: list[ClientConnection]
    active: ClientConnection
    cpu: list[float] = field(default_factory=list)
    reruns: list[float] = field(default_factory=list)

    async def measure(self, seconds: float, reruns: int) -> None:
        """Wait, then rerun; store the figures of one round."""
        begun, used = time.monotonic(), cpu_seconds(self.served.pid)
        await asyncio.sleep(seconds)
        elapsed = time.monotonic() - begun
        self.cpu.append((cpu_seconds(self.served.pid) - used) / elapsed)
        times = []
        for _ in range(reruns):
            begun = time.perf_counter()
            await rerun(self.active)
            times.append(time.perf_counter() - begun)
        self.reruns.append(median(times))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tabs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--reruns", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ["JWT_SECRET_KEY"] = secrets.token_urlsafe(48)
        os.environ["PERSISTAUTH_DATABASE_URL"] = f"sqlite:///{folder}/auth.db"
        os.environ["PERSISTAUTH_BCRYPT_ROUNDS"] = "4"
        cookies = [cookie for _, cookie in zip(range(options.tabs), sign_ins(), strict=False)]
        servers = {
            name: stack.enter_context(serving(app, python=sys.executable, folder=Path(folder)))
            for name, app in APPS.items()
        }
        groups = asyncio.run(measure(servers, cookies, options))
    report(groups)


def sign_ins() -> Iterator[str]:
    """Yield the cookie header of one sign-in after the other, all of one account."""
    services = services_for(AppConfig())
    owner = services.accounts.register(EMAIL, PASSWORD, full_name="Ada Lovelace")
    while True:
        session = services.sessions.start(owner, remember=True, client=Client())
        credential = services.sessions.issue(session.id)
        name = services.cookies.credential(secure=False)
        browser = services.cookies.browser(secure=False)
        yield f"{name}={credential.text}; {browser}={secrets.token_hex(8)}.{secrets.token_hex(8)}"


async def measure(
    servers: dict[str, Served], cookies: list[str], options: argparse.Namespace
) -> dict[str, Tabs]:
    """Open all tabs and run the rounds."""
    groups = {}
    for name, server in servers.items():
        idle = [await opened(server, cookie) for cookie in cookies]
        groups[name] = Tabs(server, idle, await opened(server, cookies[0]))
    await asyncio.sleep(WARM_UP_SECONDS)
    for number in range(options.rounds):
        order = list(groups.values())
        for group in order if number % 2 else reversed(order):
            await group.measure(options.seconds, options.reruns)
    return groups


async def opened(server: Served, cookie: str) -> ClientConnection:
    """Open a tab, and run its page once.

    Raises:
        RuntimeError: The page does not show its content, because the tab is not signed in.
    """
    url = f"ws://{urlsplit(server.url).netloc}/_stcore/stream"
    socket = await connect(
        url, additional_headers={"Cookie": cookie}, max_size=None, compression=None
    )
    if CONTENT not in await rerun(socket):
        raise RuntimeError("the tab is not signed in")
    return socket


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, on Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(groups: dict[str, Tabs]) -> None:
    """Print the medians, and the ratios to the first."""
    floor = next(iter(groups.values()))
    print(
        "| server | tabs | CPU, % of one core | ratio | rerun, ms | ratio |\n"
        "|---|---:|---:|---:|---:|---:|"
    )
    for name, group in groups.items():
        cpu = median(ours / bare for ours, bare in zip(group.cpu, floor.cpu, strict=True))
        reruns = median(ours / bare for ours, bare in zip(group.reruns, floor.reruns, strict=True))
        figures = f"{median(group.cpu) * 100:.2f} | {cpu:.2f} | {median(group.reruns) * 1e3:.1f}"
        print(f"| {name} | {len(group.idle)} | {figures} | {reruns:.2f} |")


if __name__ == "__main__":
    main()

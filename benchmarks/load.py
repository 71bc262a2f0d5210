"""Measure the cost of the middleware when many clients are connected.

Two servers serve the same trivial page by `st.App`, one of them with our routes and middleware.
Each has the same number of connected clients, which rerun the page as fast as it answers. Rounds
alternate between the servers; a ratio is the median over the rounds of each round's own ratio.
Memory is what a server's resident set has grown by since before the clients came, per client,
after all rounds.

Streamlit collects garbage in full after every run, which is most of what a trivial page costs, and
with us less is to be looked at (docs/explanation/architecture.md). So that this does not hide what
the middleware costs, it is switched off for both, unless `--gc` is given.

Run it on a quiet machine: `python benchmarks/load.py`.
"""

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from server import Served, serving
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

APPS = {"st.App": "trivial.py", "st.App with us": "trivial_ours.py"}
FINISHED = "script_finished"


@dataclass
class ClientGroup:
    """The connected clients of one server.

    Attributes:
        served: The server.
        empty: The resident set of the server before they connected, in KiB.
        sockets: Their connections.
        rates: Runs per second in each round.
        memory: The memory that the server uses for each client, in KiB.
    """

    served: Served
    empty: int
    sockets: list[ClientConnection]
    rates: list[float] = field(default_factory=list)
    memory: float = 0

    async def run(self, seconds: float) -> None:
        """Rerun the page on all connections for some seconds, and store the rate."""
        end = time.monotonic() + seconds
        begun = time.monotonic()
        runs = await asyncio.gather(*(rerun_until(end, socket) for socket in self.sockets))
        self.rates.append(sum(runs) / (time.monotonic() - begun))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--gc", action="store_true", help="as Streamlit does it by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ["STREAMLIT_RUNNER_POST_SCRIPT_GC"] = str(options.gc).lower()
        os.environ["JWT_SECRET_KEY"] = secrets.token_urlsafe(48)
        servers = {
            name: stack.enter_context(serving(app, python=sys.executable, folder=Path(folder)))
            for name, app in APPS.items()
        }
        groups = asyncio.run(measure(servers, options))
    report(groups)


async def measure(
    servers: dict[str, Served], options: argparse.Namespace
) -> dict[str, ClientGroup]:
    """Connect all clients and run the rounds."""
    groups = {}
    for name, server in servers.items():
        await warm_up(server)
        empty = resident(server.pid)
        sockets = [await connected(server) for _ in range(options.clients)]
        groups[name] = ClientGroup(server, empty, sockets)
    for number in range(options.rounds):
        order = list(groups.values())
        for group in order if number % 2 else reversed(order):
            await group.run(options.seconds)
    for group in groups.values():
        group.memory = (resident(group.served.pid) - group.empty) / options.clients
    return groups


async def warm_up(server: Served) -> None:
    """Let the server load the modules that it loads with the first client."""
    socket = await connected(server)
    for _ in range(20):
        await rerun(socket)
    await socket.close()


async def connected(server: Served) -> ClientConnection:
    """Open a connection and run the page once, as a browser does."""
    url = f"ws://{urlsplit(server.url).netloc}/_stcore/stream"
    cookie = {"Cookie": "persistauth_browser=a-browser"}
    socket = await connect(url, additional_headers=cookie, max_size=None, compression=None)
    await rerun(socket)
    return socket


async def rerun_until(end: float, socket: ClientConnection) -> int:
    """Rerun the page until a time; return the number of runs."""
    runs = 0
    while time.monotonic() < end:
        await rerun(socket)
        runs += 1
    return runs


async def rerun(socket: ClientConnection) -> bytes:
    """Request a run, and wait until it has finished; return what it has sent."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    await socket.send(message.SerializeToString())
    sent = b""
    while True:
        data = await socket.recv(decode=False)
        sent += data
        if ForwardMsg.FromString(data).HasField(FINISHED):
            return sent


def resident(pid: int) -> int:
    """Return the resident set of a process in KiB, on Linux."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no resident set")


def report(groups: dict[str, ClientGroup]) -> None:
    """Print the medians, and the ratios to the first."""
    floor = next(iter(groups.values()))
    print(
        "| server | runs per second | ratio | KiB per client | ratio |\n|---|---:|---:|---:|---:|"
    )
    for name, group in groups.items():
        ratio = median(ours / bare for ours, bare in zip(group.rates, floor.rates, strict=True))
        memory = group.memory / floor.memory
        rate = median(group.rates)
        print(f"| {name} | {rate:.0f} | {ratio:.3f} | {group.memory:.0f} | {memory:.3f} |")


if __name__ == "__main__":
    main()

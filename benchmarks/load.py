"""What our middleware costs when many clients are connected.

Two servers show the same trivial page by `st.App`, one of them with our routes and middleware.
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
class Crowd:
    """The clients of one server, all connected.

    Attributes:
        served: The server.
        empty: KiB of its resident set before they came.
        sockets: Their connections.
        rates: Runs per second, by round.
        memory: KiB of the server for each of them.
    """

    served: Served
    empty: int
    sockets: list[ClientConnection]
    rates: list[float] = field(default_factory=list)
    memory: float = 0

    async def run(self, seconds: float) -> None:
        """Rerun the page on all connections for so long, and note how many runs that were."""
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
        crowds = asyncio.run(measure(servers, options))
    report(crowds)


async def measure(servers: dict[str, Served], options: argparse.Namespace) -> dict[str, Crowd]:
    """Connect everybody, and run the rounds."""
    crowds = {}
    for name, server in servers.items():
        await warm_up(server)
        empty = resident(server.pid)
        sockets = [await joined(server) for _ in range(options.clients)]
        crowds[name] = Crowd(server, empty, sockets)
    for number in range(options.rounds):
        order = list(crowds.values())
        for crowd in order if number % 2 else reversed(order):
            await crowd.run(options.seconds)
    for crowd in crowds.values():
        crowd.memory = (resident(crowd.served.pid) - crowd.empty) / options.clients
    return crowds


async def warm_up(server: Served) -> None:
    """Let the server load what it loads with its first client."""
    socket = await joined(server)
    for _ in range(20):
        await rerun(socket)
    await socket.close()


async def joined(server: Served) -> ClientConnection:
    """Open a connection and run the page once, as a browser does."""
    url = f"ws://{urlsplit(server.url).netloc}/_stcore/stream"
    cookie = {"Cookie": "persistauth_browser=a-browser"}
    socket = await connect(url, additional_headers=cookie, max_size=None, compression=None)
    await rerun(socket)
    return socket


async def rerun_until(end: float, socket: ClientConnection) -> int:
    """Rerun the page one time after the other; return how often."""
    runs = 0
    while time.monotonic() < end:
        await rerun(socket)
        runs += 1
    return runs


async def rerun(socket: ClientConnection) -> None:
    """Ask for a run, and wait until it has ended."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    await socket.send(message.SerializeToString())
    while True:
        data = await socket.recv(decode=False)
        if ForwardMsg.FromString(data).HasField(FINISHED):
            return


def resident(pid: int) -> int:
    """Return the resident set of a process in KiB, as Linux tells it."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no resident set")


def report(crowds: dict[str, Crowd]) -> None:
    """Print the medians, and the ratios to the first."""
    floor = next(iter(crowds.values()))
    print(
        "| server | runs per second | ratio | KiB per client | ratio |\n|---|---:|---:|---:|---:|"
    )
    for name, crowd in crowds.items():
        ratio = median(ours / bare for ours, bare in zip(crowd.rates, floor.rates, strict=True))
        memory = crowd.memory / floor.memory
        rate = median(crowd.rates)
        print(f"| {name} | {rate:.0f} | {ratio:.3f} | {crowd.memory:.0f} | {memory:.3f} |")


if __name__ == "__main__":
    main()

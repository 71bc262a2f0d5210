"""The cost of the guard in a run of a page whose visitor is already signed in.

Measured inside the script of a served app, over a real WebSocket, in every run: `auth.guard()`,
a second `auth.guard()` in the same run, and the floor, which is one PyJWT decode plus one
SQLAlchemy Core select by key in the same database. A ratio is the median over the runs of each
run's own ratio. The runs begin after the page tasks of the sign-in, which are drawn for 30 s.

Run it on a quiet machine: `python benchmarks/guard.py`.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.account import ADA  # noqa: E402 - needs the path
from tests.support.raw import opened  # noqa: E402
from tests.support.server import AppServer  # noqa: E402

from streamlit_persistauth.request.page_tasks import TASK_TIME  # noqa: E402

WARM_UP_SECONDS = TASK_TIME.total_seconds() + 2
"""How long the page draws the tasks of its sign-in; in a plain app it also notifies other tabs."""
BROWSER = "persistauth_browser=a-browser; _streamlit_xsrf=2|0123|4567|1"


def main() -> None:
    """Serve the page in both modes, run it many times, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    runs = parser.parse_args().runs
    print("| mode | floor, us | guard, us | ratio | second guard, us |\n|---|---:|---:|---:|---:|")
    for mode in ("plain", "served"):
        samples = measure(mode, runs)
        columns = [median(sample[name] for sample in samples) for name in ("floor", "first")]
        ratio = median(sample["first"] / sample["floor"] for sample in samples)
        second = median(sample["second"] for sample in samples)
        print(f"| {mode} | {columns[0]:.0f} | {columns[1]:.0f} | {ratio:.2f} | {second:.1f} |")


def measure(mode: str, runs: int) -> list[dict[str, float]]:
    """Return the microseconds of each run."""
    with tempfile.TemporaryDirectory() as folder:
        app = ROOT / "benchmarks" / "apps" / f"guard_{mode}.py"
        server = AppServer(app, Path(folder), {})
        ADA.register(server.settings)
        server.start()
        try:
            with opened(server.url, cookie=BROWSER) as client:
                client.run()
                client.sign_in(ADA.email, ADA.password)
                warm = time.monotonic() + WARM_UP_SECONDS
                while time.monotonic() < warm:
                    client.run()
                texts = [client.run().texts[-1] for _ in range(runs)]
        finally:
            server.stop()
    return [json.loads(text) for text in texts]


if __name__ == "__main__":
    main()

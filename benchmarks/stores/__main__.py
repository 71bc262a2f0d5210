"""Measure sign-ins in a database: resume, growth, purge, threads, logins.

Each study prints one Markdown table. Every ratio is to a floor that was measured in the same run,
in turns with what it is compared to; a ratio is the median over the turns of each turn's own ratio.
The databases are made for the run and thrown away: SQLite in a file, PostgreSQL and MariaDB from
the system's packages. At full size `growth` and `purge` need some 6 GB of temporary space.

Run it on a quiet machine: `python benchmarks/stores`, or some studies of it:
`python benchmarks/stores resume threads`.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(ROOT), str(ROOT / "benchmarks")]

import growth  # noqa: E402 - needs the path
import logins  # noqa: E402
import purge  # noqa: E402
import resume  # noqa: E402
import threads  # noqa: E402

STUDIES: dict[str, Callable[[argparse.Namespace], None]] = {
    "resume": resume.study,
    "growth": growth.study,
    "purge": purge.study,
    "threads": threads.study,
    "logins": logins.study,
}
SIZES = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)


def main() -> None:
    """Run the selected studies, one after the other."""
    options = _options()
    for name in options.studies or STUDIES:
        print(f"\n## {name}\n", flush=True)
        STUDIES[name](options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stores", description=__doc__)
    parser.add_argument("studies", nargs="*", metavar="study", help=", ".join(STUDIES))
    parser.add_argument("--rounds", type=int, default=4000, help="resumes in `resume` and `growth`")
    parser.add_argument("--rows", type=int, default=10_000, help="live sign-ins, but in `growth`")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of `growth`")
    parser.add_argument("--plot", type=Path, help="where the curve of `growth` goes, as SVG")
    parser.add_argument("--expired", type=int, default=1_000_000, help="rows to purge")
    parser.add_argument("--idle", type=float, default=10, help="seconds without a purge")
    parser.add_argument("--threads", type=int, default=16, help="of `threads`")
    parser.add_argument("--blocks", type=int, default=7, help="turns of `threads`")
    parser.add_argument("--seconds", type=float, default=3, help="of one turn of `threads`")
    parser.add_argument("--login-blocks", type=int, default=3, help="turns of `logins`")
    parser.add_argument("--login-seconds", type=float, default=8, help="of one turn of `logins`")
    parser.add_argument("--no-peer", action="store_true", help="without Django")
    parser.add_argument("--peer-venv", type=Path, default=ROOT / ".venv-bench")
    options = parser.parse_args()
    unknown = set(options.studies) - set(STUDIES)
    if unknown:
        parser.error(f"there is no study {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()

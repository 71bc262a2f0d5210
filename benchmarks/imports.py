"""Measure what the library adds to the import of Streamlit.

Each round starts one interpreter for each of three programs, in turn: one imports Streamlit, one
imports SQLAlchemy after it, and one imports `Authenticator` after it. A figure is the median over
the rounds of each round's own difference: what SQLAlchemy adds to Streamlit, and what the library
adds with it. The bar is SQLAlchemy's own time plus 0.12 s.

Run it on a quiet machine: `python benchmarks/imports.py`.
"""

import argparse
import subprocess
import sys
from statistics import median

BAR_SECONDS = 0.12
"""How much longer than SQLAlchemy the library may take."""
TIMEOUT_SECONDS = 60
PROGRAMS = {
    "streamlit": "import streamlit",
    "sqlalchemy": "import streamlit, sqlalchemy",
    "library": "import streamlit\nfrom streamlit_persistauth import Authenticator",
}
TIMED = """
import sys, time
begun = time.perf_counter()
{program}
print(time.perf_counter() - begun, len(sys.modules))
"""


def main() -> None:
    """Import alternately, and print the medians against the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = [
        {name: measure(program) for name, program in PROGRAMS.items()}
        for _ in range(parser.parse_args().rounds + 1)
    ][1:]  # the first one compiles
    base, sqlalchemy, library = (
        median(one[name][0] - (one["streamlit"][0] if name != "streamlit" else 0) for one in rounds)
        for name in PROGRAMS
    )
    over = median(one["library"][0] - one["sqlalchemy"][0] for one in rounds)
    modules = {name: count for name, (_, count) in rounds[0].items()}
    print("| imported | adds, ms | modules |\n|---|---:|---:|")
    print(f"| Streamlit | {base * 1000:.0f} | {modules['streamlit']} |")
    print(
        f"| SQLAlchemy | {sqlalchemy * 1000:.0f} | {modules['sqlalchemy'] - modules['streamlit']} |"
    )
    print(f"| the library | {library * 1000:.0f} | {modules['library'] - modules['streamlit']} |")
    met = "met" if over <= BAR_SECONDS else "missed"
    print(
        f"\n{over * 1000:.0f} ms more than SQLAlchemy ({over / sqlalchemy:.2f} times its time); "
        f"the bar of {BAR_SECONDS * 1000:.0f} ms is {met}."
    )


def measure(program: str) -> tuple[float, int]:
    """Return the seconds that the imports of a program take, and its number of modules."""
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(program=program)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=True,
    )
    seconds, modules = done.stdout.split()
    return float(seconds), int(modules)


if __name__ == "__main__":
    main()

"""Measures a resume in a growing table, relative to one in a small table."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import databases
import library
from chart import drawn
from filling import fill
from samples import resumes, sample
from timing import alternated, ratio

STORES = (databases.SQLITE, databases.POSTGRES)


@dataclass(frozen=True)
class Point:
    """The time of a resume in a table of this size."""

    rows: int
    microseconds: float
    ratio: float


def study(options: Namespace) -> None:
    """Measure each size on each store, print the table, and draw the chart if requested."""
    sizes = sorted(options.sizes)
    print("| store | rows | median, us | ratio |\n|---|---:|---:|---:|")
    curves: dict[str, list[Point]] = {}
    for name in STORES:
        with databases.opened(name) as database:
            for point in measured(database, sizes, options.rounds):
                curves.setdefault(name, []).append(point)
                figures = f"{point.microseconds:.0f} | {point.ratio:.2f}"
                print(f"| {name} | {point.rows:,} | {figures} |", flush=True)
    if options.plot:
        lines = {
            name: [(point.rows, point.ratio) for point in points] for name, points in curves.items()
        }
        options.plot.write_text(drawn(lines), encoding="utf-8")


def measured(
    database: databases.MeasuredDatabase, sizes: list[int], rounds: int
) -> Iterator[Point]:
    """Yield a point for each size, relative to the smallest."""
    small, growing = database.empty(), database.empty()
    with library.opened(small) as floor, library.opened(growing) as grown:
        fill(small, range(sizes[0]))
        resume_small = resumes(floor, sample(floor, sizes[0]))
        there = 0
        for size in sizes:
            library.release(grown)
            fill(growing, range(there, size))
            there = size
            samples = sample(grown, size)
            variants = {"small": resume_small, "grown": resumes(grown, samples)}
            times = alternated(variants, rounds)
            seconds = times["grown"]
            yield Point(size, median(seconds) * 1e6, ratio(seconds, times["small"]))

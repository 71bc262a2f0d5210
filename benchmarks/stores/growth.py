"""What a resume costs in a table that grows, against the same in a table that stays small."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import library
import places
from chart import drawn
from filling import fill
from timing import alternated, ratio
from visits import picked, resumes

STORES = (places.SQLITE, places.POSTGRES)


@dataclass(frozen=True)
class Point:
    """How long a resume took in a table of this size."""

    rows: int
    microseconds: float
    ratio: float


def study(options: Namespace) -> None:
    """Measure each size on each store, print the table, and draw the curve if it is wanted."""
    sizes = sorted(options.sizes)
    print("| store | rows | median, us | ratio |\n|---|---:|---:|---:|")
    curves: dict[str, list[Point]] = {}
    for name in STORES:
        with places.opened(name) as place:
            for point in measured(place, sizes, options.rounds):
                curves.setdefault(name, []).append(point)
                figures = f"{point.microseconds:.0f} | {point.ratio:.2f}"
                print(f"| {name} | {point.rows:,} | {figures} |", flush=True)
    if options.plot:
        lines = {
            name: [(point.rows, point.ratio) for point in points] for name, points in curves.items()
        }
        options.plot.write_text(drawn(lines), encoding="utf-8")


def measured(place: places.Place, sizes: list[int], rounds: int) -> Iterator[Point]:
    """Yield a point for each size; the smallest is the floor, and is measured against itself."""
    small, growing = place.empty(), place.empty()
    with library.opened(small) as floor, library.opened(growing) as grown:
        fill(small, range(sizes[0]))
        resume_small = resumes(floor, picked(floor, sizes[0]))
        there = 0
        for size in sizes:
            library.release(grown)
            fill(growing, range(there, size))
            there = size
            visits = picked(grown, size)
            variants = {"small": resume_small, "grown": resumes(grown, visits)}
            times = alternated(variants, rounds)
            seconds = times["grown"]
            yield Point(size, median(seconds) * 1e6, ratio(seconds, times["small"]))

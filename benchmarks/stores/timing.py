"""Measures variants in turns. Uses only the standard library, since peers use it too."""

import gc
import random
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles

WARM_UP = 200
"""Rounds that are not counted, for what is created at first use."""

Work = Callable[[], object]


def alternated(variants: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each variant in each round.

    Every round runs each variant once, in a shuffled order that is the same in every run.
    """
    order = random.Random(0)  # noqa: S311 - an order, no secret
    times: dict[str, list[float]] = {name: [] for name in variants}
    gc.collect()
    gc.disable()
    try:
        for _ in range(WARM_UP + rounds):
            for name in order.sample(list(variants), len(variants)):
                times[name].append(timed(variants[name]))
    finally:
        gc.enable()
    return {name: seconds[WARM_UP:] for name, seconds in times.items()}


def timed(work: Work) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def timed_while(condition: Callable[[], bool], work: Work, *, pause: float = 0) -> list[float]:
    """Repeat some work while a condition holds; return the seconds of each call.

    Args:
        condition: Asked before each time.
        work: What is timed.
        pause: Seconds of rest after each time.
    """
    times = []
    while condition():
        times.append(timed(work))
        if pause:
            time.sleep(pause)
    return times


def timed_for(seconds: float, work: Work, *, pause: float = 0) -> list[float]:
    """Repeat some work for some seconds; return the seconds of each call."""
    end = time.monotonic() + seconds
    return timed_while(lambda: time.monotonic() < end, work, pause=pause)


def ratio(values: Sequence[float], floor: Sequence[float]) -> float:
    """Return the median of the ratios of all rounds."""
    return median(value / bare for value, bare in zip(values, floor, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of the values."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]

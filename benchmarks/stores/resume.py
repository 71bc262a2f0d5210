"""Measures the resume of a sign-in, relative to the two SQL statements that it needs."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from statistics import median

import databases
import django_host
import library
from filling import fill
from samples import checked_reads, reads, resumes, sample
from statements import Statements
from timing import alternated, ratio

FLOOR, AGAIN = "raw statements", "raw statements, again"
CHECKED, OURS = "PyJWT and raw statements", "Sessions.resume"
RECORD, USER = ("auth_tokens", "token_hash"), ("users", "id")


def study(options: Namespace) -> None:
    """Measure on each database, and print the table."""
    print("| store | what | its floor, us | median, us | ratio |\n|---|---|---:|---:|---:|")
    for name in (databases.SQLITE, databases.POSTGRES, databases.MARIADB):
        with databases.opened(name) as database:
            for line in _lines(ours(database, options)):
                print(f"| {name} | {line}", flush=True)
            if name != databases.MARIADB and not options.no_peer:
                for line in _lines(django_host.measured(database, options)):
                    print(f"| {name} | {line}", flush=True)


def ours(database: databases.MeasuredDatabase, options: Namespace) -> dict[str, list[float]]:
    """Return the seconds of the floor, twice, and of the library in each round."""
    url = database.empty()
    with library.opened(url) as services:
        fill(url, range(options.rows))
        samples = sample(services, options.rows)
        with closing(Statements(databases.address_of(url), RECORD, USER)) as raw:
            variants = {
                FLOOR: reads(raw, samples),
                CHECKED: checked_reads(raw, samples, services.settings.cookie_name),
                OURS: resumes(services, samples),
                AGAIN: reads(raw, samples),
            }
            return alternated(variants, options.rounds)


def _lines(times: Mapping[str, Sequence[float]]) -> Iterator[str]:
    floor = times[FLOOR]
    for name, seconds in times.items():
        if name != FLOOR:
            middles = f"{median(floor) * 1e6:.0f} | {median(seconds) * 1e6:.0f}"
            yield f"{name} | {middles} | {ratio(seconds, floor):.2f} |"

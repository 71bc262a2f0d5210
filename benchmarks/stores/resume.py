"""What it takes to know who a credential signs in, against the two statements that need be."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from statistics import median

import django_host
import library
import places
from filling import fill
from statements import Statements
from timing import alternated, ratio
from visits import checked_reads, picked, reads, resumes

FLOOR, AGAIN = "raw statements", "raw statements, again"
CHECKED, OURS = "PyJWT and raw statements", "Sessions.resume"
RECORD, USER = ("auth_tokens", "token_hash"), ("users", "id")


def study(options: Namespace) -> None:
    """Measure on every database, and print the table."""
    print("| store | what | its floor, us | median, us | ratio |\n|---|---|---:|---:|---:|")
    for name in (places.SQLITE, places.POSTGRES, places.MARIADB):
        with places.opened(name) as place:
            for line in _lines(ours(place, options)):
                print(f"| {name} | {line}", flush=True)
            if name != places.MARIADB and not options.no_peer:
                for line in _lines(django_host.measured(place, options)):
                    print(f"| {name} | {line}", flush=True)


def ours(place: places.Place, options: Namespace) -> dict[str, list[float]]:
    """Return the seconds of the floor, twice, and of the library; by round."""
    url = place.empty()
    with library.opened(url) as services:
        fill(url, range(options.rows))
        visits = picked(services, options.rows)
        with closing(Statements(places.address_of(url), RECORD, USER)) as raw:
            variants = {
                FLOOR: reads(raw, visits),
                CHECKED: checked_reads(raw, visits, services.settings.cookie_name),
                OURS: resumes(services, visits),
                AGAIN: reads(raw, visits),
            }
            return alternated(variants, options.rounds)


def _lines(times: Mapping[str, Sequence[float]]) -> Iterator[str]:
    floor = times[FLOOR]
    for name, seconds in times.items():
        if name != FLOOR:
            middles = f"{median(floor) * 1e6:.0f} | {median(seconds) * 1e6:.0f}"
            yield f"{name} | {middles} | {ratio(seconds, floor):.2f} |"

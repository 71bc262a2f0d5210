"""Measures threads that resume, relative to as many threads that send the two statements."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from statistics import median

import databases
import library
from filling import fill
from resume import CHECKED, FLOOR, OURS, RECORD, USER
from samples import checked_reads, reads, resumes, sample
from statements import Statements
from throughput import rate
from timing import Work, ratio

from streamlit_persistauth.wiring.services import Services


def study(options: Namespace) -> None:
    """Measure on PostgreSQL, and print the table."""
    with databases.opened(databases.POSTGRES) as database:
        rates = measured(database, options)
    print(
        "| what | per second | ratio to raw statements | ratio to PyJWT and raw statements |\n"
        "|---|---:|---:|---:|"
    )
    for name, values in rates.items():
        bare, checked = (ratio(values, rates[floor]) for floor in (FLOOR, CHECKED))
        print(f"| {name} | {median(values):.0f} | {bare:.2f} | {checked:.2f} |")


def measured(database: databases.MeasuredDatabase, options: Namespace) -> dict[str, list[float]]:
    """Return the rates of each variant in each turn."""
    url = database.empty()
    with library.opened(url) as services, ExitStack() as stack:
        fill(url, range(options.rows))
        connections = [
            stack.enter_context(closing(Statements(databases.address_of(url), RECORD, USER)))
            for _ in range(options.threads)
        ]
        return alternated_rates(_variants(services, connections, options.rows), options)


def alternated_rates(
    variants: Mapping[str, Sequence[Work]], options: Namespace
) -> dict[str, list[float]]:
    """Run one variant after the other, in turns; the first turn warms up."""
    order = list(variants)
    rates: dict[str, list[float]] = {name: [] for name in order}
    for _ in range(options.blocks + 1):
        for name in order:
            rates[name].append(rate(variants[name], options.seconds))
        order.reverse()
    return {name: values[1:] for name, values in rates.items()}


def _variants(
    services: Services, connections: Sequence[Statements], rows: int
) -> dict[str, list[Work]]:
    """Return the work of each thread: its own sample, with its own connection for statements."""
    audience = services.settings.cookie_name
    variants: dict[str, list[Work]] = {FLOOR: [], CHECKED: [], OURS: []}
    for seed, raw in enumerate(connections):
        samples = sample(services, rows, seed=seed)
        variants[FLOOR].append(reads(raw, samples))
        variants[CHECKED].append(checked_reads(raw, samples, audience))
        variants[OURS].append(resumes(services, samples))
    return variants

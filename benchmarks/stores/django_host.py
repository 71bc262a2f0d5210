"""Runs the measurement of Django in an environment of its own."""

import json
import subprocess
from argparse import Namespace
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import peer_environment
from databases import MeasuredDatabase, address_of

PEER = Path(__file__).with_name("django_peer.py")
DJANGO = {"django": "5.2.19"}
DRIVERS = ("psycopg", "psycopg-binary")
SECONDS = 900


def measured(database: MeasuredDatabase, options: Namespace) -> dict[str, list[float]]:
    """Return the seconds of Django and of its floor in each round.

    Raises:
        SystemExit: Its environment could not be made.
    """
    packages = DJANGO | {name: version(name) for name in DRIVERS}
    python = peer_environment.peer_python(options.peer_venv, packages)
    order = {
        "address": asdict(address_of(database.empty())),
        "rows": options.rows,
        "rounds": options.rounds,
    }
    answer = subprocess.run(
        [python, PEER],
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    times: dict[str, list[float]] = json.loads(answer.stdout)
    return times

"""`persistauth demo`."""

import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Final

import click

from streamlit_persistauth.cli.demo_data import fill
from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.wiring.services import AppConfig, services_for

DEFAULT_DATABASE: Final = "sqlite:///persistauth-demo.db"
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that look like others: the password is read off a terminal."""


@click.command(epilog=examples("persistauth demo", "persistauth demo --port 8600"))
@database_option
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8501,
    show_default=True,
    help="Where to serve it.",
)
@click.option("--address", default="localhost", show_default=True, help="On which interface.")
@reporting
def demo(report: Report, *, database: str | None, port: int, address: str) -> None:
    """Serve the example dashboard, with a fresh account whose password is printed here.

    Accounts are kept in persistauth-demo.db in this folder, so a sign-in outlives a restart. With
    them comes an imaginary team and its last month, for the administration's pages.
    """
    url = database or DEFAULT_DATABASE
    app = find_example()
    refuse_taken(address, port)
    if database is None:
        fill_if_new(url)
    email, password = make_account(url)
    place = f"http://{address}:{port}"
    report.show(
        {"url": place, "email": email, "password": password},
        f"\n  Open      {place}\n  Email     {email}\n  Password  {password}\n",
    )
    sys.stdout.flush()
    os.environ["PERSISTAUTH_DATABASE_URL"] = url
    command = [sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={port}"]
    options = [
        f"--server.address={address}",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
    ]
    os.execv(sys.executable, [*command, *options])  # noqa: S606 - no shell is wanted


def find_example() -> Path:
    """Return the entry of the example: inside the wheel, or in a checkout beside `src`.

    Raises:
        ConfigError: It is in neither.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package, package.parents[1]):
        app = root / "examples" / "dashboard" / "app.py"
        if app.is_file():
            return app
    raise ConfigError("demo", "the example app is missing from this installation.")


def refuse_taken(address: str, port: int) -> None:
    """Refuse an address that cannot be served, before anything is said or made.

    Raises:
        ConfigError: Another program listens there, or this machine has no such address.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            if os.name == "posix":  # as Streamlit does; elsewhere it would find no port taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        reason = (error.strerror or "it fails").lower()
        raise ConfigError(
            "demo",
            f"{address}:{port} cannot be served: {reason}. Choose --port or --address.",
        ) from None


def fill_if_new(database: str) -> None:
    """Give a database without accounts the demo's team and its last month."""
    services = services_for(AppConfig(database))
    if services.accounts.is_empty():
        fill(services)


def make_account(database: str) -> tuple[str, str]:
    """Make a demo account with the role admin; return its email and its random password."""
    email = f"demo-{_random_text(4)}@example.com"
    password = "-".join(_random_text(5) for _ in range(4))
    services = services_for(AppConfig(database))
    services.accounts.register(email, password, full_name="Robin Demo", roles=("admin",))
    return email, password


def _random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))

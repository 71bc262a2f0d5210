"""`persistauth demo`."""

import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Final

import click

from streamlit_persistauth.cli.demo_data import fill
from streamlit_persistauth.cli.options import database_option_with, examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.models import User
from streamlit_persistauth.wiring.services import AppConfig, services_for

DEFAULT_DATABASE: Final = "sqlite:///persistauth-demo.db"
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that look alike, since the password is read from a terminal."""


@click.command(epilog=examples("persistauth demo", "persistauth demo --port 8600"))
@database_option_with("The database; by default persistauth-demo.db in the working directory.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8501,
    show_default=True,
    help="Port to serve on.",
)
@click.option("--address", default="localhost", show_default=True, help="Interface to serve on.")
@reporting
def demo(report: Report, *, database: str | None, port: int, address: str) -> None:
    """Serve the example dashboard, with a new account.

    The password of the account is printed. Sign-ins survive a restart. The default database is
    filled with an imaginary team and the events of its last month when it is created.
    """
    url = database or DEFAULT_DATABASE
    app = find_example()
    check_address(address, port)
    if database is None:
        fill_if_new(url)
    user, password = make_account(url)
    app_url = f"http://{address}:{port}"
    report.show(
        {"url": app_url, "email": user.email, "username": user.username, "password": password},
        f"\n  Open      {app_url}\n"
        + (f"  Username  {user.username}\n" if user.username else f"  Email     {user.email}\n")
        + f"  Password  {password}\n",
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
    """Return the main file of the example, from the wheel or from a checkout.

    Raises:
        ConfigError: The example is in neither place.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package, package.parents[1]):
        app = root / "examples" / "dashboard" / "app.py"
        if app.is_file():
            return app
    raise ConfigError("demo", "the example app is missing from this installation.")


def check_address(address: str, port: int) -> None:
    """Check that an address can be served, before anything is printed or created.

    Raises:
        ConfigError: Another program listens on it, or this machine does not have the address.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            if os.name == "posix":  # as Streamlit does; Windows would bind a taken port with it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise ConfigError(
            "demo",
            f"{address}:{port} cannot be served: {reason}. Choose another --port or --address.",
        ) from None


def fill_if_new(database: str) -> None:
    """Fill a database without accounts with the demo's team and the events of its last month."""
    services = services_for(AppConfig(database))
    if services.accounts.is_empty():
        fill(services)


def make_account(database: str) -> tuple[User, str]:
    """Create a demo account with the role admin; return it and its password."""
    name = f"demo-{_random_text(4)}"
    password = "-".join(_random_text(5) for _ in range(4))
    services = services_for(AppConfig(database))
    made = services.accounts.register(
        f"{name}@example.com",
        password,
        username=name if services.login_names.has_usernames else "",
        full_name="Robin Demo",
        roles=("admin",),
    )
    return made.user, password


def _random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))

"""An app with accounts, on an SQLite file of its own."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer, serve

from streamlit_persistauth import User
from streamlit_persistauth.mail.queue import MailQueue
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

SQL = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def app(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory in which an app runs with cheap password hashes."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    return clean_machine


@pytest.fixture
def services(app: Path) -> Services:
    """The services of the app."""
    return services_for(AppConfig())


@pytest.fixture
def ada(services: Services) -> User:
    """A user without roles."""
    return services.accounts.register(EMAIL, PASSWORD, full_name="Ada").user


@pytest.fixture
def root(services: Services) -> User:
    """A user with the role `admin`."""
    return services.accounts.register(
        "root@example.com", PASSWORD, full_name="Root", roles=("admin",)
    ).user


@pytest.fixture
def sql(app: Path) -> SQL:
    """A function that runs SQL on the database of the app."""

    def run(statement: str, *parameters: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(app / "persistauth.db", timeout=10)) as connection:
            rows = connection.execute(statement, parameters).fetchall()
            connection.commit()
            return rows

    return run


@pytest.fixture
def mail(app: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """The mail server that the app sends with."""
    with serve() as server:
        monkeypatch.setenv("PERSISTAUTH_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        monkeypatch.setenv("PERSISTAUTH_MAIL_FROM", "app@example.com")
        monkeypatch.setenv("PERSISTAUTH_PUBLIC_URL", "https://app.example.com/team/")
        yield server
        _flush()


def _flush() -> None:
    """Wait until the mail queue of the app is empty."""
    mail_queue = getattr(services_for(AppConfig()).mails.post, "__self__", None)
    assert isinstance(mail_queue, MailQueue)
    mail_queue.flush(20)

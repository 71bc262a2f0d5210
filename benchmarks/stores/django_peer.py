"""Measure Django's database sessions, relative to the two statements that they need.

Runs in an environment that has Django and not this library. It reads an order as JSON from its
input, and writes the seconds by variant and round as JSON to its output.
"""

import json
import sys
from contextlib import closing
from datetime import timedelta
from itertools import cycle
from random import Random
from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings
from rows import PER_USER
from statements import Address, Statements
from timing import alternated

ENGINES = {"sqlite": "django.db.backends.sqlite3", "postgresql": "django.db.backends.postgresql"}
APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
BACKEND = "django.contrib.auth.backends.ModelBackend"
RECORD, USER = ("django_session", "session_key"), ("auth_user", "id")
SAMPLE_SIZE = 2000
Key = tuple[str, int]


def main() -> None:
    """Measure with the options of the order."""
    order = json.load(sys.stdin)
    address = Address(**order["address"])
    _set_up(address)
    keys = Random(0).sample(_fill(order["rows"]), min(SAMPLE_SIZE, order["rows"]))  # noqa: S311
    with closing(Statements(address, RECORD, USER)) as raw:
        json.dump(alternated(_variants(raw, keys), order["rounds"]), sys.stdout)


def _set_up(address: Address) -> None:
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": ENGINES[address.backend],
                "NAME": address.database,
                "HOST": address.host,
                "PORT": address.port or "",
                "USER": address.user,
            }
        },
        INSTALLED_APPS=APPS,
        SECRET_KEY="only-for-a-benchmark",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _fill(rows: int) -> list[Key]:
    """Store users and sessions; return the session keys with the keys of their users."""
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    count = -(-rows // PER_USER)
    users = [User(username=f"user-{number}", password="!never") for number in range(count)]
    User.objects.bulk_create(users, batch_size=500)
    owners = [users[number // PER_USER] for number in range(rows)]
    expires = timezone.now() + timedelta(days=10)
    sessions = [
        Session(
            session_key=f"{number:032x}",
            session_data=SessionStore().encode(_content(owner)),
            expire_date=expires,
        )
        for number, owner in enumerate(owners)
    ]
    Session.objects.bulk_create(sessions, batch_size=500)
    pairs = zip(sessions, owners, strict=True)
    return [(session.session_key, owner.pk) for session, owner in pairs]


def _content(owner: Any) -> dict[str, str]:  # noqa: ANN401 - Django brings no types
    """Return the data that `login` stores in a session."""
    from django.contrib import auth

    return {
        auth.SESSION_KEY: str(owner.pk),
        auth.BACKEND_SESSION_KEY: BACKEND,
        auth.HASH_SESSION_KEY: owner.get_session_auth_hash(),
    }


def _variants(raw: Statements, keys: list[Key]) -> dict[str, Any]:
    from django.contrib.auth import get_user
    from django.contrib.sessions.backends.db import SessionStore

    pairs, texts = cycle(keys), cycle([key for key, _ in keys])

    def resume() -> object:
        user = get_user(SimpleNamespace(session=SessionStore(next(texts))))
        if not user.is_authenticated:
            raise LookupError(user)
        return user

    return {"raw statements": lambda: raw.read(*next(pairs)), "Django 5.2": resume}


if __name__ == "__main__":
    main()

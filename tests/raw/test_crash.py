"""Replicas that stop and start again while users are signed in."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import pytest
from pydantic import SecretStr
from tests.support.replicas import Replicas
from tests.support.visitor import Visitor

from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.models import Client
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

logger = logging.getLogger(__name__)

CLIENTS = 50


@dataclass(frozen=True)
class Crowd:
    """Signed-in users, each with a page open.

    Attributes:
        visitors: The people.
        session_ids: Their sign-ins.
        sessions: What knows whether these still count.
    """

    visitors: list[Visitor]
    session_ids: set[str]
    sessions: Sessions

    def all(self, act: Callable[[Visitor], None]) -> None:
        """Do something for all at once."""
        at_once(act, self.visitors)

    def nobody_is_signed_out(self) -> bool:
        """Return whether every sign-in is still in the store and valid."""
        return self.sessions.find_live(self.session_ids) == self.session_ids


def at_once(act: Callable[[Visitor], None], visitors: list[Visitor]) -> None:
    """Do something for each, on a thread of its own; raise what one of them raises."""
    with ThreadPoolExecutor(max_workers=len(visitors)) as pool:
        for future in [pool.submit(act, visitor) for visitor in visitors]:
            future.result()


def report(visitors: list[Visitor]) -> None:
    """Log how long they were away; `--log-cli-level=info` shows it."""
    absences = [seconds for visitor in visitors for seconds in visitor.absences]
    numbers = len(absences), median(absences), max(absences)
    logger.info("%d returns after a median of %.2f s and at most %.2f s", *numbers)


@contextmanager
def parts_of(replicas: Replicas) -> Iterator[Services]:
    """Open the stores that the replicas share."""
    services = services_for(
        AppConfig(
            settings=AuthSettings(
                jwt_secret_key=SecretStr(replicas.settings["JWT_SECRET_KEY"]),
                database_url=replicas.settings["PERSISTAUTH_DATABASE_URL"],
                token_store_url=replicas.settings.get("PERSISTAUTH_TOKEN_STORE_URL"),
                bcrypt_rounds=4,
            )
        )
    )
    try:
        yield services
    finally:
        services.database.engine.dispose()


def signed_in(services: Services, number: int) -> tuple[str, str, str]:
    """Create an account and sign it in; return its name, its sign-in and its credential."""
    name = f"Visitor {number:02}"
    owner = services.accounts.register(
        f"visitor{number}@example.com", "plum-Kettle-93-orbit", full_name=name
    )
    session = services.sessions.start(owner, remember=True, client=Client())
    return name, session.id, services.sessions.issue(session.id).text


@pytest.fixture
def crowd(replicas: Replicas) -> Iterator[Crowd]:
    """Fifty users, connected through nginx to either replica."""
    with parts_of(replicas) as services:
        people = [signed_in(services, number) for number in range(CLIENTS)]
        visitors = [
            Visitor(replicas.url, name=name, cookie=f"persistauth={credential}")
            for name, _, credential in people
        ]
        crowd = Crowd(visitors, {session_id for _, session_id, _ in people}, services.sessions)
        crowd.all(Visitor.arrive)
        yield crowd
        crowd.all(Visitor.leave)


@pytest.mark.slow
def test_killed_replica(replicas: Replicas, crowd: Crowd) -> None:
    """Users of the killed replica are back at the first try, signed in; others notice nothing."""
    victim = replicas.pids()["replica-1"]
    cut_off = [visitor for visitor in crowd.visitors if visitor.process == victim]
    others = [visitor for visitor in crowd.visitors if visitor.process != victim]
    assert min(len(cut_off), len(others)) >= CLIENTS // 3  # each in its turn
    replicas.kill("replica-1")
    at_once(Visitor.come_back, cut_off)
    report(cut_off)
    assert not any(visitor.failures for visitor in cut_off)
    assert victim not in {visitor.process for visitor in cut_off}
    at_once(Visitor.look, others)
    assert not any(visitor.absences for visitor in others)
    assert crowd.nobody_is_signed_out()


@pytest.mark.slow
def test_rolling_restart(replicas: Replicas, crowd: Crowd) -> None:
    """All users move to the new processes, each loss as short as a browser's, none signed out."""
    former = set(replicas.pids().values())

    def move(visitor: Visitor) -> None:
        while visitor.process in former:
            visitor.come_back()

    replicas.roll()
    crowd.all(move)
    report(crowd.visitors)
    assert crowd.nobody_is_signed_out()

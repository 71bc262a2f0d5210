"""The health route."""

import asyncio
from threading import Event

import pytest
from starlette.applications import Starlette
from tests.support.asgi import Answer, request
from tests.support.clock import MovableClock
from tests.support.core_app import CoreApp

from streamlit_persistauth.web import health
from streamlit_persistauth.web.health import HEALTH_PATH, HealthRoute


class Store:
    """A store that counts the checks."""

    def __init__(self) -> None:
        """Create a store that responds."""
        self.well = True
        self.asked = 0

    def ask(self) -> bool:
        """Check the store."""
        self.asked += 1
        return self.well


@pytest.fixture
def store() -> Store:
    """The store behind the route."""
    return Store()


@pytest.fixture
def app(store: Store, clock: MovableClock) -> Starlette:
    """The route and nothing else."""
    return Starlette(routes=HealthRoute(store.ask, clock=clock).routes("/base"))


def get(app: Starlette, method: str = "GET") -> Answer:
    """Request the route."""
    return request(app, method, "/base" + HEALTH_PATH)


@pytest.mark.parametrize(("well", "status"), [(True, 200), (False, 503)])
def test_answer(app: Starlette, store: Store, status: int, *, well: bool) -> None:
    """The response is a status and one word, which no cache stores."""
    store.well = well
    answer = get(app)
    assert (answer.status, answer.json) == (status, {"ok": well})
    assert answer.all("cache-control") == ["no-store"]
    assert answer.cookies == []


@pytest.mark.parametrize("well", [True, False])
def test_clock_skew(store: Store, clock: MovableClock, *, well: bool) -> None:
    """A wrong clock is reported, and is no reason to take the server out of service."""
    store.well = well
    route = HealthRoute(store.ask, is_skewed=lambda: True, clock=clock)
    answer = get(Starlette(routes=route.routes("/base")))
    assert answer.status == (200 if well else 503)
    assert answer.json == {"ok": well, "clock_skewed": True}


def test_once_a_second(app: Starlette, store: Store, clock: MovableClock) -> None:
    """However many requests there are, the stores are checked once a second."""
    assert [get(app).status for _ in range(50)] == [200] * 50
    assert store.asked == 1
    store.well = False
    assert get(app).status == 200
    clock.move(seconds=1)
    assert [get(app).status for _ in range(50)] == [503] * 50
    assert store.asked == 2


def test_head(app: Starlette) -> None:
    """HEAD gets the same status as GET."""
    assert get(app, "HEAD").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods(app: Starlette, store: Store, method: str) -> None:
    """Every other method is refused, and nothing is checked."""
    answer = get(app, method)
    assert (answer.status, answer.all("allow")) == (405, ["GET, HEAD"])
    assert answer.all("cache-control") == ["no-store"]
    assert store.asked == 0


def test_many_at_once(clock: MovableClock) -> None:
    """Requests during a check wait for its result."""
    release, asked = Event(), []

    def ask() -> bool:
        asked.append(1)
        return release.wait(20)

    route = HealthRoute(ask, clock=clock)

    async def crowd() -> list[bool]:
        early = [asyncio.ensure_future(route._read()) for _ in range(100)]
        await asyncio.sleep(0)  # lets each of them begin
        clock.move(seconds=10)
        late = [asyncio.ensure_future(route._read()) for _ in range(100)]
        await asyncio.sleep(0)
        release.set()
        return list(await asyncio.gather(*early, *late))

    assert asyncio.run(crowd()) == [True] * 200
    assert len(asked) == 1


def test_store_that_hangs(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that does not respond in time is unreachable, and not checked again meanwhile."""
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.01)
    release, asked = Event(), []

    def ask() -> bool:
        asked.append(1)
        return release.wait(20)

    route = HealthRoute(ask, clock=clock)

    async def twice() -> list[bool]:
        answers = [await route._read()]
        clock.move(seconds=10)
        answers.append(await route._read())
        release.set()
        return answers

    assert asyncio.run(twice()) == [False, False]
    assert len(asked) == 1


def test_stores(core: CoreApp) -> None:
    """The stores of accounts and of sign-ins both have to respond."""
    assert core.purge.is_reachable()
    core.users.reset(fail_at=0)
    assert not core.purge.is_reachable()
    core.users.reset()
    core.tokens.reset(fail_at=0)
    assert not core.purge.is_reachable()

"""Calls of stores for the event loop."""

import asyncio
import multiprocessing
import threading
from collections.abc import Iterator
from threading import Event

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from tests.support.asgi import request
from tests.support.clock import MovableClock
from tests.support.core_app import CoreApp

from streamlit_persistauth import Authenticator
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.web import store_threads
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.health import HEALTH_PATH, HealthRoute
from streamlit_persistauth.web.reconnection import Reconnection
from streamlit_persistauth.web.request_cookies import RequestCookies
from streamlit_persistauth.web.route_paths import CHECK_PATH
from streamlit_persistauth.web.routes import CookieRoutes
from streamlit_persistauth.web.store_threads import SIZE, run_in_store_thread


def names() -> set[str]:
    """Return the threads of stores."""
    found = {thread.name for thread in threading.enumerate()}
    return {name for name in found if name.startswith("persistauth-store")}


def test_result() -> None:
    """The result and the error of a function reach the caller."""
    assert asyncio.run(run_in_store_thread(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(run_in_store_thread(divmod, 7, 0))


def divide_after_fork(answers: "multiprocessing.Queue[object]") -> None:
    """Answer what a call returns."""
    try:
        answers.put(asyncio.run(run_in_store_thread(divmod, 7, 2)))
    except StoreError as error:
        answers.put(str(error))


def test_fork() -> None:
    """A forked process, which has none of the threads, starts its own."""
    asyncio.run(run_in_store_thread(divmod, 7, 2))
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[object] = context.Queue()
    child = context.Process(target=divide_after_fork, args=(answers,))
    child.start()
    assert answers.get(timeout=60) == (3, 1)
    child.join(60)
    answers.close()
    answers.join_thread()


def test_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that find no free thread in time are not made; other threads stay free."""
    monkeypatch.setattr(store_threads, "QUEUE_SECONDS", 0.1)
    released, called = Event(), Event()

    async def ask() -> None:
        hanging = [
            asyncio.ensure_future(run_in_store_thread(released.wait, 20)) for _ in range(SIZE)
        ]
        await asyncio.sleep(0)  # so that they begin
        for _ in range(3):
            with pytest.raises(StoreError):
                await run_in_store_thread(called.set)
        assert await asyncio.to_thread(lambda: "free") == "free"
        assert len(names()) == SIZE
        released.set()
        assert await asyncio.gather(*hanging) == [True] * SIZE

    asyncio.run(ask())
    assert not called.is_set()


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have all threads of stores wait for a store that does not answer."""
    monkeypatch.setattr(store_threads, "QUEUE_SECONDS", 0.05)
    released = Event()
    jobs = [store_threads._pool.threads.submit(released.wait, 20) for _ in range(SIZE)]
    yield
    released.set()
    assert all(job.result() for job in jobs)


@pytest.mark.usefixtures("busy", "clean_machine")
def test_endpoint_while_busy() -> None:
    """An endpoint responds with 503."""

    @Authenticator().require_login()
    async def endpoint(request: Request) -> Response:
        return PlainTextResponse(request.method)

    answer = request(Starlette(routes=[Route("/", endpoint)]), "GET", "/")
    assert (answer.status, answer.json["code"]) == (503, "store_unavailable")


@pytest.mark.usefixtures("busy")
def test_routes_while_busy(core: CoreApp, clock: MovableClock) -> None:
    """The routes of the cookies and the health check respond with 503."""
    cookie = CookieRoutes(
        core.sessions, Cookies.below("", name="auth", embedded=False), clock=clock
    )
    health = HealthRoute(lambda: True, clock=clock)
    app = Starlette(routes=[*cookie.routes(""), *health.routes("")])
    sent = {"Host": "x", "Origin": "http://x", "Content-Type": "application/json"}
    assert request(app, "POST", CHECK_PATH, headers=sent, chunks=[b"{}"]).status == 503
    assert request(app, "GET", HEALTH_PATH).status == 503


@pytest.mark.usefixtures("busy")
def test_live_pages_while_busy(core: CoreApp) -> None:
    """Whether a sign-in is valid is unknown, as where a store fails."""
    cookies = RequestCookies(Cookies.below("", name="auth", embedded=False))
    session = core.sign_in(core.add_user())
    reconnection = Reconnection(cookies, core.sessions)
    assert asyncio.run(reconnection.is_live(session, used=True)) is None

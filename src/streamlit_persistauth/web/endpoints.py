"""The guard of routes: lets a request of a signed-in user pass, or answers it with a refusal."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException, WebSocketException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.status import WS_1008_POLICY_VIOLATION
from starlette.websockets import WebSocket

from streamlit_persistauth.core.accounts.roles import has_any
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.sessions.lifetime import is_recent
from streamlit_persistauth.errors import AuthError, NotAllowed, SignInRequired, StoreError
from streamlit_persistauth.models import User
from streamlit_persistauth.web.endpoint_signature import (
    CONNECTION,
    EndpointSignature,
    Kind,
    kind_of,
)
from streamlit_persistauth.web.incoming import Incoming
from streamlit_persistauth.web.request_users import RequestUsers
from streamlit_persistauth.web.store_threads import run_in_store_thread

HOME: Final = "streamlit_persistauth.home"
"""The key under which our middleware writes the path of the app's first page into a scope."""
NO_STORE: Final = {"Cache-Control": "no-store"}
_KEPT: Final = ("cache-control", "location")


@dataclass(frozen=True, slots=True)
class EndpointGuard:
    """Admits the requests of signed-in users to an endpoint.

    Attributes:
        request_users: Finds the user of a request.
        public_url: The address of the app, if it is known.
        clock: Returns the time.
    """

    request_users: RequestUsers
    public_url: str | None
    clock: Clock

    def admit(
        self,
        connection: HTTPConnection,
        roles: Sequence[str] | None,
        max_age: timedelta | None,
    ) -> User | Response:
        """Return the user of a request, or the response that refuses it. Reads the store."""
        request = Incoming.of(connection)
        try:
            found = self.request_users.find(request, used=True)
        except StoreError as error:
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, error)
        if found is None:
            return self._turn_away(connection, request)
        if not is_recent(found.session, max_age, self.clock()):
            return _refusal(HTTPStatus.UNAUTHORIZED, SignInRequired())
        if not has_any(found.user, roles):
            needed = tuple(roles or ())
            self._record_denial(found.user, needed, request)
            return _refusal(HTTPStatus.FORBIDDEN, NotAllowed(needed))
        return found.user

    def _turn_away(self, connection: HTTPConnection, request: Incoming) -> Response:
        """Return the response to a request without a valid sign-in."""
        if request.is_cross_site and self.request_users.has_credential(request):
            return _answer(HTTPStatus.FORBIDDEN, "cross_site", "Cross-site request refused.")
        home = self.public_url or connection.scope.get(HOME)
        if home and _opens_page(request) and urlsplit(home).path != connection.scope.get("path"):
            return RedirectResponse(home, HTTPStatus.SEE_OTHER, headers=NO_STORE)
        return _refusal(HTTPStatus.UNAUTHORIZED, SignInRequired())

    def _record_denial(self, user: User, needed: tuple[str, ...], request: Incoming) -> None:
        self.request_users.events.record(
            EventType.ACCESS_DENIED,
            user_id=user.id,
            client=request.client(self.request_users.trusted_proxies),
            needed=", ".join(needed),
        )


def guard_endpoint(
    function: Callable[..., Any],
    *,
    admit: Callable[[HTTPConnection], User | Response],
    call: Callable[[User, Sequence[Any], Mapping[str, Any]], Any],
    on_page: Callable[..., Any],
) -> Callable[..., Any]:
    """Return a function that is an endpoint if a request is among its arguments.

    Args:
        function: The function that the result replaces.
        admit: Returns the user of a request, or the response that refuses it. Blocks.
        call: Calls the function with a user and arguments.
        on_page: Guards a call without a request.
    """
    read = EndpointSignature.of(function, functools.partial(_admit_or_raise, admit))

    def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        if _is_awaited(function):
            return guarded_async(*args, **kwargs)
        connection = _connection_of(args, kwargs, read)
        if connection is None:
            return on_page(*args, **kwargs)
        admitted = admit(connection)
        return (
            call(admitted, args, kwargs)
            if isinstance(admitted, User)
            else _refused(function, connection, admitted)
        )

    async def guarded_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the same
        connection = _connection_of(args, kwargs, read)
        if connection is None:
            return await on_page(*args, **kwargs)
        admitted = await _admitted(admit, connection)
        if isinstance(admitted, User):
            return await call(admitted, args, kwargs)
        return await _refuse(function, connection, admitted)

    def guarded_stream(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the same
        admitted = kwargs.pop(read.admission, None)
        if isinstance(admitted, User):  # FastAPI has run the dependency
            return call(admitted, args, kwargs)
        return guarded(*args, **kwargs)

    made: Any = {Kind.COROUTINE: guarded_async, Kind.GENERATOR: guarded_stream}.get(
        kind_of(function), guarded
    )
    functools.update_wrapper(made, function)
    if read.signature is not None:
        made.__signature__ = read.signature
    return cast("Callable[..., Any]", made)


def _is_awaited(function: Callable[..., Any]) -> bool:
    """Return whether the event loop, on which this is called, awaits what a function returns.

    FastAPI does so for a plain decorator around a coroutine function; Starlette calls that on a
    thread.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return inspect.iscoroutinefunction(inspect.unwrap(function))


def _connection_of(
    args: Sequence[Any], kwargs: dict[str, Any], read: EndpointSignature
) -> HTTPConnection | None:
    """Return the request among arguments, and remove it if only the guard takes it."""
    given = [*args, *kwargs.values()]
    if not read.takes_connection:
        kwargs.pop(CONNECTION, None)
    return next((value for value in given if isinstance(value, HTTPConnection)), None)


async def _admitted(
    admit: Callable[[HTTPConnection], User | Response], connection: HTTPConnection
) -> User | Response:
    """Return the user of a request, or the response that refuses it."""
    try:
        return await run_in_store_thread(admit, connection)
    except StoreError as error:  # too many requests wait for the store already
        return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, error)


def _admit_or_raise(
    admit: Callable[[HTTPConnection], User | Response], connection: HTTPConnection
) -> User:
    admitted = admit(connection)
    if isinstance(admitted, User):
        return admitted
    raise _error(connection, admitted)


def _refused(
    function: Callable[..., Any], connection: HTTPConnection, refusal: Response
) -> Response:
    """Return the response that refuses a request, if an endpoint returns it.

    A dependency of FastAPI, and a function that an endpoint calls, raise it instead: the endpoint
    would run in spite of what they return. A generator raises it, because FastAPI would stream it.

    Raises:
        HTTPException: The function is not the endpoint of the request, or is a generator.
        WebSocketException: The same for a WebSocket.
    """
    endpoint = connection.scope.get("endpoint")
    if inspect.isclass(endpoint):
        endpoint = getattr(endpoint, getattr(function, "__name__", ""), None)
    is_endpoint = callable(endpoint) and inspect.unwrap(endpoint) is inspect.unwrap(function)
    if is_endpoint and kind_of(function) is not Kind.GENERATOR:
        return refusal
    raise _error(connection, refusal)


async def _refuse(
    function: Callable[..., Any], connection: HTTPConnection, refusal: Response
) -> Response | None:
    """Return the response that refuses a request, or close a WebSocket. Raises as `_refused`."""
    response = _refused(function, connection, refusal)
    if isinstance(connection, WebSocket):
        await connection.close(WS_1008_POLICY_VIOLATION)
        return None
    return response


def _error(connection: HTTPConnection, refusal: Response) -> HTTPException | WebSocketException:
    """Return the exception that refuses a request with the status of a response."""
    if isinstance(connection, WebSocket):
        return WebSocketException(WS_1008_POLICY_VIOLATION)
    kept = {name: refusal.headers[name] for name in _KEPT if name in refusal.headers}
    return HTTPException(refusal.status_code, headers=kept)


def _opens_page(request: Incoming) -> bool:
    """Return whether a browser opens a page by a request; no script of a page sends it."""
    accepts_html = "text/html" in request.headers.get("accept", "")
    mode = request.headers.get("sec-fetch-mode", "navigate")
    return request.method == "GET" and accepts_html and mode == "navigate"


def _refusal(status: HTTPStatus, error: AuthError) -> Response:
    return _answer(status, error.code, error.message)


def _answer(status: HTTPStatus, code: str, detail: str) -> Response:
    return JSONResponse({"code": code, "detail": detail}, status, headers=NO_STORE)
